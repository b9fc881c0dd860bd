"""A student who writes the tasks in their order can finish each before the next one is begun.

Tried with the reference's own solutions, task by task. That says something where they fit into
what is given: from stage 3 on. In stages 1 and 2 the solutions of early tasks are already built on
those of later ones (a thread for each client, the engine), where a student begins with less.
"""

from pathlib import Path

import pytest

from tests.kit.handing_out import write_stage
from tests.kit.marks import task_number
from tests.kit.starters import solutions, starter
from tests.kit.test_start import MARKED, run_suite_on
from tests.kit.tree import STAGES

WALKED = [stage for stage in MARKED if stage >= STAGES[2]]
# The reference's REGISTER and RESET tell the throttle already who was here; a student's need not.
FORESEEN = {"LoginThrottle.welcome"}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("stage", WALKED)
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
            stub = (event["failure"] or {}).get("not_written") or {}
            is_well = event["outcome"] in ("passed", "left out") or stub.get("name") in FORESEEN
            if not is_well:
                what = f"waits for {stub['name']}, {stub['task']}" if stub else "fails"
                too_early.append(f"{task} {event['title']}: {what}")
    assert not too_early, "\n".join(too_early)
