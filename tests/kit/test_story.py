"""What people read: steps, bytes, differences and logs, escaped and shortened."""

import pytest

from tests.kit import check, story, view
from tests.kit.failure import CheckFailed, Difference
from tests.kit.inside.values import Record
from tests.kit.report import render
from tests.kit.story import FIRST_STEPS, LAST_STEPS, STEP_BYTES


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    told = story.begin()
    for number in range(1000):
        told.tell("Ann", f"does thing {number}")
    numbers = [step.number for step in told.steps]
    assert len(numbers) == FIRST_STEPS + LAST_STEPS
    assert numbers[:2] == [1, 2] and numbers[-1] == 1000
    text = render({**told.as_data(), "message": "too long"})
    assert "… steps 6 to 980 left out" in text
    assert "1000. Ann does thing 999" in text


def test_a_long_line_of_a_programs_log_is_shown_shortened_and_its_neighbours_whole() -> None:
    log = f"a reset\n{'x' * 5000}\nTraceback"
    text = render({"programs": [{"name": "a server", "state": "running", "stderr": log}]})
    assert "| a reset\n" in text and "| Traceback" in text
    assert "x … 4,760 characters left out … x" in text


def test_a_step_keeps_a_part_of_many_bytes_and_tells_how_many_there_were() -> None:
    told = story.begin()
    told.tell("Ann", "sends", b"x" * 50_000_000)
    [step] = told.steps
    assert step.data is not None and len(step.data) == STEP_BYTES
    assert str(step).startswith("1. Ann sends 50,000,000 bytes: xxx")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grüße 你好 \U0001f600", "grüße 你好 \U0001f600"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\x00\r\x7f\u200b", "\\x00\\r\\x7f\\u200b"),
        ("\ud800", "\\ud800"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_only_what_cannot_do_harm_is_shown_as_it_is(text: str, shown: str) -> None:
    assert view.escape(text) == shown


@pytest.mark.parametrize(
    ("one", "two", "index"),
    [
        (b"", b"", None),
        (b"a", b"a", None),
        (b"a", b"b", 0),
        (b"", b"a", 0),
        (b"abc", b"ab", 2),
        (b"x" * 100_000 + b"a", b"x" * 100_000 + b"b", 100_000),
        (b"ab" * 1000, b"ab" * 999 + b"aX", 1999),
    ],
)
def test_the_first_difference_is_found(one: bytes, two: bytes, index: int | None) -> None:
    assert view.first_difference(one, two) == index


def test_the_caret_stands_under_the_byte_whose_number_is_given() -> None:
    data = bytes(range(256))
    lines = view.hex_window(data, 0x57).split("\n")
    row = next(line for line in lines if line.startswith("00000050"))
    caret = lines[lines.index(row) + 1]
    at = caret.index("^^")
    assert row[at : at + 2] == "57"
    assert len(lines) == 6


def test_a_missing_byte_has_a_caret_too() -> None:
    lines = view.hex_window(b"abc", 3).split("\n")
    assert lines[1].index("^^") == lines[0].index("63") + 3
    assert view.show_byte(b"abc", 3) == "the end"


def test_a_failure_travels_as_json_and_is_rendered_from_it() -> None:
    import json

    failure = CheckFailed(
        "it differs",
        expected={"a": b"\x00"},
        received=float("nan"),
        differences=[Difference("data.uid", "any int", "'x\\x1b'")],
        lines=["evidence \x1b[2J"],
    )
    data = json.loads(json.dumps(failure.as_data()))
    told = {"task": "3.1", "title": "a title", "hint": "Why?", "place": "tests/x.py:3"}
    text = render({**data, **told})
    assert text.startswith("Task 3.1: a title\n\nA question to start from: Why?\n\nWhat was wrong")
    assert "field     data.uid" in text and "evidence \\x1b[2J" in text
    assert text.endswith("The check stands in tests/x.py:3")
    assert "\x1b" not in text


def test_a_large_difference_travels_as_the_part_around_it() -> None:
    expected, received = b"a" * 20_000_000, b"a" * 10_000_000 + b"b" * 10_000_000
    data = CheckFailed("files differ", expected=expected, received=received).as_data()
    assert len(str(data)) < 40_000
    assert "number 10,000,000, counted from 0: expected 0x61 'a', received 0x62 'b'" in render(data)


def test_none_is_a_value_and_what_is_not_given_has_no_line() -> None:
    with pytest.raises(CheckFailed) as caught:
        check.equal(None, [1], "the answer")
    text = render(caught.value.as_data())
    assert "the answer: not what was expected\n  expected  [1]\n  received  None" in text
    with pytest.raises(CheckFailed) as caught:
        check.equal(0, None, "the answer")
    assert "  expected  None\n  received  0" in render(caught.value.as_data())
    bare = CheckFailed("it differs").as_data()
    assert not {"expected", "received"} & set(bare)
    # As older results have it.
    assert "expected" not in render({**bare, "expected": None, "received": 1})


def test_bytes_among_other_values_are_written_as_python_does() -> None:
    def received(value: object) -> str:
        text = render(CheckFailed("it differs", received=value).as_data())
        return text.partition("  received  ")[2]

    assert received([b'{"op":39', "é", None]) == "[b'{\"op\":39', 'é', None]"
    assert received({"a": (b"\x00\x1b",)}) == "{'a': (b'\\x00\\x1b',)}"
    assert received([Record("User", {"name": b"ann"})]) == "[User(name=b'ann')]"
    assert received(b"\xff") == "b'\\xff'"
    long = received([b"x" * 5000, b"y"])
    assert long.endswith(" … 5,000 bytes in all, b'y']") and len(long) < 200
    assert received([1, {"a": None}]) == '[1, {"a": null}]'
