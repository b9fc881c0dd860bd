"""``kit.py run``: the chat itself, or what exists up to a stage (``run stage3``)."""

import os
import re
import runpy
import sys
from pathlib import Path

from ..starters import short
from ..tree import STAGES, has_reference
from . import ROOT, end_on_signals

USAGE = """\
usage: python3 kit.py run [OPTIONS]            the chat: its servers and the app (options below)
       python3 kit.py run STAGE [OPTIONS]      what exists up to a stage, with its client;
                                               STAGE: {stages}; run STAGE --help tells more
"""


def main(argv: list[str]) -> int:
    """Start what `argv` names and stay until it ends; returns its exit code."""
    # Programs are started as `python -m stage1_echo.server`, from wherever the user stands.
    own = own_folder(argv)
    paths = [*own, str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    if argv and re.match(r"stage\d", argv[0]):
        from . import run_stage

        end_on_signals()
        return run_stage.main(argv[0], argv[1:], *own)
    if argv and argv[0] in ("-h", "--help"):
        print(
            USAGE.format(stages=", ".join(sorted(path.name[:6] for path in ROOT.glob("stage?_*"))))
        )
    if not Path(ROOT, "final", "__main__.py").exists():
        print("the chat itself (final/) is not in this folder; a stage is: kit.py run stage1")
        return 1
    sys.argv = ["kit.py run", *argv]  # the name that its help shows
    runpy.run_module("final", run_name="__main__")
    return 0


def own_folder(argv: list[str]) -> list[str]:
    """Return the student's folder ``mine`` if the stage is there and its reference is not here."""
    name = argv[0] if argv else ""
    stage = next((stage for stage in STAGES if name in (stage, short(stage))), "")
    mine = Path("mine").absolute()
    return [str(mine)] if stage and not has_reference(stage) and (mine / stage).is_dir() else []
