"""A suite run many times on one submission: what passes always, never, and sometimes."""

from dataclasses import dataclass, field

from .progress import Progress

POLICY = (
    "What passes only sometimes counts as failed: usually two threads meet in another order, or a "
    "read brings fewer bytes."
)


@dataclass
class Check:
    """One check over all runs so far."""

    task: str
    title: str
    passed: int = 0
    failed_with: list[int] = field(default_factory=list)  # the seeds that it chose by


class Repeats:
    """What the runs said so far."""

    def __init__(self) -> None:
        self._times = 0
        self._checks: dict[str, Check] = {}

    def note(self, seed: int, progress: Progress) -> None:
        """Take in one run, which ended, and the seed that it had."""
        self._times += 1
        chose = {
            failure["function"]
            for failure in progress.failures
            if (failure["failure"] or {}).get("seed") is not None
        }
        for task in progress.tasks.values():
            for function, line in task.lines.items():
                check = self._checks.setdefault(function, Check(task.name, line.title))
                check.passed += line.outcome in ("passed", "left out")
                if function in chose:
                    check.failed_with.append(seed)

    @property
    def is_perfect(self) -> bool:
        """Whether every check passed each time."""
        return all(check.passed == self._times for check in self._checks.values())

    def verdict(self, again: str) -> list[str]:
        """Return what is said of all runs; ``again`` is the command that checks once."""
        lines = []
        unstable = [c for c in self._checks.values() if 0 < c.passed < self._times]
        failed = [c for c in self._checks.values() if c.passed == 0]
        for check in unstable:
            lines.append(f"unstable {check.passed}/{self._times}: {check.task} {check.title}")
            if check.failed_with:
                seed = f"--task {check.task} --replay {check.failed_with[0]}"
                lines.append(f"  the same choices again: {again} {seed}")
        if unstable:
            lines.append(POLICY)
        if failed:
            number = f"{len(failed)} check{'s' if len(failed) > 1 else ''}"
            lines.append(
                f"{number} failed each time, the first: {failed[0].task} {failed[0].title}"
            )
        return lines or [f"All checks passed {self._times} times out of {self._times}."]
