"""Whose submission is whose, and what a mark becomes by the late rule, excuses, marks by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .failure import HarnessError
from .grading.classbook import Classbook, lay_beside, missing_words
from .grading.collecting import Found
from .grading.lateness import LateRule, Settled, Terms, settle
from .grading.lms_names import LmsName, read
from .grading.results import TROUBLE, Result
from .grading.roster import read_roster
from .test_grade import check

DEADLINE = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULE = LateRule(DEADLINE, 10, "day", timedelta(minutes=15), floor=50)
CLASS = """
[late]
deadline = 2026-03-02T12:00:00Z
percent = 10
per = "hour"

[[person]]
id = "s1"
name = "Ann Lee"
moodle = 12345

[[person]]
id = "s2"
name = "Bob 王"
canvas = "678"
handed_in = 2026-03-02T13:30:00Z

[[person]]
id = "s3"
name = "Cy Young"

[[person]]
id = "s4"
name = "Dee Young"
excused = "ill"

[[person]]
id = "s5"
name = "Eve"

[[team]]
name = "red"
members = ["s3", "s4"]
handed_in = 2026-03-02T12:10:00Z
"""


def submissions(*names: str) -> list[Found]:
    return [Found(name, name, Path(f"{name}.zip")) for name in names]


def book(folder: Path, text: str, *names: str) -> Classbook:
    path = folder / "roster.toml"
    path.write_text(text, "utf-8")
    return lay_beside(read_roster(path), submissions(*names))


def settled(book: Classbook, name: str, score: float = 80) -> Result:
    result = Result(name, name, "stage1_echo", checks=[check("1.1", "passed", 100, score)])
    book.settle(result)
    return result


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Ann Lee_12345_assignsubmission_file_", LmsName("moodle", "Ann Lee", "12345")),
        ("Participant_123_assignsubmission_file", LmsName("moodle", "Participant", "123")),
        ("王小明_7_assignsubmission_file_stage2", LmsName("moodle", "王小明", "7")),
        ("leeann_123_456_stage2", LmsName("canvas", "leeann", "123")),
        ("leeann_LATE_123_456_stage2", LmsName("canvas", "leeann", "123", True)),
        ("ann", None),
        ("stage_2 of ann", None),
    ],
)
def test_the_names_that_an_lms_makes_are_read(name: str, told: LmsName | None) -> None:
    assert read(name) == told


@pytest.mark.parametrize(
    ("late", "mark", "words"),
    [
        (timedelta(0), 80, ""),
        (timedelta(minutes=15), 80, "15 minutes after the deadline, within the grace"),
        (timedelta(minutes=16), 72, "1 day begun, each costs 10 % of the mark. 80"),
        (timedelta(days=1), 72, "1 day begun"),
        (timedelta(days=1, seconds=1), 64, "1 day 1 second after the deadline (2026-03-02 12:00"),
        (timedelta(days=99), 40, "10 % of the mark, at most 50 %. 80 becomes 40"),
    ],
)
def test_each_begun_day_costs_its_percent_down_to_the_floor(
    late: timedelta, mark: float, words: str
) -> None:
    found = settle(80, Terms(handed_in=DEADLINE + late), RULE)
    assert found.mark == mark
    assert words in found.words and bool(found.words) == bool(words)


def test_what_holds_for_one_comes_before_what_holds_for_all() -> None:
    late = DEADLINE + timedelta(days=3)
    assert settle(80, Terms(late, deadline=late), RULE) == Settled(80)
    assert settle(80, Terms(), RULE) == Settled(80)  # nobody knows when it came
    assert settle(80, Terms(late), None) == Settled(80)
    assert settle(None, Terms(late), RULE) == Settled(None)
    excused = settle(80, Terms(late, excused="ill"), RULE)
    assert excused.mark is None and excused.is_excused and excused.words.startswith("Excused: ill.")
    by_hand = settle(80, Terms(late, mark=95, why="shown"), RULE)
    assert by_hand == Settled(95, "The mark was set by hand: 95 (shown); the tests gave 80.")
    merged = Terms(late, mark=1, why="own").over(Terms(mark=2, why="team", deadline=late))
    assert merged == Terms(late, late, None, 1, "own")


def test_submissions_find_their_people_by_number_and_by_name(tmp_path: Path) -> None:
    names = ("A. L._12345_assignsubmission_file_", "bob_678_9_x", "RED", "somebody")
    found = book(tmp_path, CLASS, *names)
    owners = {name: [person.id for person in each.people] for name, each in found.owners.items()}
    assert owners == {names[0]: ["s1"], names[1]: ["s2"], "RED": ["s3", "s4"]}
    assert "nobody in the roster handed in somebody; it is graded" in found.warnings
    assert any("no handed_in for" in line and "A. L." in line for line in found.warnings)
    assert missing_words(found) == "1 in the roster handed in nothing: Eve (s5)"
    assert settled(found, "somebody").people == []
    bob = settled(found, "bob_678_9_x")
    assert (bob.score, bob.mark) == (80, 64)
    assert "2 hours begun" in bob.rule
    team = settled(found, "RED")
    assert team.team == "red" and team.mark == 72
    marks = {p["id"]: (p["mark"], p["excused"]) for p in team.people}
    assert marks == {"s3": (72, False), "s4": (None, True)}
    failed = Result("RED", "RED", "stage1_echo", status=TROUBLE)
    found.settle(failed)
    assert failed.mark is None


def test_late_in_a_name_is_told_and_takes_nothing(tmp_path: Path) -> None:
    text = CLASS.replace("handed_in = 2026-03-02T13:30:00Z", "")
    found = book(tmp_path, text, "bob_LATE_678_9_x")
    assert "Canvas calls it late, the roster says nothing: bob_LATE_678_9_x" in found.warnings
    assert settled(found, "bob_LATE_678_9_x").mark == 80


def test_without_a_roster_the_name_still_tells_the_number() -> None:
    result = settled(Classbook(), "Ann Lee_12345_assignsubmission_file_")
    (person,) = result.people
    assert (person["name"], person["moodle"], person["mark"]) == ("Ann Lee", "12345", 80)


TEAM = '[[team]]\nname = "t"\nmembers = ["a"]\n'
TWO = '[[person]]\nid = "a"\nname = "Ann"\n[[person]]\nid = "b"\nname = "Ann"\n'


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        ("", [], "holds no [[person]]"),
        ("x", [], "is not TOML"),
        ('[[person]]\nid = "a"', [], "person 1: has no name"),
        (TWO.replace('"b"', '"a"'), [], "person 2: the id 'a' is there twice"),
        (TWO, ["ann"], "ann may be of Ann (a), Ann (b): say whose with submission ="),
        (TWO + 'submission = "gone.zip"', ["x"], "'gone.zip', which is not there; there are: x"),
        (
            TWO + 'submission = "x"\n[[team]]\nname = "t"\nmembers = ["a"]\nsubmission = "x"',
            [],
            "x'",
        ),
        (
            TWO + 'canvas = "1"',
            ["ann_1_2_a", "ann_1_3_b"],
            "Ann (b) has two submissions, ann_1_2_a",
        ),
        (TWO + '[[team]]\nname = "t"\nmembers = ["c"]', [], "'c' is nobody's id"),
        (
            TWO + '[[team]]\nname = "t"\nmembers = ["a"]\n[[team]]\nname = "u"\nmembers = ["a"]',
            [],
            "t and u: both have members 'a'",
        ),
        (TWO + "mark = 5", [], "person 2 (b): mark needs its reason"),
        (TWO + 'mark = "5"', [], "mark is '5', it wants a number"),
        (TWO + "mark = -1\nwhy = 'x'", [], "mark is -1, allowed are 0 to 1000"),
        (TWO + "handed_in = 2026-03-02T12:00:00", [], "wants a moment with its time zone"),
        (TWO + "grade = 5", [], "person 2: has no 'grade'; allowed: canvas, deadline,"),
        ("[late]\npercent = 5\n" + TWO, [], "[late]: has no deadline"),
        ("[late]\ndeadline = 2026-03-02T12:00:00Z\n" + TWO, [], "what does a begun day cost?"),
        (
            "[late]\ndeadline = 2026-03-02T12:00:00Z\npercent = 5\nper = 'week'\n" + TWO,
            [],
            "per is 'week', allowed are: day, hour",
        ),
    ],
)
def test_each_mistake_in_a_roster_is_told(
    tmp_path: Path, text: str, names: list[str], words: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        book(tmp_path, text, *names)
    assert words in str(raised.value)


def test_a_roster_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="--roster: cannot read"):
        read_roster(tmp_path / "gone.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe4"')
    with pytest.raises(HarnessError, match="is not UTF-8"):
        read_roster(tmp_path / "latin.toml")


def test_submissions_of_nobody_are_told_in_one_line(tmp_path: Path) -> None:
    found = book(tmp_path, CLASS, "x", "y")
    assert found.warnings == ["nobody in the roster handed in x, y; they are graded"]
