"""What never works is waited for briefly in the end; what worked once always has its time."""

from .patience import AGAIN_SECONDS, BRIEF_SECONDS, TRIES, Patience, Tries


def test_what_never_works_is_waited_for_in_full_several_times_and_then_briefly() -> None:
    others_work = Tries({"c"})
    patience = Patience(others_work)
    for _ in range(TRIES):
        assert patience.seconds("a", 15.0) == 15.0
        patience.in_vain("a")
    assert patience.seconds("a", 15.0) == BRIEF_SECONDS
    assert patience.seconds("a", 0.1) == 0.1  # never longer than it would have been
    assert patience.seconds("b", 15.0) == 15.0  # another program has its own


def test_what_was_late_once_has_less_time_from_then_on() -> None:
    patience = Patience(Tries({"c"}))
    assert patience.seconds("a", 15.0, 3.0) == 15.0
    patience.in_vain("a")
    assert patience.seconds("a", 15.0, 3.0) == 3.0


def test_what_has_worked_once_keeps_its_time_however_often_it_fails() -> None:
    patience = Patience(Tries())
    for _ in range(2 * TRIES):
        patience.in_vain("a")
    patience.worked("a")
    assert patience.seconds("a", 15.0) == 15.0
    assert patience.seconds("a", 15.0, 3.0) == 3.0


def test_where_nothing_has_worked_each_kind_of_thing_begins_with_less_time() -> None:
    everything = Tries()
    imports, ready = Patience(everything), Patience(everything)
    for _ in range(TRIES):
        assert ready.seconds("a server", 15.0) == 15.0
        imports.in_vain("a probe")
    assert ready.seconds("a server", 15.0) == AGAIN_SECONDS
    ready.in_vain("a server")
    assert ready.seconds("a server", 15.0) == BRIEF_SECONDS
    imports.worked("a probe")
    assert ready.seconds("a server", 15.0) == 15.0
