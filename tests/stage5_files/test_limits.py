"""Size, quota: what one file and one user may take. The rule: DESIGN §2, "File server limits"."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.match import Only
from tests.kit.programs import Server
from tests.kit.wire_codec import Message

from .world import CANCEL, DELETE, FINISH, HELLO, OFFER, User, World, md5_of, pattern


@pytest.fixture
def ann(one_world: World, shared_server: Callable[..., Server]) -> User:
    """A user of a file server with small limits."""
    flags = one_world.ground.file_flags("small store")
    small = ("--max-size", "1000", "--quota", "2500")
    return one_world.user(shared_server("stage5.server", *flags, *small))


@pytest.mark.task("5.8", hint="When is the size of a file known?")
def test_a_file_over_the_size_limit_is_refused_when_it_is_offered(ann: User) -> None:
    limits = ann.connection.request(HELLO)["data"]["limits"]
    check.equal(limits["file"], 1000, "the limit that HELLO tells")
    ann.store("large.bin", b"x" * 1000)
    reply = ann.ask(OFFER, test=2, filename="larger.bin", size=1001)
    check.matches(reply, {"field": "size"}, "the refusal")


@pytest.mark.task("5.8", hint="Which uploads count before they have arrived?")
def test_uploads_count_by_their_announced_size(ann: User) -> None:
    first, _second = ann.offer("first.bin", 1000), ann.offer("second.bin", 1000)
    ann.ask(OFFER, test=2, filename="third.bin", size=501)
    ann.offer("small.bin", 500)
    ann.ask(OFFER, test=2, filename="drop.bin", size=1)
    ann.ask(CANCEL, upload=first)
    ann.offer("third.bin", 1000)


@pytest.mark.task("5.8", hint="What gives room back?")
def test_files_count_until_they_are_deleted_and_shared_content_counts_once(ann: User) -> None:
    content = pattern(1000)
    uid = ann.store("first.bin", content)
    ann.store("second.bin", b"y" * 1000)
    copy: Message = {"filename": "copy.bin", "size": 1000, "md5": md5_of(content)}
    copied = ann.ask(OFFER, data=Only({"uid": int}), **copy)["data"]["uid"]
    ann.ask(OFFER, test=2, filename="third.bin", size=501)
    ann.ask(DELETE, uid=uid)
    ann.ask(OFFER, test=2, filename="third.bin", size=501)
    ann.ask(DELETE, uid=copied)
    ann.store("third.bin", b"z" * 1000)


@pytest.mark.task("5.8", hint="Whose quota is it?")
def test_one_user_does_not_use_up_what_another_has(ann: User) -> None:
    other = ann.world.user(ann.connection.server)
    for number in range(2):
        ann.offer(f"{number}.bin", 1000)
    other.store("fine.bin", b"x" * 1000)


@pytest.mark.task("5.8", hint="Does a discarded upload still take room?")
def test_a_discarded_upload_gives_its_room_back(ann: User) -> None:
    for _ in range(3):
        upload = ann.offer("damaged.bin", 1000)
        ann.send(upload, b"x" * 1000)
        ann.ask(FINISH, test=1, upload=upload, md5=md5_of(b"other"))
