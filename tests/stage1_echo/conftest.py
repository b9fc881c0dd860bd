"""What the tests of stage 1 share."""

from collections.abc import Callable

import pytest

from tests.kit.programs import Server

# The points of all its tests add up to 100.
SUITE_COMPLETE = True

# One log line a read is a teacher; ten thousand of them are only slow.
QUIET = ("--log-level", "warning")


@pytest.fixture
def server(shared_server: Callable[..., Server]) -> Server:
    """An echo server that tests share."""
    return shared_server("stage1.server", *QUIET, flags_matter=False)
