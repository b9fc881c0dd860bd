"""Calls functions of the code under test; one JSON line in, one JSON line out.

Started by ``probe.py`` as ``python -P probe_child.py`` with the tree on the import path. The pipe
to the harness is moved away from standard input and output before any code under test runs: what
that prints goes to standard error, what it reads is empty.
"""

import importlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import IO, Any

Reply = dict[str, Any]


def load_beside(name: str) -> ModuleType:
    """Import a file beside this one under a private name: the tree may have modules of any name."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"_kit_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


values = load_beside("values")


class Missing(Exception):
    """The code under test has no such module or name."""


class Child:
    """Carries out requests; keeps the objects that the harness holds by number."""

    def __init__(self) -> None:
        self.objects: dict[int, object] = {}
        self.count = 0

    def answer(self, request: Reply) -> Reply:
        """Return ``{"value": …}`` or ``{"error": …}``."""
        try:
            return {"value": getattr(self, "do_" + request["do"])(request)}
        except Missing as error:
            return {"missing": str(error)}
        except BaseException as error:  # SystemExit too: it must not end the child
            return {"error": describe(error)}

    def do_call(self, request: Reply) -> Any:
        """Call a function or method; keep what it returns if ``keep`` is set."""
        function = self.find(request["target"])
        args, kwargs = self.decoded(request["args"]), self.decoded(request["kwargs"])
        return self.result(function(*args, **kwargs), request)

    def do_map(self, request: Reply) -> Any:
        """Call a function once for each list of arguments; return an answer for each."""
        function = self.find(request["target"])
        return [self.call_one(function, self.decoded(args)) for args in request["args"]]

    def call_one(self, function: Any, args: list[Any]) -> Reply:
        try:
            return {"value": values.encode(function(*args))}
        except BaseException as error:
            return {"error": describe(error)}

    def do_get(self, request: Reply) -> Any:
        """Return a value of a module, or an attribute of an object."""
        return self.result(self.find(request["target"]), request)

    def do_names(self, request: Reply) -> Any:
        """Return the public names of a module and what each is."""
        module = self.find(request["target"])
        public = getattr(module, "__all__", None)
        names = public if public is not None else [n for n in vars(module) if n[0] != "_"]
        return {name: kind_of(getattr(module, name, None)) for name in names}

    def do_forget(self, request: Reply) -> None:
        """Drop an object that the harness no longer needs."""
        self.objects.pop(request["number"], None)

    def result(self, value: object, request: Reply) -> Any:
        if not request.get("keep"):
            return values.encode(value)
        self.count += 1
        self.objects[self.count] = value
        return {"number": self.count, "type": values.type_name(type(value))}

    def decoded(self, data: Any) -> Any:
        return values.decode(data, lambda reference: self.look_up(reference))

    def look_up(self, reference: Any) -> object:
        if reference.name:
            return self.find({"name": reference.name})
        return self.objects[reference.number]

    def find(self, target: Reply) -> Any:
        """Return what ``target`` says: "module:a.b", or an attribute path of a kept object."""
        if "number" in target:
            found: Any = self.objects[target["number"]]
            where, path = type(found).__name__, target["path"]
        else:
            where, _, path = target["name"].partition(":")
            found = import_it(where)
        for part in filter(None, path.split(".")):
            try:
                found = getattr(found, part)
            except AttributeError:
                raise Missing(f"{where} has no {part}") from None
        return found


def import_it(name: str) -> ModuleType:
    """Import a module of the tree; Missing when it is not there, its own error if it fails."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise Missing(f"there is no module {error.name}") from None
        raise


def describe(error: BaseException) -> Reply:
    """Return an error as JSON: its type, its family, what it says, where it came from."""
    try:
        message = str(error)
    except Exception:
        message = "(its text cannot be read)"
    frames = traceback.extract_tb(error.__traceback__)
    ours = str(Path(__file__).parent)
    lines = [f"{f.filename}:{f.lineno} in {f.name}" for f in frames if ours not in f.filename]
    bases = [values.type_name(kind) for kind in type(error).__mro__]
    return {
        "type": type(error).__name__,
        "bases": [base.rpartition(".")[2] for base in bases],
        "message": message[:2000],
        "lines": lines[-6:],
    }


def kind_of(value: object) -> str:
    """Return what a public name is: class, function, module or value."""
    if inspect.isclass(value):
        return "class"
    if inspect.ismodule(value):
        return "module"
    return "function" if callable(value) else "value"


def take_pipe() -> tuple[IO[bytes], IO[bytes]]:
    """Move the harness's pipe to new descriptors and close the usual ones to it."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return reader, writer


def main() -> None:
    """Answer requests until the harness closes the pipe."""
    reader, writer = take_pipe()
    child = Child()
    for line in reader:
        request = json.loads(line)
        reply = {"id": request["id"], **child.answer(request)}
        writer.write(json.dumps(reply).encode("ascii") + b"\n")
        writer.flush()


if __name__ == "__main__":
    main()
