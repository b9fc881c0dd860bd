"""What never works is waited for briefly in the end; what worked once always has its time."""

from .patience import BRIEF_SECONDS, TRIES, Patience


def test_what_never_works_is_waited_for_in_full_several_times_and_then_briefly() -> None:
    patience = Patience()
    for _ in range(TRIES):
        assert patience.seconds("a", 15.0) == 15.0
        patience.in_vain("a")
    assert patience.seconds("a", 15.0) == BRIEF_SECONDS
    assert patience.seconds("a", 0.1) == 0.1  # never longer than it would have been
    assert patience.seconds("b", 15.0) == 15.0  # another program has its own


def test_what_was_late_once_has_less_time_from_then_on() -> None:
    patience = Patience()
    assert patience.seconds("a", 15.0, 3.0) == 15.0
    patience.in_vain("a")
    assert patience.seconds("a", 15.0, 3.0) == 3.0


def test_what_has_worked_once_keeps_its_time_however_often_it_fails() -> None:
    patience = Patience()
    for _ in range(2 * TRIES):
        patience.in_vain("a")
    patience.worked("a")
    assert patience.seconds("a", 15.0) == 15.0
    assert patience.seconds("a", 15.0, 3.0) == 3.0
