"""Fetch, list, delete, rooms: who may see which file. The rule: docs/protocol.md, ops 32 to 34."""

import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.wire_codec import Message

from .world import (
    CREATE,
    DELETE,
    FETCH,
    FINISH,
    JOIN,
    LEAVE,
    LIST,
    LOGOUT,
    OFFER,
    User,
    World,
    md5_of,
    pattern,
)

CONTENT = pattern(300_000)


@pytest.mark.task("5.6", hint="From which byte on does the body begin?")
@pytest.mark.points(2)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_download_goes_on_from_any_byte(ann: User) -> None:
    uid = ann.store("long.bin", CONTENT)
    for offset in (0, 1, 255_999, len(CONTENT) - 1, len(CONTENT)):
        data, body = ann.fetch(uid, offset=offset)
        check.matches(data, {"size": len(CONTENT), "md5": md5_of(CONTENT)}, "the whole file")
        check.equal(body, CONTENT[offset:], f"the bytes from {offset} on")
    for offset in (-1, len(CONTENT) + 1, 10**30):
        ann.ask(FETCH, test=100, uid=uid, offset=offset)


@pytest.mark.task("5.8", hint="What does a number that is no file's get?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_file_that_does_not_exist_is_not_found(ann: User) -> None:
    for uid in (0, -1, 2**31, 2**63, 10**40):
        ann.ask(FETCH, test=104, uid=uid)
        ann.ask(DELETE, test=104, uid=uid)
    ann.ask(FETCH, test=100, uid="1")
    ann.ask(FETCH, test=100)


@pytest.mark.task("5.5", hint="What does an entry of the list tell?")
@pytest.mark.points(2)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_everybody_sees_a_file_without_room(ann: User, ben: User) -> None:
    uid = ann.store("for all.txt", b"hello", path="docs")
    entry = next(entry for entry in ben.listed() if entry["uid"] == uid)
    expected = {
        "uid": uid,
        "filename": "for all.txt",
        "path": "docs",
        "size": 5,
        "md5": md5_of(b"hello"),
        "lx": "text/plain",
        "own": ann.name,
        "data": str,
    }
    check.matches(entry, expected, "the entry of the list")
    check.equal(ben.fetch(uid)[1], b"hello", "the content")


@pytest.mark.task("5.5", hint="How does a reader of a long list know that it goes on?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_list_comes_in_pages_by_uid(ann: User) -> None:
    before = max((entry["uid"] for entry in ann.listed()), default=0)
    uids = [ann.store(f"{number}.txt", b"x") for number in range(5)]
    first = ann.ask(LIST, after=before, limit=2, data={"more": True})["data"]["files"]
    check.equal([entry["uid"] for entry in first], uids[:2], "the first page")
    rest = ann.ask(LIST, after=uids[1], limit=3, data={"more": False})["data"]["files"]
    check.equal([entry["uid"] for entry in rest], uids[2:], "the second page")
    ann.ask(LIST, after=10**30, data={"files": [], "more": False})
    ann.ask(LIST, after=before, limit=10**30, data={"more": False})
    ann.ask(LIST, test=100, limit=0)


@pytest.mark.task("5.5", hint="How many entries of the longest names fit one frame?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_page_never_passes_what_a_frame_can_hold(one_world: World) -> None:
    ann, chat_room = one_world.user(), "crowd"
    ann.in_chat().request(CREATE, {"room": chat_room})
    name = "😀" * 255
    folder = "/".join(["😀" * 249] * 4)
    # Each entry takes more than 5,000 bytes.
    uids = [ann.store(name, b"", path=folder, room=chat_room) for _ in range(60)]
    page = ann.ask(LIST, room=chat_room, data={"more": True})["data"]["files"]
    check.that(40 <= len(page) < 60, f"one page has {len(page)} of 60 long entries")
    check.equal([entry["uid"] for entry in ann.listed(room=chat_room)], uids, "all pages")


@pytest.mark.task("5.8", hint="Where is it checked whether somebody is in the room?")
@pytest.mark.points(3.5)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5")
def test_a_file_in_a_room_is_for_its_members(ann: User, ben: User) -> None:
    room = f"r{ann.name}"
    ann.in_chat().request(CREATE, {"room": room})
    uid = ann.store("secret.txt", b"psst", room=room)
    check.that(ann.sees(uid, room=room), "a member should see the file in its room")
    check.that(not ann.sees(uid), "a room's file stands in the list for everyone")
    check.equal(ann.fetch(uid)[1], b"psst", "the content")
    ben.ask(FETCH, test=103, uid=uid)
    ben.ask(LIST, test=103, room=room)
    ben.ask(OFFER, test=103, filename="mine.txt", size=1, room=room)
    ben.in_chat().request(JOIN, {"room": room})
    check.equal(ben.fetch(uid)[1], b"psst", "what a new member fetches")
    ben.ask(DELETE, test=103, uid=uid)


@pytest.mark.task("5.8", hint="For how long may an old look into the members be believed?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5", "5.7")
def test_leaving_a_room_ends_access_within_a_second(ann: User, ben: User) -> None:
    room = f"r{ann.name}"
    ann.in_chat().request(CREATE, {"room": room})
    chat = ben.in_chat()
    chat.request(JOIN, {"room": room})
    uid = ann.store("secret.txt", b"psst", room=room)
    upload = ben.offer("begun.txt", 4, room=room)
    whole = ben.offer("whole.txt", 4, room=room)
    ben.send(whole, b"done")
    ben.fetch(uid)
    chat.request(LEAVE, {"room": room})

    def refused() -> bool:
        reply = ben.ask(FETCH, test=None, uid=uid)
        if reply["test"] == 0:
            ben.connection.recv_body()
        return bool(reply["test"] == 103)

    eventually(refused, why="the end of access", seconds=1)
    ben.ask(LIST, test=103, room=room)
    ben.send(upload, b"late", test=103)
    ben.ask(FINISH, test=103, upload=whole, md5=md5_of(b"done"))


@pytest.mark.task("5.8", hint="Which answer tells that there is no such room?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_room_that_does_not_exist_is_not_found(ann: User) -> None:
    ann.ask(OFFER, test=104, filename="a.txt", size=1, room="no such room")
    ann.ask(LIST, test=104, room="no such room")
    ann.ask(LIST, test=104, room="")


@pytest.mark.task("5.8", hint="Who may delete a file, and what is left of it?")
@pytest.mark.points(3)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5")
def test_only_its_owner_deletes_a_file_and_then_it_is_gone(ann: User, ben: User) -> None:
    content = pattern(5_000)
    uid = ann.store("short-lived.bin", content)
    ben.ask(DELETE, test=103, uid=uid)
    check.that(ben.sees(uid), "the file should still be there")
    ann.ask(DELETE, uid=uid)
    ann.ask(DELETE, test=104, uid=uid)
    ben.ask(FETCH, test=104, uid=uid)
    check.that(not ben.sees(uid), "a deleted file is listed")
    eventually(
        lambda: content not in stored_contents(ann.world), why="the content to be gone", seconds=5
    )


@pytest.mark.task("5.8", hint="Must the content be there for a file to be deleted?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_file_whose_content_is_lost_can_be_deleted(ann: User) -> None:
    uid = ann.store_and_lose("lost.bin", b"12345")
    ann.ask(DELETE, uid=uid)
    check.that(not ann.sees(uid), "LIST still shows a file that was deleted")


@pytest.mark.task("5.8", hint="Two files are one content. What may be deleted with the first?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
def test_shared_content_lives_as_long_as_one_of_its_files(ann: User) -> None:
    content = pattern(6_000)
    first = ann.store("one.bin", content)
    args: Message = {"filename": "two.bin", "size": len(content), "md5": md5_of(content)}
    second = ann.ask(OFFER, **args)["data"]["uid"]
    ann.ask(DELETE, uid=first)
    check.equal(ann.fetch(second)[1], content, "the other file")
    ann.ask(DELETE, uid=second)
    eventually(
        lambda: content not in stored_contents(ann.world), why="the content to be gone", seconds=5
    )


@pytest.mark.task("5.8", hint="How long may a session that has ended be believed?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5")
def test_after_logout_the_token_is_refused_within_a_second(one_world: World) -> None:
    ann = one_world.user()
    ann.listed()
    auth = ann.world.dial(ann.world.auth, f"{ann.name} at the account server")
    auth.request(LOGOUT, {"token": ann.token})
    eventually(lambda: ann.ask(LIST, test=None)["test"] == 102, why="the refusal", seconds=1)


@pytest.mark.task("5.5", hint="What tells the type of a file: its name, or what is in it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
@pytest.mark.parametrize(
    ("filename", "content", "told", "lx"),
    [
        ("a.png", b"not really", None, "image/png"),
        ("a.txt", b"\x89PNG\r\n\x1a\n....", None, "image/png"),
        ("a.txt", b"\x89PNG\r\n\x1a\n....", "text/plain", "image/png"),
        ("a.tar.gz", b"\x1f\x8b", None, "application/gzip"),
        ("README", b"some words", None, "text/plain"),
        ("README", b"\x00\x01", None, "application/octet-stream"),
        ("photo", b"\xff\xd8\xff\xe0", None, "image/jpeg"),
        ("a.xyz", b"...", "x-made/up", "x-made/up"),
        ("a.md", b"# told nothing", "", "text/markdown"),
        ("told nothing", b"GIF89a..", "", "image/gif"),
    ],
)
def test_the_type_comes_from_content_and_name(
    one_world: World, filename: str, content: bytes, told: str | None, lx: str
) -> None:
    ann = one_world.user()
    uid = ann.store(filename, content, lx=told)
    check.matches(ann.fetch(uid)[0], {"lx": lx}, "the type")


def stored_contents(world: World) -> list[bytes]:
    """Return the content of every file in the store, whatever it is called there."""
    return [path.read_bytes() for path in world.ground.store.rglob("*") if path.is_file()]
