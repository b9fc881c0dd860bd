"""Offer, send, finish: a file arrives whole or not. The rule: docs/protocol.md, ops 30 to 36."""

import psutil
import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.match import ABSENT
from tests.kit.wire_codec import Message

from .world import (
    CANCEL,
    DELETE,
    FETCH,
    FINISH,
    HELLO,
    LIST,
    OFFER,
    PING,
    SEND,
    User,
    World,
    md5_of,
    pattern,
)

CONTENT = pattern(100_000)


@pytest.mark.task("5.4", hint="What are the three steps from a file here to a file there?")
@pytest.mark.points(4)
@pytest.mark.needs("5.1", "5.2", "5.3")
def test_a_file_that_was_sent_comes_back_byte_for_byte(ann: User) -> None:
    upload = ann.offer("data.bin", len(CONTENT), path="a/b")
    ann.send(upload, CONTENT[:30_000])
    reply = ann.send(upload, CONTENT[30_000:], offset=30_000)
    check.matches(reply["data"], {"received": len(CONTENT)}, "the answer to SEND")
    uid = ann.ask(FINISH, data={"uid": int}, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    data, body = ann.fetch(uid)
    expected = {
        "filename": "data.bin",
        "path": "a/b",
        "size": len(CONTENT),
        "md5": md5_of(CONTENT),
        "lx": "application/octet-stream",
        "own": ann.name,
        "data": str,
    }
    check.matches(data, expected, "what FETCH says of the file")
    check.equal(body, CONTENT, "the content")


@pytest.mark.task("5.4", hint="Does a file of no bytes need a SEND?")
@pytest.mark.points(1)
@pytest.mark.needs("5.1", "5.2", "5.3")
def test_an_empty_file_needs_no_send(ann: User) -> None:
    upload = ann.offer("empty.txt", 0)
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(b""))["data"]["uid"]
    data, body = ann.fetch(uid)
    check.matches(data, {"size": 0, "md5": md5_of(b"")}, "what FETCH says of the file")
    check.equal(body, b"", "the content")
    uid = ann.store("empty folder", b"", lx="inode/directory")
    check.matches(ann.fetch(uid)[0], {"lx": "inode/directory"}, "what FETCH says of the folder")


@pytest.mark.task("5.4", hint="Is the name of a file what tells it from others?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.1", "5.2", "5.3")
def test_the_same_name_again_is_a_second_file(ann: User) -> None:
    first, second = ann.store("twice.txt", b"one"), ann.store("twice.txt", b"two")
    check.that(first != second, "two files have one uid")
    check.equal(ann.fetch(first)[1], b"one", "the first file")
    check.equal(ann.fetch(second)[1], b"two", "the second file")


NAMES = [
    "a",
    "with space.txt",
    " leading",
    ".hidden",
    "-rf",
    "你好.txt",
    "👨‍👩‍👧.png",
    "e\u0301 decomposed",
    "\u202egnp.exe",
    "CON",
    "a:b*c?",
    "%2e%2e%2f",
    "....",
    "x" * 255,
    "'; DROP TABLE file; --",
]


@pytest.mark.task("5.4", hint="Which names may travel, and are they kept exactly?")
@pytest.mark.points(2)
@pytest.mark.needs("5.1", "5.2", "5.3")
def test_any_name_travels_unchanged(ann: User) -> None:
    for name in NAMES:
        uid = ann.store(name, b"x", path=f"{name}/sub")
        check.matches(ann.fetch(uid)[0], {"filename": name, "path": f"{name}/sub"}, "the name")


@pytest.mark.task("5.4", hint="Which names could be a way out of a folder?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.1", "5.2", "5.3")
@pytest.mark.parametrize(
    "args",
    [
        {"filename": ""},
        {"filename": "."},
        {"filename": ".."},
        {"filename": "a/b"},
        {"filename": "a\\b"},
        {"filename": "a\nb"},
        {"filename": "a\x00b"},
        {"filename": "a\x7f"},
        {"filename": "x" * 256},
        {"path": "/etc"},
        {"path": "a//b"},
        {"path": "a/"},
        {"path": "a/../b"},
        {"path": "."},
        {"path": "a\\b"},
        {"path": "a/\x01"},
        {"path": "x" * 256},
        {"path": "x/" * 500 + "x"},
        {"size": -1},
        {"size": 2**62},
        {"size": 10**40},
        {"size": 5, "lx": "inode/directory"},
    ],
    ids=lambda args: ascii(str(args))[:30],
)
def test_a_name_or_size_that_breaks_its_rule_is_refused(one_world: World, args: Message) -> None:
    ann = one_world.user()
    ann.ask(OFFER, test=2, **{"filename": "fine.txt", "size": 1, **args})


