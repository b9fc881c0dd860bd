"""What a mark becomes by the instructor's rules: late, excused, set by hand. Pure values, no clock.

Within the grace nothing is taken. After it, each begun day (or hour) after the deadline costs so
many percent of the mark, but at least ``floor`` percent of it are left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class LateRule:
    """The rule of the class. ``percent`` and ``floor`` are percent of the mark."""

    deadline: datetime
    percent: float
    per: str = "day"
    grace: timedelta = timedelta()
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one person or team only; None where the class's rule holds."""

    handed_in: datetime | None = None
    deadline: datetime | None = None
    excused: str | None = None  # why
    mark: float | None = None  # set by hand
    why: str = ""

    def over(self, other: "Terms") -> "Terms":
        """Return these terms, and the other's where these say nothing."""
        by_hand = self if self.mark is not None else other
        return Terms(
            self.handed_in or other.handed_in,
            self.deadline or other.deadline,
            self.excused if self.excused is not None else other.excused,
            by_hand.mark,
            by_hand.why,
        )


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Settled:
    """The mark after the rules, None for no mark, and in words what was done to it ("" nothing)."""

    mark: float | None
    words: str = ""
    is_excused: bool = False


def settle(score: float | None, terms: Terms, rule: LateRule | None) -> Settled:
    """Return what becomes of a score; ``score`` None means that there is none."""
    if terms.excused is not None:
        reason = f": {terms.excused}" if terms.excused else ""
        return Settled(None, f"Excused{reason}. This gets no mark.", is_excused=True)
    if terms.mark is not None:
        tests = "the tests gave no mark" if score is None else f"the tests gave {score:g}"
        return Settled(
            terms.mark, f"The mark was set by hand: {terms.mark:g} ({terms.why}); {tests}."
        )
    if score is None or rule is None or terms.handed_in is None:
        return Settled(score)
    return _after(score, terms.handed_in, terms.deadline or rule.deadline, rule)


def _after(score: float, handed_in: datetime, deadline: datetime, rule: LateRule) -> Settled:
    late = handed_in - deadline
    if late <= rule.grace:
        if late <= timedelta():
            return Settled(score)
        return Settled(score, f"Handed in {span(late)} after the deadline, within the grace.")
    begun = -(-late // UNITS[rule.per])
    kept = max(rule.floor, 100.0 - begun * rule.percent, 0.0)
    mark = round(score * kept / 100, 2)
    units = f"{begun} {rule.per}{'' if begun == 1 else 's'} begun"
    floor = f", at most {100 - rule.floor:g} %" if kept == rule.floor and rule.floor else ""
    return Settled(
        mark,
        f"Handed in {span(late)} after the deadline ({moment(deadline)}): {units}, each costs "
        f"{rule.percent:g} % of the mark{floor}. {score:g} becomes {mark:g}.",
    )


def span(time: timedelta) -> str:
    """Return a time in words, to the two largest units: 1 day 3 hours."""
    seconds = int(time.total_seconds())
    sizes = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    parts = []
    for name, size in sizes:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {name}{'' if number == 1 else 's'}")
    return " ".join(parts[:2]) or "no time"


def moment(time: datetime) -> str:
    """Return a moment as people and programs read it."""
    return time.isoformat(" ", "minutes")
