"""A result as its student may see it: hidden tests are one line with their points, nothing else."""

from dataclasses import replace
from typing import Any

from ..scoreboard import FAILED, LEFT_OUT, PASSED
from .own_tests import is_hidden
from .results import TROUBLE, Result

HIDDEN_TASK = "hidden"
ASK = "your instructor has the details"


def veiled(result: Result) -> Result:
    """Return the result without names, hints and failures of hidden tests."""
    if result.status == TROUBLE:
        # What the tests said when they did not run may name hidden ones; it helps no student.
        return replace(result, why=ASK, checks=[], failures=[])
    checks = _veiled(result.checks)
    if len(checks) == len(result.checks) and not any(map(_is_hidden, result.checks)):
        return result
    failures = [failure for failure in result.failures if not _is_hidden(failure)]
    all_own = {**result.all_own}
    if "checks" in all_own:
        all_own["checks"] = _veiled(all_own["checks"])
    return replace(result, checks=checks, failures=failures, all_own=all_own)


def _is_hidden(check: dict[str, Any]) -> bool:
    return is_hidden(str(check["function"]))


def _veiled(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks with all hidden ones as one."""
    hidden = [c for c in checks if _is_hidden(c) and c["outcome"] != LEFT_OUT]
    shown = [check for check in checks if not _is_hidden(check)]
    if not hidden:
        return shown
    passed = sum(check["outcome"] == PASSED for check in hidden)
    return [
        *shown,
        {
            "task": HIDDEN_TASK,
            "task_title": "tests that are not shown",
            "function": "",
            "title": f"{passed} of {len(hidden)} hidden tests passed",
            "points": round(sum(float(check["points"]) for check in hidden), 4),
            "earned": round(sum(float(check["earned"]) for check in hidden), 4),
            "outcome": PASSED if passed == len(hidden) else FAILED,
            "waiting_on": "",
            "failed_cases": [],
        },
    ]
