"""The sandbox: what a submission's programs may see and do, and that no verdict is forged."""

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from . import attacks
from .confine import BUBBLEWRAP, LIMITS, VARIABLE, confined
from .failure import HarnessError
from .grading import sandbox
from .grading.seals import Forged, opened, seal
from .tree import CHECKOUT

linux = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists for Linux only")
KEY = b"k" * 32
# In everyday use the cheats that each stand for a wall; all of them in the thorough tier.
EVERYDAY = (
    "plugins", "reads-the-tests", "plants-a-link", "names-the-tests", "replaces-the-wall",
    "exchanges-the-folders", "reaches-the-network", "leaves-a-daemon",
)  # fmt: skip


@pytest.fixture
def bubblewrap() -> None:
    if reason := sandbox.unavailable():
        pytest.skip(reason)


@linux
@pytest.mark.timeout(900)
def test_the_known_cheats_are_stopped_and_a_bystander_notices_nothing(
    bubblewrap: None, tmp_path: Path, count: Callable[[int, int], int]
) -> None:
    chosen = [a for a in attacks.ATTACKS if count(0, 1) or a.name in EVERYDAY]
    outcomes = attacks.run(BUBBLEWRAP, tmp_path, tuple(chosen))
    gains = {o.attack.name: o.gain for o in outcomes if o.attack.stoppable}
    assert gains == dict.fromkeys(gains, "")


ATTACK = """
import json, sys, tempfile
from pathlib import Path
from tests.kit import attacks
chosen = tuple(a for a in attacks.ATTACKS if a.name in sys.argv[1:])
with tempfile.TemporaryDirectory() as folder:
    outcomes = attacks.run("user", Path(folder), chosen)
print(json.dumps({o.attack.name: o.gain for o in outcomes}))
"""
# What permissions and a user's own processes are the wall against.
BY_USER = (
    "kills-the-parent", "reads-the-tests", "reads-a-neighbour", "forges-results",
    "writes-into-the-results", "plants-a-link", "names-the-tests", "replaces-the-wall",
    "exchanges-the-folders", "leaves-a-daemon", "reads-memory",
)  # fmt: skip


@pytest.fixture
def python_for_others() -> tuple[str, dict[str, str]]:
    """A Python that another user can start, with our packages: ours may lie in a home folder."""
    packages = os.pathsep.join([str(CHECKOUT), *site.getsitepackages()])
    env, reason = {**os.environ, "PYTHONPATH": packages}, ""
    look = "from tests.kit.grading import user_ids; print(user_ids.unavailable())"
    same = shutil.which(f"python3.{sys.version_info[1]}", path="/usr/bin")
    for python in filter(None, (sys.executable, same)):
        found = subprocess.run([python, "-c", look], env=env, capture_output=True, check=False)
        reason = (found.stdout + found.stderr).decode("utf-8", "replace").strip()
        if not reason:
            return python, env
    pytest.skip(reason)


@linux
@pytest.mark.timeout(300)
def test_programs_of_another_user_are_stopped_by_permissions(
    python_for_others: tuple[str, dict[str, str]],
) -> None:
    python, env = python_for_others
    words = [python, "-c", ATTACK, *BY_USER]
    done = subprocess.run(words, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == dict.fromkeys(BY_USER, "")


def test_nothing_is_confined_unless_the_grader_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    here = Path("/tmp")
    assert confined(["program"], here, own=here, fence=here) == ["program"]


def test_a_line_that_the_tests_did_not_write_is_told_from_theirs() -> None:
    texts = ['{"event": "begin"}', '{"event": "end"}']
    lines = [f"{seal(KEY, n, text)} {text}\n".encode() for n, text in enumerate(texts)]
    assert [event["event"] for event in opened(lines, KEY)] == ["begin", "end"]
    for forged in (
        [lines[1], lines[0]],  # another order
        [lines[0], lines[0]],  # the same again
        [lines[0], b"0" * 64 + b' {"event": "end"}'],
        [b'{"event": "end"}'],
        [lines[0].replace(b"begin", b"other")],
    ):
        with pytest.raises(Forged, match="was not written by the tests"):
            list(opened(forged, KEY))


def test_a_weaker_level_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "unavailable", lambda: "bwrap is missing; install it")
    with pytest.raises(HarnessError, match=r"no sandbox: bwrap is missing; .* --sandbox limits"):
        sandbox.pick(None)
    with pytest.raises(HarnessError, match="no sandbox: bwrap is missing"):
        sandbox.pick(BUBBLEWRAP)
    assert sandbox.pick(LIMITS) == LIMITS
    levels = "bubblewrap, user, limits"
    with pytest.raises(HarnessError, match=f"there is no sandbox 'none'; there are: {levels}"):
        sandbox.pick("none")
