"""One factor stretches every limit; waiting says what it waited for."""

import time
from collections.abc import Iterator

import pytest

from tests.kit import deadlines
from tests.kit.failure import CheckFailed


@pytest.fixture(autouse=True)
def factor_restored() -> Iterator[None]:
    before = deadlines._set_by_hand
    yield
    deadlines.set_factor(before)


def test_a_factor_set_by_hand_stretches_limits() -> None:
    deadlines.set_factor(3)
    assert deadlines.within(2) == 6
    assert deadlines.Deadline(2).seconds == 6


def test_the_measured_factor_is_between_one_and_ten() -> None:
    deadlines.set_factor(None)
    assert 1.0 <= deadlines.factor() <= deadlines.LARGEST_FACTOR


def test_a_busy_machine_stretches_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    deadlines.set_factor(None)
    monkeypatch.setattr(deadlines, "_measured", 1.0)
    monkeypatch.setattr(deadlines, "_measured_at", time.monotonic())
    monkeypatch.setattr("psutil.getloadavg", lambda: (8.0, 0, 0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert deadlines.factor() == 4.0


def test_waiting_returns_what_was_waited_for() -> None:
    looks = iter([0, "", None, "here"])
    assert deadlines.eventually(lambda: next(looks), why="it to come", poll=0) == "here"


def test_waiting_in_vain_says_for_what_and_what_was_seen() -> None:
    deadlines.set_factor(1)
    with pytest.raises(CheckFailed, match=r"waited 0\.1 s for the file; last seen: \[\]"):
        deadlines.eventually(list, why="the file", seconds=0.1)
