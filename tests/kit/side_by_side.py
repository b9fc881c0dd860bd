"""Suites in several processes: which tests stay together, where pytest-xdist spreads them."""

from typing import TYPE_CHECKING

from .tree import EVERYTHING

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling


def together(node_id: str) -> str:
    """Return what a test must not be parted from: its suite, or its file where there is none.

    The tasks of a suite wait for each other, so one process runs it; the kit's own tests do not.
    """
    path = node_id.partition("::")[0]
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] in EVERYTHING else path


def scheduler(config: "pytest.Config", log: "Producer") -> "LoadScopeScheduling":
    """Return xdist's scheduler for groups of tests, with our groups."""
    from xdist.scheduler import LoadScopeScheduling

    class SuiteScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid)

    return SuiteScheduling(config, log)
