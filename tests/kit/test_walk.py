"""A student who writes the tasks in their order earns each task's points when it is written."""

from pathlib import Path

import pytest

from tests.kit.handing_out import write_stage
from tests.kit.marks import task_number
from tests.kit.starters import solutions, starter
from tests.kit.test_start import MARKED, run_suite_on


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("stage", MARKED)
def test_each_task_can_be_finished_before_the_next_one_is_begun(
    stage: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--thorough"):
        pytest.skip("as long as all suites together; in the thorough tier")
    written = {block.task for found in solutions(stage).values() for block in found}
    tasks = sorted(written, key=task_number)
    too_early = []
    for at, task in enumerate(tasks):
        mine = tmp_path / task
        write_stage(mine, stage, starter(stage, solved=set(tasks[: at + 1])))
        events, said = run_suite_on(mine, stage, mine, f"--task={task}", "--alone")
        ended = [event for event in events if event["event"] == "end"]
        assert ended, said
        for event in ended:
            if event["outcome"] not in ("passed", "left out"):
                stub = (event["failure"] or {}).get("not_written") or {}
                too_early.append(f"{task} {event['title']}: {stub.get('name')} {stub.get('task')}")
    assert not too_early, "\n".join(too_early)
