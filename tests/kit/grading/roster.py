"""The roster: who the submissions belong to, and the rules for their marks.

```toml
[late]                                    # may be missing: then nothing is taken
deadline = 2026-03-02T23:59:00+08:00
percent = 10                              # of the mark, for each begun …
per = "day"                               # … day or hour
grace_minutes = 15
floor = 50                                # so many percent of the mark are left in any case

[[person]]
id = "s101"
name = "Ann Lee"
email = "ann@example.org"
moodle = "12345"                          # the number in Moodle's folder names and worksheet
canvas = "678"                            # the ID in Canvas
submission = "ann.zip"                    # only where neither names nor numbers tell
handed_in = 2026-03-03T08:00:00+08:00     # without it nothing is taken for lateness
deadline = 2026-03-09T23:59:00+08:00      # this person's own
excused = "ill"                           # no mark, and why
mark = 90                                 # set by hand, with its reason
why = "shown in person"

[[team]]                                  # one submission, and all members get its mark
name = "red"
members = ["s101", "s102"]                # submission, handed_in, deadline, excused, mark: as above
```

What a member's own entry says comes before what the team's says.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..failure import HarnessError
from .lateness import NO_TERMS, UNITS, LateRule, Terms

TERMS = {"handed_in", "deadline", "excused", "mark", "why", "submission"}
PERSON = {"id", "name", "email", "moodle", "canvas"} | TERMS
TEAM = {"name", "members"} | TERMS
LATE = {"deadline", "percent", "per", "grace_minutes", "floor"}
HIGHEST_MARK = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gets a mark."""

    id: str
    name: str
    email: str = ""
    moodle: str = ""
    canvas: str = ""
    submission: str = ""
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class Team:
    """People who hand in one submission."""

    name: str
    members: tuple[str, ...]
    submission: str = ""
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class Roster:
    """All of it. ``people`` is by id, in the file's order."""

    late: LateRule | None
    people: Mapping[str, Person]
    teams: tuple[Team, ...]


