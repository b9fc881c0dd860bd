"""Patterns of the small matching language: what must match, and what must not."""

import re

import pytest

from tests.kit import check
from tests.kit.failure import CheckFailed
from tests.kit.match import ABSENT, ANYTHING, OneOf, Only, differences

MATCH: list[tuple[object, object]] = [
    (1, 1),
    ("a", "a"),
    (None, None),
    (int, 5),
    (float, 5),
    (float, 5.5),
    (bool, True),
    (ANYTHING, {"deep": [1]}),
    (re.compile("a+"), "aaa"),
    (OneOf(1, str), "x"),
    ({"a": int}, {"a": 1, "more": 2}),
    ({"a": ABSENT}, {"b": 1}),
    ({"a": OneOf(ABSENT, None)}, {}),
    ([1, str], [1, "x"]),
    (Only({"a": 1}), {"a": 1}),
    ({"a": [{"b": int}]}, {"a": [{"b": 1, "c": 2}]}),
]
NO_MATCH: list[tuple[object, object, str]] = [
    (1, True, "(all)"),
    (1, 1.0, "(all)"),
    (int, True, "(all)"),
    (float, False, "(all)"),
    (re.compile("a+"), "aab", "(all)"),
    ({"a": {"b": int}}, {"a": {"b": "x"}}, "a.b"),
    ({"a": 1}, {}, "a"),
    ({"a": ABSENT}, {"a": None}, "a"),
    ({"a": 1}, [1], "(all)"),
    ([1], [1, 2], " (length)"),
    ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "a[1].b"),
    (Only({"a": 1}), {"a": 1, "b": 2}, "b"),
    (OneOf(1, 2), 3, "(all)"),
]


@pytest.mark.parametrize(("pattern", "value"), MATCH)
def test_these_match(pattern: object, value: object) -> None:
    assert differences(pattern, value) == []


@pytest.mark.parametrize(("pattern", "value", "path"), NO_MATCH)
def test_these_do_not_match_and_the_place_is_named(
    pattern: object, value: object, path: str
) -> None:
    assert [difference.path for difference in differences(pattern, value)] == [path]


def test_checks_say_what_was_expected_and_received() -> None:
    with pytest.raises(CheckFailed, match="the list: not what was expected") as caught:
        check.matches({"users": [1]}, {"users": [str]}, "the list")
    [difference] = caught.value.differences
    assert (difference.path, difference.expected, difference.received) == (
        "users[0]",
        "any str",
        "1",
    )
    with pytest.raises(CheckFailed) as other:
        check.equal(b"ab", b"ac", "the file")
    assert other.value.as_data()["bytes"]["first_wrong"] == 1  # type: ignore[index, call-overload]
    with pytest.raises(CheckFailed, match="too late"):
        check.that(False, "too late")
