"""What happens in a run of a suite, as lines of JSON while it happens: what ``kit.py check`` shows.

{"event": "plan", "tests": [marks of each test]}         once, before the first test
{"event": "begin", "title": ...}                         a test begins
{"event": "end", "outcome": "passed", "waiting_on": "", "why": "", "failure": {...} or null,
 and the marks of the test}                              a test has ended

``marks`` are ``Marks.as_data()``, ``failure`` is what ``report.render`` takes.
"""

import json
from pathlib import Path

import pytest

from .json_types import JsonObject
from .marks import MARKS
from .scoreboard import outcome_of


class EventLog:
    """A pytest plugin that writes the events of a run into a file, each at once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell which tests will be run; pytest asks even after an error that left no marks."""
        if all(MARKS in item.stash for item in session.items):
            self._tell("plan", tests=[item.stash[MARKS].as_data() for item in session.items])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a test begins."""
        words = nodeid.rpartition("::")[2].removeprefix("test_")
        self._tell("begin", title=words.replace("_", " "))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell how a test has ended, with the evidence."""
        facts = dict(report.user_properties)
        marks, found = facts.get("course"), outcome_of(report, facts)
        if isinstance(marks, dict) and found:
            failure = facts.get("failure")
            self._tell(
                "end",
                **marks,
                outcome=found,
                waiting_on=str(facts.get("waiting_on", "")),
                seen=str(facts.get("seen", "")),
                why=str(facts.get("not_tested", "")),
                failure=failure if isinstance(failure, dict) else None,
            )

    def pytest_unconfigure(self) -> None:
        """Close the file."""
        self._file.close()

    def _tell(self, event: str, **facts: object) -> None:
        line: JsonObject = {"event": event, **facts}  # type: ignore[dict-item]
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
