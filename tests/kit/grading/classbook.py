"""Whose submission is whose, and the marks that people get for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..failure import HarnessError
from . import lms_names
from .collecting import Found
from .lateness import NO_TERMS, Settled, Terms, settle
from .results import Result
from .roster import Person, Roster, Team
from .unpack import plain_name

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Owners:
    """Who handed a submission in: one person, or a team."""

    people: tuple[Person, ...]
    team: Team | None = None

    @property
    def terms(self) -> Terms:
        """What holds for the submission as a whole: what its report tells."""
        if self.team is not None:
            return self.team.terms
        return self.people[0].terms if self.people else NO_TERMS


@dataclass
class Classbook:
    """A roster laid beside the submissions. ``warnings`` are for the instructor."""

    roster: Roster | None = None
    owners: dict[str, Owners] = field(default_factory=dict)  # by the submission's id
    without: list[Person] = field(default_factory=list)  # handed nothing in
    warnings: list[str] = field(default_factory=list)

    def settle(self, result: Result) -> None:
        """Write into a result whose it is and what mark they get; nothing else is changed."""
        owners = self.owners.get(result.id, Owners(()))
        rule = self.roster.late if self.roster else None
        whole = settle(result.score, owners.terms, rule)
        result.mark, result.rule = whole.mark, whole.words
        result.team = owners.team.name if owners.team else ""
        result.people = [
            _as_data(person, settle(result.score, person.terms.over(owners.terms), rule))
            for person in owners.people
        ]
        if not self.roster and (found := lms_names.read(result.name)):
            stranger = replace(Person("", found.name), **{found.lms: found.number})  # type: ignore[arg-type]
            result.people = [_as_data(stranger, whole)]


def _as_data(person: Person, settled: Settled) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "moodle": person.moodle,
        "canvas": person.canvas,
        "mark": settled.mark,
        "rule": settled.words,
        "excused": settled.is_excused,
    }


def lay_beside(roster: Roster | None, submissions: Sequence[Found]) -> Classbook:
    """Find out whose each submission is; raises HarnessError where that is not certain."""
    book = Classbook(roster)
    if roster is None:
        return book
    _check_claims(roster, submissions)
    team_of = {member: team for team in roster.teams for member in team.members}
    holder: dict[str, Found] = {}
    strangers: list[str] = []
    for found in submissions:
        owners = _owners(roster, found, team_of)
        if owners is None:
            strangers.append(found.name)
            continue
        for person in owners.people:
            if other := holder.get(person.id):
                raise HarnessError(
                    f"{person.name} ({person.id}) has two submissions, {other.name} and "
                    f"{found.name}: say which one counts with submission = in the roster, and move "
                    "the other away"
                )
            holder[person.id] = found
        book.owners[found.id] = owners
    book.without = [person for id, person in roster.people.items() if id not in holder]
    if strangers:
        graded = "it is graded" if len(strangers) == 1 else "they are graded"
        book.warnings.append(f"nobody in the roster handed in {', '.join(strangers)}; {graded}")
    book.warnings += _about_time(roster, book, submissions)
    return book


def _check_claims(roster: Roster, submissions: Sequence[Found]) -> None:
    owners: list[Person | Team] = [*roster.people.values(), *roster.teams]
    for owner in owners:
        if owner.submission and not any(_is_named(s, owner.submission) for s in submissions):
            near = ", ".join(found.name for found in submissions[:5])
            more = " …" if submissions[5:] else ""
            raise HarnessError(
                f"the roster gives {owner.name} the submission {owner.submission!r}, which is not "
                f"there; there are: {near}{more}"
            )


def _owners(roster: Roster, found: Found, team_of: dict[str, Team]) -> Owners | None:
    for team in roster.teams:
        if team.submission and _is_named(found, team.submission):
            return _team_owners(roster, team)
    for person in roster.people.values():
        if person.submission and _is_named(found, person.submission):
            return _person_owners(roster, person, team_of)
    told = lms_names.read(found.name)
    if told is not None:
        for person in roster.people.values():
            if getattr(person, told.lms) == told.number:
                return _person_owners(roster, person, team_of)
    return _by_name(roster, found, told, team_of)


def _by_name(
    roster: Roster, found: Found, told: lms_names.LmsName | None, team_of: dict[str, Team]
) -> Owners | None:
    wanted = _plain(told.name if told else found.name)
    for team in roster.teams:
        if not team.submission and _plain(team.name) == wanted:
            return _team_owners(roster, team)
    fitting = [
        person
        for person in roster.people.values()
        # A number that the roster gives to this person and that was not found is another person's.
        if not person.submission and not (told and getattr(person, told.lms))
        if _fits(person, wanted, told)
    ]
    if len(fitting) > 1:
        names = ", ".join(f"{person.name} ({person.id})" for person in fitting)
        raise HarnessError(
            f"{found.name} may be of {names}: say whose with submission = in the roster"
        )
    return _person_owners(roster, fitting[0], team_of) if fitting else None


def _fits(person: Person, wanted: str, told: lms_names.LmsName | None) -> bool:
    if told is not None and told.lms == "canvas":
        return wanted in lms_names.canvas_spellings(person.name)
    return wanted in (_plain(person.id), _plain(person.name), _plain(person.email))


def _person_owners(roster: Roster, person: Person, team_of: dict[str, Team]) -> Owners:
    """What one member hands in, the whole team has handed in."""
    team = team_of.get(person.id)
    return _team_owners(roster, team) if team else Owners((person,))


def _team_owners(roster: Roster, team: Team) -> Owners:
    return Owners(tuple(roster.people[member] for member in team.members), team)


def _is_named(found: Found, name: str) -> bool:
    return plain_name(name) in (found.name, found.id) or name == found.path.name


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _about_time(roster: Roster, book: Classbook, submissions: Iterable[Found]) -> list[str]:
    """Return what is not known of lateness: it is never taken from names or files."""
    if roster.late is None:
        return []
    told = [found for found in submissions if found.id in book.owners]
    silent = [f for f in told if not _is_timed(book.owners[f.id])]
    lines = []
    if silent:
        names = ", ".join(found.name for found in silent[:5])
        more = f" and {len(silent) - 5} more" if silent[5:] else ""
        lines.append(
            f"the roster has no handed_in for {names}{more}: nothing is taken for lateness there"
        )
    told_late = [f.name for f in silent if (name := lms_names.read(f.name)) and name.is_late]
    if told_late:
        names = ", ".join(told_late)
        lines.append(f"Canvas calls it late, the roster says nothing: {names}")
    return lines


def _is_timed(owners: Owners) -> bool:
    terms = [person.terms.over(owners.terms) for person in owners.people]
    return all(t.handed_in or t.excused is not None or t.mark is not None for t in terms)


def missing_words(book: Classbook) -> str:
    """Return who handed nothing in, "" for nobody."""
    names = [f"{person.name} ({person.id})" for person in book.without]
    if not names:
        return ""
    shown = ", ".join(names[:MOST_NAMED]) + (" … (all: people.csv)" if names[MOST_NAMED:] else "")
    return f"{len(names)} in the roster handed in nothing: {shown}"
