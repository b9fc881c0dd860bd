"""What the code knows (ops, statuses, limits, flags), asked of it once, in a child process."""

import json
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from .. import deadlines
from ..environment import scrubbed
from ..tree import CHECKOUT
from .blocks import DocumentError

SCRIPT = Path(__file__).resolve().parents[1] / "inside" / "facts.py"
WORDS = CHECKOUT / "docs" / "protocol.toml"
# The programs whose flags documents may show.
PROGRAMS = (
    "stage1_echo.server",
    "stage2_protocol.server",
    "stage3_auth.server",
    "stage4_rooms.server",
    "stage5_files.server",
)
SECONDS = 30.0


@cache
def words() -> dict[str, Any]:
    """Return docs/protocol.toml: what people say about the ops, statuses and limits."""
    return tomllib.loads(WORDS.read_text("utf-8"))


@cache
def facts() -> dict[str, Any]:
    """Return what inside/facts.py tells."""
    names = [*words()["limits"], *words()["pushes"]]
    return ask({"values": names, "flags": list(PROGRAMS)})


def ask(questions: dict[str, list[str]]) -> dict[str, Any]:
    """Return what inside/facts.py answers; raises DocumentError when the code cannot be asked."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-P", str(SCRIPT), json.dumps(questions)],
            cwd=folder,
            env=scrubbed(Path(folder), PYTHONPATH=str(CHECKOUT)),
            capture_output=True,
            encoding="utf-8",
            timeout=deadlines.within(SECONDS),
        )
    if done.returncode:
        raise DocumentError(f"the code could not be asked for its ops and limits:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
