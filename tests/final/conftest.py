"""What the tests of the whole share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.databases import Database
from tests.kit.fixtures import Launcher

from .people import SERVICES, Whole


@pytest.fixture
def start_whole(launch: Launcher, tmp_path: Path) -> Callable[[Database], Whole]:
    """Start the three servers on a database."""

    def start(database: Database) -> Whole:
        sms = tmp_path / "sms.jsonl"
        program = launch(
            "final.servers",
            *("--data", str(tmp_path / "data"), "--first-port", "0"),
            *("--db", database.url, "--sms", f"file:{sms}", "--limits", "off"),
            ready=len(SERVICES),
        )
        return Whole(program, sms)

    return start