def read_roster(path: Path) -> Roster:
    """Read a roster; raises HarnessError with file and place for whatever is wrong in it."""
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise HarnessError(f"--roster: cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise HarnessError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise HarnessError(f"{path} is not TOML: {error}") from error
    return _Reader(path).roster(table)


class _Reader:
    """Reads the parts; every error begins with the file and the entry."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def roster(self, table: Mapping[str, Any]) -> Roster:
        self._known(table, {"late", "person", "team"}, "the roster")
        if "late" in table and not isinstance(table["late"], dict):
            raise self._wrong("[late]", "is a table: [late] in a line of its own")
        late = self._late(table["late"]) if "late" in table else None
        people: dict[str, Person] = {}
        for number, entry in enumerate(self._tables(table, "person"), 1):
            person = self._person(entry, f"person {number}")
            if person.id in people:
                raise self._wrong(f"person {number}", f"the id {person.id!r} is there twice")
            people[person.id] = person
        self._once("moodle", [(p.id, p.moodle) for p in people.values()])
        self._once("canvas", [(p.id, p.canvas) for p in people.values()])
        teams = [self._team(t, n, people) for n, t in enumerate(self._tables(table, "team"), 1)]
        self._once("members", [(team.name, one) for team in teams for one in team.members])
        self._once("name of a team", [(team.name, team.name) for team in teams])
        claims = [(p.id, p.submission) for p in people.values()]
        self._once("submission", claims + [(team.name, team.submission) for team in teams])
        if not people:
            raise HarnessError(f"{self._path} holds no [[person]]")
        return Roster(late, people, tuple(teams))

    def _late(self, entry: Mapping[str, Any]) -> LateRule:
        where = "[late]"
        self._known(entry, LATE, where)
        deadline = self._moment(entry, "deadline", where)
        if deadline is None:
            raise self._wrong(where, "has no deadline")
        per = entry.get("per", "day")
        if per not in UNITS:
            raise self._wrong(where, f"per is {per!r}, allowed are: {', '.join(UNITS)}")
        grace = self._number(entry, "grace_minutes", where, 0, 100_000) or 0.0
        percent = self._number(entry, "percent", where, 0, 100)
        if percent is None:
            raise self._wrong(where, "has no percent: what does a begun day cost?")
        floor = self._number(entry, "floor", where, 0, 100) or 0.0
        return LateRule(deadline, percent, per, timedelta(minutes=grace), floor)

    def _person(self, entry: Mapping[str, Any], where: str) -> Person:
        self._known(entry, PERSON, where)
        texts = {name: self._text(entry, name, where) for name in sorted(PERSON - TERMS)}
        for name in ("id", "name"):
            if not texts[name]:
                raise self._wrong(where, f"has no {name}")
        where = f"{where} ({texts['id']})"
        submission = self._text(entry, "submission", where)
        return Person(**texts, submission=submission, terms=self._terms(entry, where))

    def _team(self, entry: Mapping[str, Any], number: int, people: Mapping[str, Person]) -> Team:
        where = f"team {number}"
        self._known(entry, TEAM, where)
        name = self._text(entry, "name", where)
        if not name:
            raise self._wrong(where, "has no name")
        members = entry.get("members")
        if not isinstance(members, list) or not members:
            raise self._wrong(where, 'has no members: members = ["s101", "s102"]')
        for member in members:
            if member not in people:
                raise self._wrong(where, f"its member {member!r} is nobody's id in [[person]]")
        submission = self._text(entry, "submission", where)
        return Team(name, tuple(members), submission, self._terms(entry, where))

    def _terms(self, entry: Mapping[str, Any], where: str) -> Terms:
        excused = entry.get("excused")
        if excused is not None and not isinstance(excused, str | bool):
            raise self._wrong(where, f'excused is {excused!r}, it wants the reason: "ill"')
        if isinstance(excused, bool):
            excused = "" if excused else None
        mark = self._number(entry, "mark", where, 0, HIGHEST_MARK)
        why = self._text(entry, "why", where)
        if mark is not None and not why:
            raise self._wrong(where, 'mark needs its reason: why = "…"')
        if why and mark is None:
            raise self._wrong(where, "why belongs to a mark, and there is none")
        handed_in = self._moment(entry, "handed_in", where)
        return Terms(handed_in, self._moment(entry, "deadline", where), excused, mark, why)

    # --- one value ---

    def _tables(self, table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        found = table.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self._wrong(name, f"is a list of tables: [[{name}]]")
        return found

    def _known(self, entry: Mapping[str, Any], names: set[str], where: str) -> None:
        for name in entry:
            if name not in names:
                raise self._wrong(where, f"has no {name!r}; allowed: {', '.join(sorted(names))}")

    def _text(self, entry: Mapping[str, Any], name: str, where: str) -> str:
        value = entry.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self._wrong(where, f"{name} is {value!r}, it wants a text")
        return value.strip()

    def _number(
        self, entry: Mapping[str, Any], name: str, where: str, least: float, most: float
    ) -> float | None:
        value = entry.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(where, f"{name} is {value!r}, it wants a number")
        if not least <= value <= most:
            raise self._wrong(where, f"{name} is {value:g}, allowed are {least:g} to {most:g}")
        return float(value)

    def _moment(self, entry: Mapping[str, Any], name: str, where: str) -> datetime | None:
        value = entry.get(name)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self._wrong(
                where,
                f"{name} is {value!s}, it wants a moment with its time zone, without quotes: "
                "2026-03-02T23:59:00+08:00",
            )
        return value

    def _once(self, what: str, pairs: list[tuple[str, str]]) -> None:
        seen: dict[str, str] = {}
        for owner, value in pairs:
            if value and value in seen:
                raise self._wrong(f"{seen[value]} and {owner}", f"both have {what} {value!r}")
            seen[value] = owner

    def _wrong(self, where: str, what: str) -> HarnessError:
        return HarnessError(f"{self._path}: {where}: {what}")
