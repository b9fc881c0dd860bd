"""Tells what the code knows about the protocol, as one JSON object on standard output.

``python facts.py '{"values": ["module:NAME"], "flags": ["module"]}'`` runs with the
checkout on the import path and in an empty folder, where the services keep their data. It tells
those constants and command lines, the verb tables of all services, the tables that stand after
each of them has opened the database, and the statuses.
"""

import argparse
import contextlib
import importlib
import importlib.util
import json
import sqlite3
import sys
from collections.abc import Callable
from typing import Any, NoReturn

SERVERS = {
    "protocol": "stage2_protocol.server",
    "auth": "stage3_auth.server",
    "chat": "stage4_rooms.server",
    "files": "stage5_files.server",
}


class Parsed(Exception):
    """A program wanted to read its command line: the parser that it made."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__()
        self.parser = parser


def stop_at_parsing(self: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
    """Stand for ``ArgumentParser.parse_args``."""
    raise Parsed(self)


def parser_of(module: str) -> argparse.ArgumentParser:
    """Return the parser that a program makes for its command line."""
    parse_args = argparse.ArgumentParser.parse_args
    argparse.ArgumentParser.parse_args = stop_at_parsing  # type: ignore[method-assign]
    try:
        importlib.import_module(module).main([])
    except Parsed as parsed:
        return parsed.parser
    finally:
        argparse.ArgumentParser.parse_args = parse_args  # type: ignore[method-assign]
    raise SystemExit(f"{module} reads no command line")


def flags(module: str) -> list[dict[str, Any]]:
    """Return the flags of a program: name, default, choices, help."""
    return [
        {
            "flag": action.option_strings[0],
            "default": action.default,
            "choices": list(action.choices or []),
            "help": action.help,
        }
        for action in parser_of(module)._actions
        if not isinstance(action, argparse._HelpAction)
    ]


def verbs(service: Any) -> list[dict[str, Any]]:
    """Return the rows of a service's table."""
    return [
        {"op": verb.op, "name": verb.name, "body": type(verb).__name__ == "BodyVerb"}
        for verb in service.verbs.values()
    ]


def service(name: str) -> Any:
    """Make a service as its server does, with its data in the current folder."""
    if name == "protocol":
        return importlib.import_module(SERVERS[name]).ProtocolService()
    module = importlib.import_module(SERVERS[name])
    own = {"auth": [], "chat": [], "files": ["--store", "files"]}[name]
    return module.make_service(_options(SERVERS[name], ["--db", "sqlite:///facts.db", *own]))


def columns() -> dict[str, list[str]]:
    """Return the columns of each table that the services made so far have."""
    with contextlib.closing(sqlite3.connect("facts.db")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: [row[1] for row in database.execute(f'PRAGMA table_info("{name}")')]
            for (name,) in names
            if not name.startswith("sqlite_")
        }


def _options(module: str, argv: list[str]) -> argparse.Namespace:
    return parser_of(module).parse_args(argv)


def value(name: str) -> Any:
    """Return the value of ``module:NAME``; None when there is none."""
    module, _, attribute = name.partition(":")
    found = getattr(importlib.import_module(module), attribute, None)
    return found if isinstance(found, (int, float, str)) else None


def tell(questions: dict[str, list[str]]) -> dict[str, Any]:
    """Return all answers."""
    stage2 = importlib.import_module("stage2_protocol")
    here: Callable[[str], bool] = lambda name: importlib.util.find_spec(name) is not None  # noqa: E731
    services, tables = {}, {}
    for name, module in SERVERS.items():
        if here(module.partition(".")[0]):
            services[name] = verbs(service(name))
            tables[name] = columns()
    return {
        "values": {name: value(name) for name in questions["values"]},
        "flags": {module: flags(module) for module in questions["flags"]},
        "base": verbs(stage2.Service()),
        "services": services,
        "tables": tables,
        "statuses": {status.name: int(status) for status in stage2.Status},
    }


if __name__ == "__main__":
    print(json.dumps(tell(json.loads(sys.argv[1]))))
