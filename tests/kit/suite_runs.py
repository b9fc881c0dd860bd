"""Runs small suites in a pytest of their own, for the tests of the plugin."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .tree import CHECKOUT

# Writes what the reports carry, as the grader will read it.
CONFTEST = """
import json
pytest_plugins = ["tests.kit.fixtures", "tests.kit.plugin"]
kept = []
def pytest_runtest_logreport(report):
    kept.append([report.nodeid, report.when, report.outcome, dict(report.user_properties)])
def pytest_unconfigure(config):
    open("reports.json", "w").write(json.dumps(kept))
"""
CONFIGURATION = "[pytest]\naddopts = --strict-markers -p no:cacheprovider\n"


@dataclass
class SuiteRun:
    """What a run printed, its exit code, and its reports."""

    code: int
    text: str
    reports: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)

    def facts(self, name: str) -> dict[str, Any]:
        """Return what the reports of test ``name`` carry, those of later phases last."""
        found: dict[str, Any] = {}
        for node, _, _, properties in self.reports:
            if node.endswith(f"::{name}"):
                found |= properties
        return found


def run_suite(
    folder: Path, files: dict[str, str], *options: str, ci: bool = False, colour: bool = False
) -> SuiteRun:
    """Write ``files`` (path below tests/ -> text) into ``folder`` and run pytest there."""
    (folder / "pytest.ini").write_text(CONFIGURATION, "utf-8")
    for path, text in {"conftest.py": CONFTEST, **files}.items():
        target = folder / "tests" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env |= {"PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1", "COLUMNS": "100"}
    env["CI"] = "true" if ci else ""
    # The installed plugins take longer to import than such a suite to run.
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--color={'yes' if colour else 'no'}", *options],
        cwd=folder,
        env=env,
        capture_output=True,
        timeout=120,
        check=False,
    )
    text = done.stdout.decode("utf-8") + done.stderr.decode("utf-8")
    written = folder / "reports.json"
    reports = json.loads(written.read_text("utf-8")) if written.exists() else []
    return SuiteRun(done.returncode, text.replace("\r\n", "\n"), reports)
