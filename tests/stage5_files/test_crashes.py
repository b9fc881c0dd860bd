"""SIGKILL at the worst moments: nothing that was answered is lost, nothing half is shown."""

import re
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.databases import Databases
from tests.kit.deadlines import eventually
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server
from tests.kit.wire_codec import Message

from .world import CANCEL, FINISH, OFFER, SEND, Connect, Ground, World, md5_of, pattern

CONTENT = pattern(3_000_000)


@pytest.mark.task("5.9", hint="What does the server know of an upload after it was killed?")
@pytest.mark.needs("5.2", "5.3")
def test_a_server_killed_in_the_middle_of_a_piece_goes_on_where_it_was(
    world: World, launch: Launcher
) -> None:
    server = launch("stage5.server", *world.ground.file_flags("killed store"))
    ann = world.user(server)
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
    server.kill()
    again = launch.again(server)
    ann = ann.again(again)
    check.equal(ann.fetch(kept)[1], b"answered before the crash", "the file from before")
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(names, ["kept.bin"], "the files that are listed")
    ann.ask(OFFER, data={"upload": upload, "offset": 2_222_222}, **offer)
    ann.send(upload, CONTENT[2_222_222:], offset=2_222_222)
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(CONTENT))["data"]["uid"]
    data, body = ann.fetch(uid)
    check.matches(data, {"path": "a", "md5": md5_of(CONTENT)}, "the file")
    check.equal(body, CONTENT, "the content")


@pytest.mark.task("5.9", hint="Where is it written that an upload has become a file?")
@pytest.mark.needs("5.2", "5.4")
def test_what_was_finished_or_cancelled_stays_so_after_a_crash(
    one_world: World, launch: Launcher
) -> None:
    server = launch("stage5.server", *one_world.ground.file_flags("second killed store"))
    ann = one_world.user(server)
    finished, cancelled = ann.offer("done.bin", 5), ann.offer("gone.bin", 5)
    ann.send(finished, b"12345")
    ann.send(cancelled, b"123")
    uid = ann.ask(FINISH, upload=finished, md5=md5_of(b"12345"))["data"]["uid"]
    ann.ask(CANCEL, upload=cancelled)
    server.kill()
    ann = ann.again(launch.again(server))
    ann.ask(FINISH, data={"uid": uid}, upload=finished, md5=md5_of(b"12345"))
    ann.ask(FINISH, test=104, upload=cancelled, md5=md5_of(b"123"))
    check.equal(ann.fetch(uid)[1], b"12345", "the content")


@pytest.mark.task(
    "5.9", hint="Between the file in its place and its row, the power fails. And then?"
)
@pytest.mark.needs("5.2", "5.4")
def test_content_in_its_place_without_a_row_is_still_an_upload(
    one_world: World, launch: Launcher
) -> None:
    server = launch("stage5.server", *one_world.ground.file_flags("third killed store"))
    ann = one_world.user(server)
    upload = ann.offer("whole.bin", 5)
    ann.send(upload, b"12345")
    server.kill()
    # What a crash between the two leaves behind.
    store = one_world.ground.folder / "third killed store"
    part = next(store.rglob(f"{upload}.part"))
    part.rename(store / "content" / upload)
    ann = ann.again(launch.again(server))
    offer: Message = {"filename": "whole.bin", "size": 5, "upload": upload}
    ann.ask(OFFER, data={"offset": 5}, **offer)
    uid = ann.ask(FINISH, upload=upload, md5=md5_of(b"12345"))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], b"12345", "the content")


@pytest.mark.task("5.9", hint="The bytes are in their place, the row cannot be written. And then?")
@pytest.mark.needs("5.2", "5.4")
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


@pytest.mark.task("5.9", hint="What could two servers in one store do to each other?")
def test_a_second_server_does_not_get_the_same_store(one_world: World, launch: Launcher) -> None:
    flags = one_world.ground.file_flags("locked store")
    first = launch("stage5.server", *flags)
    second = launch("stage5.server", *flags, ready=0)
    check.that(second.wait_exit(seconds=10) != 0, "the second server should not run")
    text = second.stderr.tail()
    check.that("--store" in "".join(text), "its error should name the remedy")
    first.assert_alive()


@pytest.mark.task("5.9", hint="Are names of users anywhere near a path?")
@pytest.mark.needs("5.2")
def test_nothing_in_the_store_is_called_as_a_user_says(one_world: World) -> None:
    ann = one_world.user()
    ann.store("my name.txt", b"x", path="my folder")
    ann.send(ann.offer("other name.txt", 2), b"x")
    for path in one_world.ground.store.rglob("*"):
        ours = re.fullmatch(r"incoming|content|lock.*|offers.log|[0-9a-f]{32}(\.part)?", path.name)
        check.that(ours, f"the store has an entry called {path.name}")
