"""The hidden tests on the reference, before any submission: a broken one would cost all of them."""

import re
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from ..confine import USER
from ..failure import HarnessError
from ..progress import Event
from ..scoreboard import LEFT_OUT, PASSED
from ..starters import short
from ..tree import copy_plain, has_reference
from . import user_ids
from .own_tests import HIDDEN
from .running import LIMIT_SECONDS, Run, judge
from .sandbox import Box, Suite

NO_FIXTURE = re.compile(r"fixture '[^']*' not found")
PLAIN = ("AssertionError", "Failed")  # errors with such names say all in their message


def check_hidden(
    stage: str,
    suite: Suite,
    level: str,
    *,
    without: Sequence[str] = (),
    limit: float = LIMIT_SECONDS,
) -> list[str]:
    """Run the hidden tests of a suite that ``own_tests.build`` made; return notes.

    Raises HarnessError when one of them does not pass on the reference.
    """
    if not has_reference(stage):
        return [f"the reference of {short(stage)} is not here: hidden tests were not tried on it"]
    with tempfile.TemporaryDirectory(prefix="kit-trial-", ignore_cleanup_errors=True) as name:
        work = Path(name)
        copy_plain(suite.root / stage, work / "submission" / stage)
        (work / "out").mkdir()
        with user_ids.claimed() if level == USER else nullcontext(0) as user:
            box = Box(_hidden_of(suite), work / "submission", work / "out", user)
            run = judge(level, box, {}, limit=limit, without=without)
        said = (box.out / "output.txt").read_text("utf-8", "replace")
    if run.trouble:
        raise HarnessError(f"--hidden: on the reference {run.trouble}")
    wrong = [c for c in run.checks() if c["outcome"] not in (PASSED, LEFT_OUT)]
    if wrong:
        raise HarnessError(_told(run, [str(check["function"]) for check in wrong], said))
    return []


def _hidden_of(suite: Suite) -> Suite:
    """Return the hidden tests alone: what they build on counts as met, and points do not matter."""
    found = sorted((suite.root / suite.tests).iterdir())
    files = [f"{suite.tests}/{path.name}" for path in found if HIDDEN.fullmatch(path.name)]
    return replace(suite, tests=files[0], options=tuple(files[1:]))


def _told(run: Run, wrong: Sequence[str], said: str) -> str:
    failures = run.progress.failures
    first = str(failures[0]["function"]) if failures else wrong[0]
    reason = _first_line(failures[0], said) if failures else "it did not run to its end"
    more = f" (nor {'does' if len(wrong) == 2 else 'do'} {len(wrong) - 1} more)"
    return (
        f"--hidden: {first.rpartition('/')[2]} does not pass on the reference"
        f"{more if len(wrong) > 1 else ''}, so no submission could earn its points: {reason}"
    )


def _first_line(failure: Event, said: str) -> str:
    facts = failure["failure"] or {}
    kind = str(facts.get("kind") or "")
    # This error's own text is for programs; pytest's output has a sentence.
    if kind == "FixtureLookupError" and (found := NO_FIXTURE.search(said)):
        return found[0]
    lines = [line.strip() for line in str(facts.get("message", "")).splitlines() if line.strip()]
    if not lines:
        return kind or "it was skipped, for no reason of this machine"
    return f"{kind}: {lines[0]}" if kind and not kind.endswith(PLAIN) else lines[0]