@pytest.mark.task("5.4", hint="What does a field of the wrong kind cost?")
@pytest.mark.points(1)
@pytest.mark.needs("5.1", "5.2", "5.3")
@pytest.mark.parametrize(
    "args",
    [
        {"filename": 5},
        {"filename": None},
        {"size": "5"},
        {"size": 5.0},
        {"size": True},
        {"path": 1},
        {"lx": "no type"},
        {"md5": "abc"},
        {"room": 7},
    ],
    ids=str,
)
def test_a_field_of_the_wrong_kind_is_a_bad_request(one_world: World, args: Message) -> None:
    ann = one_world.user()
    field = next(iter(args))
    reply = ann.ask(OFFER, test=100, **{"filename": "fine.txt", "size": 1, **args})
    check.matches(reply, {"field": field}, "the refusal")


@pytest.mark.task("5.6", hint="How does a client learn where to go on?")
@pytest.mark.points(3)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_an_upload_goes_on_from_the_byte_it_reached(ann: User) -> None:
    upload = ann.offer("resumed.bin", len(CONTENT))
    ann.send(upload, CONTENT[:12_345])
    other = ann.again()
    args: Message = {"filename": "resumed.bin", "size": len(CONTENT), "upload": upload}
    other.ask(OFFER, data={"upload": upload, "offset": 12_345}, **args)
    other.send(upload, CONTENT[12_345:], offset=12_345)
    uid = other.ask(FINISH, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], CONTENT, "the content")


@pytest.mark.task("5.6", hint="What happens to the bytes of a SEND that is cut off?")
@pytest.mark.points(2.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_cut_connection_keeps_every_byte_that_arrived(ann: User) -> None:
    upload = ann.offer("cut.bin", len(CONTENT))
    first = ann.again(name=f"{ann.name}, who is cut off")
    piece: Message = {"token": ann.token, "upload": upload, "offset": 0}
    first.connection.ask(SEND, piece, body=len(CONTENT))
    first.connection.send_body(CONTENT[:77_777])
    first.connection.half_close()
    first.connection.expect_closed()
    args: Message = {"filename": "cut.bin", "size": len(CONTENT), "upload": upload}
    ann.ask(OFFER, data={"offset": 77_777}, **args)
    ann.send(upload, CONTENT[77_777:], offset=77_777)
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], CONTENT, "the content")


@pytest.mark.task("5.6", hint="Who closes the file when a piece has ended, and when it is cut off?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_piece_that_ended_or_was_cut_off_leaves_no_file_open(ann: User) -> None:
    process = psutil.Process(ann.connection.server.pid)
    upload = ann.offer("pieces.bin", 40)
    for offset in range(0, 40, 4):
        ann.send(upload, b"1234", offset=offset)
        piece: Message = {"token": ann.token, "upload": ann.offer("cut.bin", 10), "offset": 0}
        cut = ann.again(name="a sender who is cut off").connection
        cut.ask(SEND, piece, body=10)
        cut.send_body(b"12345")
        cut.half_close()
        cut.expect_closed()

    def parts() -> list[str]:
        return [found.path for found in process.open_files() if found.path.endswith(".part")]

    eventually(lambda: not parts(), why="the parts to be closed", seconds=5)


@pytest.mark.task("5.6", hint="Which offset is the only right one?")
@pytest.mark.points(2.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_piece_that_does_not_follow_is_refused_and_the_upload_lives(ann: User) -> None:
    upload = ann.offer("gaps.bin", 3000)
    ann.send(upload, b"a" * 1000)
    for offset in (0, 999, 1001, -1, 10**30):
        ann.send(upload, b"b" * 10, offset=offset, test=100)
    ann.send(upload, b"c" * 2001, offset=1000, test=106)
    ann.send(upload, b"", offset=1000)
    ann.send(upload, b"c" * 2000, offset=1000)
    content = b"a" * 1000 + b"c" * 2000
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(content))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], content, "the content")


