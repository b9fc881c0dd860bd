"""The scenes of docs/student-guide.md: what the student's commands print."""

import re
import shutil

from tests.kit import bank
from tests.kit.docs.stage import Stage

SIZE = re.compile(r"^ +[\d,]+(?=  )|(?<=files, )[\d,]+", re.MULTILINE)


def status_first(stage: Stage) -> str:
    """A folder that was begun and not checked."""
    stage.kit("start", "stage1")
    return stage.block(stage.kit("status"))


def a_failure(stage: Stage) -> str:
    """A program of the bank: it answers without the prefix."""
    stage.kit("start", "stage1")
    shutil.rmtree(stage.folder / "mine" / "stage1_echo")
    wrong = next(entry for entry in bank.entries("stage1_echo") if entry.name == "no-prefix")
    wrong.build(stage.folder / "mine")
    return stage.block(stage.kit("check", "stage1", "--task", "1.1"))


def attached(stage: Stage) -> str:
    """A server that runs already, in a debugger say."""
    stage.server("stage1_echo.server")
    stage.kit("start", "stage1")
    return stage.block(stage.kit("check", "stage1", "--task", "1.1", "--attach", "127.0.0.1:8888"))


def packed(stage: Stage) -> str:
    """The zip of a starter; sizes say nothing here."""
    stage.kit("start", "stage1")
    return stage.block(SIZE.sub("…", stage.kit("pack", "stage1")))
