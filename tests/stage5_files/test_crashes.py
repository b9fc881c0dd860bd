"""SIGKILL at the worst moments: nothing that was answered is lost, nothing half is shown."""

import json
import os
import random
import re
import time
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.databases import Databases
from tests.kit.deadlines import eventually
from tests.kit.fixtures import Launcher
from tests.kit.judge import Attached
from tests.kit.match import OneOf
from tests.kit.programs import Server
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.wire_codec import Message

from .world import (
    CANCEL,
    DELETE,
    FETCH,
    FINISH,
    OFFER,
    SEND,
    Connect,
    Ground,
    User,
    World,
    md5_of,
    pattern,
)

CONTENT = pattern(3_000_000)


@pytest.mark.task("5.10", hint="What does the server know of an upload after it was killed?")
@pytest.mark.points(2)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5", "5.6")
def test_a_server_killed_in_the_middle_of_a_piece_goes_on_where_it_was(
    apart: World,
) -> None:
    ann = apart.user()
    kept = ann.store("kept.bin", b"answered before the crash")
    upload = ann.offer("big.bin", len(CONTENT), path="a")
    sender = ann.again(name=f"{ann.name}, sending")
    args: Message = {"token": ann.token, "upload": upload, "offset": 0}
    sender.connection.ask(SEND, args, body=len(CONTENT))
    sender.connection.send_body(CONTENT[:2_222_222])
    offer: Message = {"filename": "big.bin", "size": len(CONTENT), "upload": upload}
    eventually(
        lambda: ann.ask(OFFER, **offer)["data"]["offset"] == 2_222_222,
        why="the bytes of the unfinished piece",
    )
    apart.kill()
    ann = ann.again(apart.files)
    check.equal(ann.fetch(kept)[1], b"answered before the crash", "the file from before")
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(names, ["kept.bin"], "the files that are listed")
    ann.ask(OFFER, data={"upload": upload, "offset": 2_222_222}, **offer)
    ann.send(upload, CONTENT[2_222_222:], offset=2_222_222)
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    data, body = ann.fetch(uid)
    check.matches(data, {"path": "a", "md5": md5_of(CONTENT)}, "the file")
    check.equal(body, CONTENT, "the content")


@pytest.mark.task("5.10", hint="Where is it written that an upload has become a file?")
@pytest.mark.points(2)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
def test_what_was_finished_or_cancelled_stays_so_after_a_crash(one_apart: World) -> None:
    ann = one_apart.user()
    finished, cancelled = ann.offer("done.bin", 5), ann.offer("gone.bin", 5)
    ann.send(finished, b"12345")
    ann.send(cancelled, b"123")
    uid = ann.ask(FINISH, upload=finished, md5=md5_of(b"12345"))["data"]["uid"]
    ann.ask(CANCEL, upload=cancelled)
    one_apart.kill()
    ann = ann.again(one_apart.files)
    ann.ask(FINISH, data={"uid": uid}, upload=finished, md5=md5_of(b"12345"))
    ann.ask(FINISH, test=104, upload=cancelled, md5=md5_of(b"123"))
    check.equal(ann.fetch(uid)[1], b"12345", "the content")


@pytest.mark.task(
    "5.10", hint="Between the file in its place and its row, the power fails. And then?"
)
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.6")
def test_content_in_its_place_without_a_row_is_still_an_upload(one_apart: World) -> None:
    ann = one_apart.user()
    upload = ann.offer("whole.bin", 5)
    ann.send(upload, b"12345")
    one_apart.kill()
    # What a crash between the two leaves behind.
    store = one_apart.ground.store
    part = next(store.rglob(f"{upload}.part"))
    part.rename(store / "content" / upload)
    ann = ann.again(one_apart.files)
    offer: Message = {"filename": "whole.bin", "size": 5, "upload": upload}
    ann.ask(OFFER, data={"offset": 5}, **offer)
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(b"12345"))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], b"12345", "the content")


@pytest.mark.task("5.10", hint="The row of a deleted file is gone, its bytes are not. And then?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.8")
def test_bytes_that_a_killed_server_did_not_remove_any_more_go_at_the_next_start(
    one_apart: World,
) -> None:
    ann = one_apart.user()
    upload = ann.offer("deleted.bin", 5)
    ann.send(upload, b"12345")
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(b"12345"))["data"]["uid"]
    # A folder is not removed as a file is: so the server is killed before the bytes are gone.
    content = one_apart.ground.store / "content" / upload
    content.unlink()
    content.mkdir()
    ann.ask(DELETE, uid=uid)
    one_apart.kill()
    content.rmdir()
    content.write_bytes(b"12345")
    ann = ann.again(one_apart.files)
    eventually(lambda: not content.exists(), why="the bytes to be gone")


