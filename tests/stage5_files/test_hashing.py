"""The md5 that is computed while the bytes move: FollowingMd5. The rule: docs/stage5.md."""

from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.probe import Probe, ProbeObject

from .world import md5_of, pattern

MEGABYTE = 1024 * 1024
CONTENT = pattern(5 * MEGABYTE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that a transfer has written."""
    path = tmp_path / "growing"
    path.write_bytes(CONTENT)
    return path


def following(probe: Probe, path: Path) -> ProbeObject:
    """Return the md5 that follows a file."""
    return probe.new("stage5_files:FollowingMd5", probe.new("pathlib:Path", str(path)))


@pytest.mark.task("5.3", hint="Which bytes belong to the digest: all, or the last ones?")
@pytest.mark.points(2)
def test_the_md5_is_of_all_that_the_file_has_grown_to(probe: Probe, file: Path) -> None:
    md5 = following(probe, file)
    check.equal(md5.call("hexdigest"), md5_of(b""), "the md5 of nothing")
    for size in (1, 300_000, 3 * MEGABYTE, 3 * MEGABYTE + 1, len(CONTENT)):
        md5.call("grown_to", size)
        check.equal(md5.call("hexdigest"), md5_of(CONTENT[:size]), f"the md5 of {size} bytes")
    check.equal(md5.call("hexdigest"), md5_of(CONTENT), "the md5, asked for once more")


@pytest.mark.task("5.3", hint="Are all bytes of the file bytes that will stay?")
@pytest.mark.points(1.5)
def test_bytes_that_nobody_spoke_of_are_left_out(probe: Probe, file: Path) -> None:
    md5 = following(probe, file)
    for size in (2 * MEGABYTE, 70_000):  # what was said before is not taken back
        md5.call("grown_to", size)
        check.equal(md5.call("hexdigest"), md5_of(CONTENT[: 2 * MEGABYTE]), "the md5")


@pytest.mark.task("5.3", hint="What is known of bytes before those that are handed over?")
@pytest.mark.points(1.5)
def test_bytes_that_are_handed_over_count_once_and_in_their_place(probe: Probe, file: Path) -> None:
    md5 = following(probe, file)
    for start, end in ((0, 1000), (5000, 6000), (1000, 5000), (5000, 6000)):
        md5.call("feed", probe.new("builtins:memoryview", CONTENT[start:end]), start)
    md5.call("grown_to", 7000)
    check.equal(md5.call("hexdigest"), md5_of(CONTENT[:7000]), "the md5")