@pytest.mark.task("5.6", hint="What becomes of the raw bytes behind a request that is refused?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_the_bytes_of_a_refused_piece_are_dropped_or_the_connection_ends(ann: User) -> None:
    ann.send("nonsense", b"x" * 65_536, test=104)
    ann.connection.barrier()
    args: Message = {"token": ann.token, "upload": "nonsense", "offset": 0}
    number = ann.connection.ask(SEND, args, body=65_537)
    ann.connection.expect_reply(number, SEND, test=104)
    ann.connection.expect_closed()
    ann = ann.again()
    upload = ann.offer("endless.bin", 5)
    ann.send(upload, b"1")
    # As many digits as a message may have; with the byte that is here it is one digit more.
    args = {"token": ann.token, "upload": upload, "offset": 1}
    number = ann.connection.ask(SEND, args, body=10**4300 - 1)
    ann.connection.expect_reply(number, SEND, test=106)
    ann.connection.expect_closed()


@pytest.mark.task("5.6", hint="Where may a body stand?")
def test_a_body_in_the_wrong_place_ends_the_connection(ann: User) -> None:
    ann.ask(SEND, test=100, upload="x", offset=0)  # and none where one must stand
    ann.connection.barrier()
    for op in (OFFER, PING):
        other = ann.again()
        number = other.connection.ask(op, {}, body=0)
        other.connection.expect_reply(number, op, test=100)
        other.connection.expect_closed()


@pytest.mark.task("5.6", hint="Who has an upload when two connections send it?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_of_two_connections_the_newest_has_the_upload(ann: User) -> None:
    upload = ann.offer("taken.bin", len(CONTENT))
    old, new = ann.again(name="the old connection"), ann.again(name="the new connection")
    args: Message = {"token": ann.token, "upload": upload, "offset": 0}
    number = old.connection.ask(SEND, args, body=len(CONTENT))
    old.connection.send_body(CONTENT[:50_000])
    # The new one asks until the old one's bytes are there, then goes on behind them.
    offer: Message = {"filename": "taken.bin", "size": len(CONTENT), "upload": upload}
    eventually(
        lambda: new.ask(OFFER, **offer)["data"]["offset"] >= 50_000, why="the old one's bytes"
    )
    new.send(upload, CONTENT[50_000:60_000], offset=50_000)
    old.connection.send_body(b"!" * 50_000)
    old.connection.expect_reply(number, SEND, test=103)
    new.send(upload, CONTENT[60_000:], offset=60_000)
    uid = new.ask(FINISH, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], CONTENT, "the content")


@pytest.mark.task("5.7", hint="When does a file begin to be listed?")
@pytest.mark.points(3)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5")
def test_only_finish_lists_a_file(ann: User) -> None:
    upload = ann.offer("not yet.bin", len(CONTENT))
    ann.send(upload, CONTENT[:-1])
    ann.ask(FINISH, test=2, upload=upload, md5=md5_of(CONTENT))
    ann.send(upload, CONTENT[-1:], offset=len(CONTENT) - 1)
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(names, [], "the files of this user")
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    check.that(ann.sees(uid), "a finished file should be listed")


@pytest.mark.task("5.7", hint="Which bytes is the md5 to be computed of?")
@pytest.mark.points(2.5)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5")
def test_another_md5_discards_the_upload(ann: User) -> None:
    upload = ann.offer("damaged.bin", len(CONTENT))
    ann.send(upload, CONTENT)
    ann.ask(FINISH, test=1, upload=upload, md5=md5_of(b"something else"))
    ann.ask(FINISH, test=104, upload=upload, md5=md5_of(CONTENT))
    ann.send(upload, b"", test=104)
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(names, [], "the files of this user")


@pytest.mark.task("5.7", hint="What does a malformed md5 say about the bytes?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_malformed_md5_is_refused_and_the_upload_lives(ann: User) -> None:
    upload = ann.offer("fine.bin", 5)
    ann.send(upload, b"12345")
    digest = md5_of(b"12345")
    for wrong in ("", "xyz", digest[:-1], digest + "0", digest[:-1] + "g", digest + "\n", 5):
        ann.ask(FINISH, test=100, upload=upload, md5=wrong)
    ann.ask(FINISH, upload=upload, md5=digest.upper())


@pytest.mark.task("5.7", hint="The answer to FINISH was lost. What does the client do?")
@pytest.mark.points(2)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5", "5.6")
def test_finish_again_gives_the_same_file(ann: User) -> None:
    upload = ann.offer("once.bin", 5)
    ann.send(upload, b"12345")
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(b"12345"))["data"]["uid"]
    again = ann.again()
    again.ask(FINISH, data={"uid": uid}, upload=upload, md5=md5_of(b"12345"))
    resumed: Message = {"filename": "once.bin", "size": 5, "upload": upload}
    again.ask(OFFER, data={"uid": uid, "offset": 5}, **resumed)
    again.send(upload, b"", offset=5, test=104)
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(names, ["once.bin"], "the files of this user")


@pytest.mark.task("5.7", hint="May one user know whether another has a certain file?")
@pytest.mark.points(2)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_content_is_shared_between_files_of_one_user_only(ann: User, ben: User) -> None:
    first = ann.store("first.bin", CONTENT)
    args: Message = {"filename": "second.bin", "size": len(CONTENT), "md5": md5_of(CONTENT)}
    second = ann.ask(OFFER, data={"uid": int, "upload": ABSENT}, **args)["data"]["uid"]
    check.that(first != second, "the copy should be a file of its own")
    data, body = ann.fetch(second)
    check.matches(data, {"filename": "second.bin", "md5": md5_of(CONTENT)}, "the copy")
    check.equal(body, CONTENT, "the content of the copy")
    ben.ask(OFFER, data={"uid": ABSENT, "upload": str, "offset": 0}, **args)
    ann.ask(OFFER, data={"uid": ABSENT}, **{**args, "size": len(CONTENT) - 1})


@pytest.mark.task("5.7", hint="Whose upload is it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_an_upload_of_somebody_else_or_none_is_not_found(ann: User, ben: User) -> None:
    upload = ann.offer("mine.bin", 5)
    for unknown in (upload, "", "nonsense", "../../etc/passwd", "x" * 10_000):
        ben.ask(OFFER, test=104, filename="mine.bin", size=5, upload=unknown)
        ben.send(unknown, b"12345", test=104)
        ben.ask(FINISH, test=104, upload=unknown, md5=md5_of(b""))
        ben.ask(CANCEL, test=104, upload=unknown)
    ann.send(upload, b"12345")
    # Another file does not take the place of the one that was offered.
    ann.ask(OFFER, test=2, filename="mine.bin", size=6, upload=upload)


@pytest.mark.task("5.7", hint="What is left of an upload that was cancelled?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_cancelled_upload_is_gone(ann: User) -> None:
    upload = ann.offer("cancelled.bin", 5)
    ann.send(upload, b"123")
    ann.ask(CANCEL, upload=upload)
    ann.ask(CANCEL, test=104, upload=upload)
    ann.send(upload, b"45", offset=3, test=104)
    store = ann.world.ground.store
    check.equal(list(store.rglob(f"*{upload}*")), [], "what the store holds of the upload")


@pytest.mark.task("5.7", hint="What is to be shared if the bytes are lost?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_content_that_the_store_has_lost_is_sent_again(ann: User) -> None:
    uid = ann.store_and_lose("lost.bin", b"12345")
    ann.ask(FETCH, test=104, uid=uid)
    copy: Message = {"filename": "again.bin", "size": 5, "md5": md5_of(b"12345")}
    ann.ask(OFFER, data={"upload": str, "offset": 0, "uid": ABSENT}, **copy)


@pytest.mark.task("5.7", hint="FINISH and CANCEL come at one moment. Which of them is right?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_an_upload_is_finished_or_cancelled_and_never_both(ann: User) -> None:
    other, content = ann.again(name="a connection that cancels"), pattern(1_500_000)
    for _ in range(10):
        upload = ann.offer("cancelled late.bin", len(content))
        ann.send(upload, content)
        args: Message = {"token": ann.token, "upload": upload}
        number = ann.connection.ask(FINISH, {**args, "md5": md5_of(content)})
        cancelled = other.ask(CANCEL, test=None, upload=upload)["test"]
        finished = ann.connection.expect_reply(number, FINISH, test=None)
        check.that(
            {cancelled, finished["test"]} == {0, 104},
            f"FINISH was answered {finished['test']}, CANCEL at the same moment {cancelled}",
        )
        if cancelled:
            uid = finished["data"]["uid"]
            check.equal(ann.fetch(uid)[1], content, "the file that was not cancelled")


@pytest.mark.task("5.8", hint="Is the login of a connection enough, or does each request count?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5", "5.7")
def test_every_request_needs_a_live_token(ann: User) -> None:
    upload, uid = ann.offer("any.bin", 5), ann.store("for all.bin", b"12345")
    for token, status in (("nonsense", 102), ("", 102), (None, 100), (5, 100)):
        ann.ask(OFFER, test=status, token=token, filename="a", size=1)
        ann.send(upload, b"12345", token=token, test=status)
        ann.ask(FINISH, test=status, token=token, upload=upload, md5=md5_of(b""))
        ann.ask(FETCH, test=status, token=token, uid=uid)
        ann.ask(LIST, test=status, token=token)
        ann.ask(DELETE, test=status, token=token, uid=uid)
        ann.ask(CANCEL, test=status, token=token, upload=upload)


@pytest.mark.task("5.5", hint="When may a frame of more than 16 KiB be sent?")
def test_a_live_token_raises_the_limit_of_frames(ann: User) -> None:
    limits = ann.connection.request(HELLO)["data"]["limits"]
    check.matches(limits, {"frame": 16 * 1024, "list": 500, "file": int, "text": 0}, "the limits")
    ann.listed()
    limits = ann.connection.request(HELLO)["data"]["limits"]
    check.equal(limits["frame"], 256 * 1024, "the limit of frames behind a live token")
