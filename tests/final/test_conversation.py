"""A real conversation, from registration to files, through the programs that people run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.databases import Database
from tests.kit.fixtures import Launcher

from .people import Person, Whole, as_shown, real_lines, spoken
from .real_files import check_same_tree, make_real_files

StartWhole = Callable[[Database], Whole]


@pytest.mark.timeout(120)
def test_three_people_talk_one_is_killed_and_misses_nothing(
    launch: Launcher, start_whole: StartWhole, database: Database, tmp_path: Path
) -> None:
    whole = start_whole(database)
    people = [
        Person(launch, whole, name, f"1380000000{i}", tmp_path / f"home{i}")
        for i, name in enumerate(("小明", "Alice", "مريم"))
    ]
    ming, alice, maryam = people
    lines = real_lines()
    third = len(lines) // 3

    # All three speak at once; everybody sees all of it, in one order.
    for said in lines[:third]:
        for person in people:
            person.terminal.send_line(said)
    for person in people:
        person.terminal.expect_line(rf"lobby #{3 * third} ", seconds=30)

    # One is killed in the middle; the others go on.
    maryam.terminal.kill()
    for said in lines[third:]:
        ming.terminal.send_line(said)
        alice.terminal.send_line(said)
    last = 3 * third + 2 * (len(lines) - third)
    for person in (ming, alice):
        person.terminal.expect_line(rf"lobby #{last} ", seconds=30)

    before = spoken(maryam)
    maryam.come_back()
    maryam.terminal.send_line(f"/history after {3 * third}")
    maryam.terminal.expect_line("end of history of lobby", seconds=30)

    talk = spoken(ming)
    check.equal([seq for seq, _, _ in talk], list(range(1, last + 1)), "the numbers 小明 saw")
    check.equal(spoken(alice), talk, "the talk as Alice saw it")
    check.equal(before, talk[: 3 * third], "the talk as مريم saw it before she was killed")
    missed = sorted({entry for entry in spoken(maryam) if entry[0] > 3 * third})
    check.equal(missed, talk[3 * third :], "what مريم read after she came back")
    for person, own in ((ming, lines), (alice, lines), (maryam, lines[:third])):
        heard = [text for _, name, text in talk if name == person.name]
        check.equal(heard, [as_shown(line) for line in own], f"what {person.name} said")
    for person in people:
        person.leave()
    whole.program.end()


@pytest.mark.timeout(180)
def test_a_folder_of_real_files_goes_up_and_comes_down_byte_identical(
    launch: Launcher, start_whole: StartWhole, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "给大家的文件"
    make_real_files(folder)
    whole = start_whole(database)
    ming = Person(launch, whole, "小明", "13800000000", tmp_path / "home0")
    alice = Person(launch, whole, "Alice", "13800000001", tmp_path / "home1")

    ming.do(f'/put "{folder}"', "uploaded .*图.png", seconds=60)
    ming.leave()
    alice.do("/ls", "图.png")
    alice.do(f'/get "{folder.name}" "{alice.home}"', "downloaded .*图.png", seconds=60)
    alice.leave()
    whole.program.end()
    check_same_tree(folder, alice.home / folder.name)
