"""The check of database and store: ``python -m stage5_files.check``. The rule: docs/stage5.md."""

from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.fixtures import Launcher

from .world import FINISH, OFFER, World, md5_of, pattern

CONTENT = pattern(20_000)


class Store:
    """The store of a server that can be stopped for a check."""

    def __init__(self, world: World, launch: Launcher) -> None:
        self.folder = world.ground.store
        self._flags = world.ground.file_flags()
        self._launch = launch

    def check(self, *flags: str, code: int) -> str:
        """Run the check and require its exit code; return what it printed."""
        program = self._launch("stage5.check", *self._flags, *flags)
        program.wait_exit(code=code, seconds=15)
        return "".join(program.stdout.tail())

    def content_of(self, data: bytes) -> Path:
        """Return the file in which this content lies."""
        files = (self.folder / "content").iterdir()
        return next(path for path in files if path.read_bytes() == data)


@pytest.mark.task("5.10", hint="What can bring a row and its bytes apart, if not the server?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8")
def test_the_check_finds_what_was_lost_damaged_or_left_over_and_repairs_it(
    one_apart: World, launch: Launcher
) -> None:
    store, ann = Store(one_apart, launch), one_apart.user()
    kept, lost, short, damaged = (
        ann.store(f"{name}.bin", CONTENT + name.encode())
        for name in ("kept", "lost", "short", "dam")
    )
    upload = ann.offer("open.bin", 10)
    ann.send(upload, b"12345")
    one_apart.end()
    store.content_of(CONTENT + b"lost").unlink()
    store.content_of(CONTENT + b"short").write_bytes(b"short")
    store.content_of(CONTENT + b"dam").write_bytes(CONTENT + b"DAM")
    (store.folder / "content" / ("0" * 32)).write_bytes(b"nobody's")
    said = store.check(code=1)
    for words in (f"file {lost} ", f"file {short} ", "0" * 32, "3 found"):
        check.that(words in said, f"the check names {words!r}: {said}")
    check.that(f"file {damaged} " not in said, "damage of the same size needs --deep")
    said = store.check("--deep", "--repair", code=0)
    check.that(f"file {damaged} " in said, f"with --deep it is found: {said}")
    check.that("agree" in store.check("--deep", code=0), "after the repair they agree")
    aside = sorted(path.read_bytes() for path in (store.folder / "damaged").iterdir())
    check.equal(aside, sorted([b"short", CONTENT + b"DAM"]), "what is set aside for a person")
    ann = ann.again(one_apart.files)
    check.equal(ann.listed_own(), [kept], "the files that are listed")
    check.equal(ann.fetch(kept)[1], CONTENT + b"kept", "the sound file")
    ann.ask(OFFER, data={"offset": 5}, filename="open.bin", size=10, upload=upload)
    ann.send(upload, b"67890", offset=5)
    ann.ask(FINISH, upload=upload, md5=md5_of(b"1234567890"))