@pytest.mark.task("5.10", hint="What if the record of what was offered cannot be written anew?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
def test_a_log_of_offers_that_cannot_be_written_anew_goes_on(one_apart: World) -> None:
    ann = one_apart.user()
    in_the_way = one_apart.ground.store / "offers.new"  # as a full disk would be
    in_the_way.mkdir()
    uploads: list[str] = []
    while len(uploads) < 5001:  # with as many ends more lines than a log may have in vain
        for _ in range(667):
            ann.connection.ask(OFFER, {"token": ann.token, "filename": "a", "size": 1})
        uploads += [ann.connection.recv_message()["data"]["upload"] for _ in range(667)]
    for upload in uploads:
        ann.connection.ask(CANCEL, {"token": ann.token, "upload": upload})
    for _ in uploads:
        check.equal(ann.connection.recv_message()["test"], 0, "the answer to CANCEL")
    upload = ann.offer("after.bin", 5)
    in_the_way.rmdir()
    ann.send(upload, b"123")
    one_apart.kill()
    ann = ann.again(one_apart.files)
    ann.ask(OFFER, data={"offset": 3}, filename="after.bin", size=5, upload=upload)


@pytest.mark.task("5.10", hint="The bytes are in their place, the row cannot be written. And then?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
@pytest.mark.parts("mariadb")
def test_an_upload_survives_an_outage_of_the_database(
    grounds: Callable[[str], Ground],
    databases: Databases,
    shared_server: Callable[..., Server],
    connect: Connect,
) -> None:
    ann = World(grounds("mariadb"), shared_server, connect).user()
    upload = ann.offer("patient.bin", 5)
    ann.send(upload, b"12345")
    databases.mariadb().stop()
    ann.ask(FINISH, test=109, upload=upload, md5=md5_of(b"12345"))
    databases.mariadb().start()
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(b"12345"))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], b"12345", "the content")


