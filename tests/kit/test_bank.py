"""Every wrong program fails its own task first; every odd but right one loses nothing.

In everyday use a wrong program meets its own tasks only; the thorough tier runs the whole suite on
it, and then no two may fail the same tests: they would count as one. Right programs meet all of it,
always.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from . import bank
from .json_types import JsonObject
from .scoreboard import FAILED, PASSED, WAITING

ENTRIES = bank.entries()


NO_CASES = SimpleNamespace(params={})
Verdict = tuple[list[JsonObject], str]  # what each test earned, what the run printed


@pytest.fixture(scope="module")
def verdicts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Future[Verdict]]]:
    """The verdicts on all programs that this run asks for, several at a time.

    A wrong program mostly waits for answers that do not come: one after the other would be slow.
    """
    everything = bool(request.config.getoption("--thorough"))

    def judge(entry: bank.Entry) -> Verdict:
        folder = tmp_path_factory.mktemp("bank")
        lines = bank.judge(entry, folder, everything=everything)
        return lines, (folder / "output.txt").read_text("utf-8")

    asked = [
        entry
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
        for entry in getattr(item, "callspec", NO_CASES).params.values()
        if isinstance(entry, bank.Entry) and not missing_for(entry)
    ]
    # Made here: of threads that ask for it at once, one removes what another has begun.
    tmp_path_factory.getbasetemp()
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        yield {(e.stage, e.name): pool.submit(judge, e) for e in asked}
        pool.shutdown(cancel_futures=True)


def missing_for(entry: bank.Entry) -> bool:
    """Tell whether the program that an entry needs is not installed here."""
    return bool(entry.requires) and shutil.which(entry.requires) is None


@pytest.fixture(scope="session")
def losses() -> dict[tuple[str, ...], str]:
    """What each wrong program has failed in full -> its name."""
    return {}


@pytest.mark.timeout(700)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.stage[:6]}-{entry.name}")
def test_a_program_of_the_bank_fails_where_it_should(
    entry: bank.Entry,
    verdicts: dict[tuple[str, str], Future[Verdict]],
    count: Callable[[int, int], int],
    losses: dict[tuple[str, ...], str],
) -> None:
    if missing_for(entry):
        pytest.skip(f"{entry.requires} is not installed here, and no part of the course needs it")
    everything = bool(count(0, 1))
    lines, text = verdicts[entry.stage, entry.name].result()
    failed = {str(line["task"]) for line in lines if line["outcome"] == FAILED}
    others = {str(line["outcome"]) for line in lines} - {FAILED, PASSED, WAITING}
    assert failed == set(entry.fails), f"{entry.says}: {sorted(failed)} failed\n{text[-6000:]}"
    assert not others, f"{entry.says}: some tests ended as {others}"
    if everything and entry.fails:
        twin = losses.setdefault((entry.stage, *failed_cases(lines)), entry.name)
        assert twin == entry.name, f"{entry.says}: it fails the same tests as {twin}"


def failed_cases(lines: Sequence[JsonObject]) -> list[str]:
    """Return the test functions that failed, each with the titles of its cases."""
    failed = [line for line in lines if line["outcome"] == FAILED]
    return [f"{line['function']}: {line['failed_cases']}" for line in failed]


def test_the_bank_is_not_empty_and_its_names_are_used_once() -> None:
    names = [(entry.stage, entry.name) for entry in ENTRIES]
    assert names
    assert len(set(names)) == len(names)
