"""How a program serves a service on the threaded engine, from flags to exit code."""

import argparse
from collections.abc import Callable

from stage1_echo import CourseError, fail, run_listener, set_up_logging

from .engine import ThreadedEngine
from .service import Service


def serve(
    parser: argparse.ArgumentParser,
    argv: list[str] | None,
    make_service: Callable[[argparse.Namespace], Service],
) -> int:
    """Parse flags, make the service, serve it until a signal; return the exit code."""
    options = parser.parse_args(argv)
    set_up_logging(options.log_level)
    try:
        service = make_service(options)
        engine = ThreadedEngine(service, options.host, options.port, idle=options.idle)
        service.started()
        try:
            run_listener(service.name, engine.listener)
        finally:
            service.stopped()
    except CourseError as error:
        return fail(error)
    return 0