@pytest.mark.task("5.10", hint="The commit is done, and nobody tells you. Is it a file or not?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
@pytest.mark.parts("mariadb")
@pytest.mark.parametrize("then", ["finished", "cancelled"])
def test_an_upload_whose_commit_was_not_answered_is_one_whole_file_whatever_comes_then(
    then: str,
    grounds: Callable[[str], Ground],
    databases: Databases,
    shared_server: Callable[..., Server],
    launch: Launcher,
    proxy: Callable[..., ServerProxy],
    connect: Connect,
) -> None:
    world = World(grounds("mariadb"), shared_server, connect)
    port = databases.mariadb().port
    before = proxy(Attached("MariaDB", "127.0.0.1", port))
    url = world.database.url.replace(f":{port}", f":{before.port}")
    flags = ("--db", url, "--store", str(world.ground.folder / f"store of what was {then}"))
    ann = world.user(launch("stage5.server", *flags))
    name = f"{then} by {ann.name}.bin"
    upload = ann.offer(name, 5)
    ann.send(upload, b"12345")
    trap = before.lose_answer(name.encode(), b"commit")
    # Both are right: the server may look at once, or say that it does not know.
    ann.ask(FINISH, test=OneOf(0, 109), upload=upload, md5=md5_of(b"12345"))
    check.that(trap.wait(0), "the answer to a commit was lost")
    if then == "finished":
        ann.ask(FINISH, upload=upload, md5=md5_of(b"12345"))
    else:
        ann.ask(CANCEL, test=104, upload=upload)
    uids = [entry["uid"] for entry in ann.listed() if entry["filename"] == name]
    check.equal(len(uids), 1, "how often the file is listed")
    check.equal(ann.fetch(uids[0])[1], b"12345", "the content")


@pytest.mark.task("5.10", hint="What could two servers in one store do to each other?")
def test_neither_a_second_server_nor_a_check_gets_the_same_store(
    one_apart: World, launch: Launcher
) -> None:
    flags, first = one_apart.ground.file_flags(), one_apart.files
    second = launch("stage5.server", *flags, ready=0)
    checking = launch("stage5.check", *flags)
    check.that(second.wait_exit(seconds=10) != 0, "the second server should not run")
    text = second.stderr.tail()
    check.that("--store" in "".join(text), "its error should name the remedy")
    checking.wait_exit(code=2, seconds=15)
    said = "".join(checking.stdout.tail())
    check.that("lock" in said, f"the check says that the store is in use: {said}")
    first.assert_alive()


@pytest.mark.task("5.10", hint="Are names of users anywhere near a path?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_nothing_in_the_store_is_called_as_a_user_says(one_world: World) -> None:
    ann = one_world.user()
    ann.store("my name.txt", b"x", path="my folder")
    ann.send(ann.offer("other name.txt", 2), b"x")
    for path in one_world.ground.store.rglob("*"):
        ours = re.fullmatch(r"incoming|content|lock.*|offers.log|[0-9a-f]{32}(\.part)?", path.name)
        check.that(ours, f"the store has an entry called {path.name}")


@pytest.mark.task("5.10", hint="When was anything heard of this upload for the last time?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.6", "5.7")
def test_an_upload_is_swept_away_a_day_after_its_last_byte(one_apart: World) -> None:
    ann, store = one_apart.user(), one_apart.ground.store
    old, new = ann.offer("old.bin", 5), ann.offer("new.bin", 5)
    for upload in (old, new):
        ann.send(upload, b"123")
    one_apart.end()
    two_days_ago = time.time() - 2 * 86400
    os.utime(next(store.rglob(f"{old}.part")), (two_days_ago, two_days_ago))
    log = store / "offers.log"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    for offer in (line["offer"] for line in lines if "offer" in line):
        offer["offered_at"] = two_days_ago
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    ann = ann.again(one_apart.files)
    eventually(lambda: not list(store.rglob(f"{old}.part")), why="the old upload to be gone")
    ann.ask(OFFER, test=104, filename="old.bin", size=5, upload=old)
    ann.ask(OFFER, data={"offset": 3}, filename="new.bin", size=5, upload=new)


@pytest.mark.timeout(1200)
@pytest.mark.task("5.10", hint="Kill it at any moment. What was promised, and what may be seen?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5", "5.7")
def test_killed_at_any_moment_nothing_answered_is_lost_and_nothing_half_is_listed(
    apart: World,
    launch: Launcher,
    dice: Callable[[object], random.Random],
    count: Callable[[int, int], int],
) -> None:
    ann = apart.user()
    contents: dict[str, bytes] = {}
    chance = dice("killed")
    answered: dict[str, int] = {}
    for round in range(count(2, 200)):
        batch = {f"{round}-{number}.bin": pattern(chance.randrange(9_000)) for number in range(24)}
        contents |= batch
        uploads = begin_all(ann, batch)
        for _ in range(chance.randrange(len(batch))):
            reply = ann.connection.recv_message()
            if reply["op"] == FINISH:
                check.equal(reply["test"], 0, "the answer to FINISH")
                answered[uploads[reply["id"]]] = reply["data"]["uid"]
        apart.kill()
        ann = ann.again(apart.files)
        found = {entry["uid"]: entry for entry in ann.listed() if entry["own"] == ann.name}
        for filename, uid in answered.items():
            check.that(uid in found, f"{filename} was answered with {uid} and is not listed")
        for uid, entry in found.items():
            wanted = contents[entry["filename"]]
            if entry["filename"] in batch:
                check.equal(ann.fetch(uid)[1], wanted, "the content of a file that is listed")
            check.equal(entry["md5"], md5_of(wanted), "its md5 in the list")
        names = [entry["filename"] for entry in found.values()]
        check.equal(len(names), len(set(names)), "no file is listed twice")
    apart.end()
    program = launch("stage5.check", *apart.ground.file_flags(), "--deep")
    program.wait_exit(code=0, seconds=20)


def begin_all(user: User, batch: dict[str, bytes]) -> dict[int, str]:
    """Offer files, then ask for all the rest without waiting; return FINISH's ids with names."""
    finishes = {}
    for filename, content in batch.items():
        upload = user.offer(filename, len(content))
        args: Message = {"token": user.token, "upload": upload}
        if content:
            user.connection.ask(SEND, {**args, "offset": 0}, body=len(content))
            user.connection.send_body(content)
            user.connection.recv_message()
        finishes[filename] = {**args, "md5": md5_of(content)}
    return {user.connection.ask(FINISH, args): name for name, args in finishes.items()}


@pytest.mark.task("5.6", hint="At which byte may a connection be cut?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_cut_at_random_bytes_a_file_arrives_byte_for_byte_both_ways(
    world: World, dice: Callable[[object], random.Random], count: Callable[[int, int], int]
) -> None:
    cuts = count(30, 4000)
    chance = dice("cuts")
    content = pattern(400_000)
    ann = world.user()
    done = 0
    while done < cuts:
        upload, offset = ann.offer("cut.bin", len(content)), 0
        args: Message = {"filename": "cut.bin", "size": len(content), "upload": upload}
        while done < cuts and offset < len(content) - 1:
            sender = ann.again(name="a sender who is cut off")
            piece: Message = {"token": ann.token, "upload": upload, "offset": offset}
            sender.connection.ask(SEND, piece, body=len(content) - offset)
            end = min(offset + chance.randrange(len(content) // 8), len(content) - 1)
            sender.connection.send_body(content[offset:end])
            sender.connection.half_close()
            sender.connection.expect_closed()
            offset = int(ann.ask(OFFER, **args)["data"]["offset"])
            check.equal(offset, end, "the byte that it reached")
            done += 1
        ann.send(upload, content[offset:], offset=offset)
        uid = ann.ask(FINISH, upload=upload, md5=md5_of(content))["data"]["uid"]
        got = bytearray()
        while len(got) < len(content):
            reader = ann.again(name="a reader who is cut off")
            reader.ask(FETCH, uid=uid, offset=len(got))
            size = min(chance.randrange(1, len(content) // 4), len(content) - len(got))
            got += reader.connection.recv_body(size)
            reader.connection.reset()
        check.equal(bytes(got), content, "what came down in pieces")
