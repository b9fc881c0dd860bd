"""Loads the harness; what a suite needs beyond it stands in the suite's own conftest."""

pytest_plugins = ["tests.kit.fixtures", "tests.kit.plugin"]
