"""Calls functions of the code under test in a child process, each call with a time limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import story
from .child_pipe import ChildGone, ChildPipe
from .environment import scrubbed
from .failure import HarnessError, ProbeFailed
from .inside import values
from .inside.values import Opaque, Record, Reference
from .patience import AGAIN_SECONDS, Patience
from .view import shorten, show_value

__all__ = ["Opaque", "Outcome", "Probe", "ProbeObject", "Raised", "Record"]

CALL_SECONDS = 5.0
# The first call of a child also starts Python and imports the stage.
START_SECONDS = 15.0
MAP_AT_ONCE = 500
CHILD = "the probe's child"


@dataclass(frozen=True, slots=True)
class Raised:
    """An error that code under test raised; ``bases`` names its classes, its own first."""

    type: str
    bases: tuple[str, ...]
    message: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call did: it returned ``value``, or it raised ``error``."""

    value: Any = None
    error: Raised | None = None


class Probe:
    """Functions are named "module:name"; arguments and results travel as values (inside/values.py).

    A call that takes too long kills the child; the next one gets a new child, in which nothing is
    imported and no object is kept.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._child: ChildPipe | None = None
        self.generation = 0  # which child an object lives in
        self._first_answer = Patience()

    def call(self, target: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any) -> Any:
        """Return what the function returns; raises ProbeFailed when it raises or hangs."""
        return _value(target, args, self.attempt(target, *args, timeout=timeout, **kwargs))

    def attempt(
        self, target: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any
    ) -> Outcome:
        """Return what the function did: its value or its error."""
        return self._call({"name": target}, target, args, kwargs, timeout)

    def raises(
        self, target: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any
    ) -> Raised:
        """Return the error that the function raises; raises ProbeFailed when it returns."""
        return _error(target, args, self.attempt(target, *args, timeout=timeout, **kwargs))

    def map(
        self, target: str, arguments: Sequence[Sequence[Any]], timeout: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Call a function once for each list of arguments; ``timeout`` is for 500 calls."""
        story.current().tell("the probe", f"calls {target} with {len(arguments)} inputs")
        outcomes: list[Outcome] = []
        for start in range(0, len(arguments), MAP_AT_ONCE):
            part = [values.encode(list(a)) for a in arguments[start : start + MAP_AT_ONCE]]
            request = {"do": "map", "target": {"name": target}, "args": part}
            answers = _value(target, (), self.ask(request, target, timeout))
            outcomes += [_outcome(answer) for answer in answers]
        return outcomes

    def get(self, target: str, timeout: float = CALL_SECONDS) -> Any:
        """Return a value of a module: "module:NAME"."""
        story.current().tell("the probe", f"reads {target}")
        outcome = self.ask({"do": "get", "target": {"name": target}}, target, timeout)
        return values.decode(_value(target, (), outcome))

    def new(
        self, target: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any
    ) -> "ProbeObject":
        """Call a class (or function) and keep the object in the child; return a handle to it."""
        outcome = self._call({"name": target}, target, args, kwargs, timeout, keep=True)
        return ProbeObject(self, target, _value(target, args, outcome))

    def name(self, target: str) -> Reference:
        """Return an argument that stands for "module:name" itself: an enum class, a function."""
        return Reference(name=target)

    def names(self, module: str, timeout: float = CALL_SECONDS) -> dict[str, str]:
        """Return the public names of a module: name -> class, function, module or value."""
        story.current().tell("the probe", f"lists the public names of {module}")
        outcome = self.ask({"do": "names", "target": {"name": module}}, module, timeout)
        found: dict[str, str] = _value(module, (), outcome)
        return found

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    # --- the inside ---

    def _call(
        self,
        where: dict[str, Any],
        target: str,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        timeout: float,
        keep: bool = False,
    ) -> Outcome:
        shown = _shown_call(target, args, kwargs)
        story.current().tell("the probe", f"calls {shown}")
        request = {
            "do": "call",
            "target": where,
            "args": values.encode([_plain(arg) for arg in args]),
            "kwargs": values.encode({name: _plain(arg) for name, arg in kwargs.items()}),
            "keep": keep,
        }
        outcome = self.ask(request, shown, timeout)
        return outcome if keep or outcome.error else Outcome(values.decode(outcome.value))

    def ask(self, request: dict[str, Any], shown: str, timeout: float) -> Outcome:
        """Send one request to the child; its value stays encoded. Used by ProbeObject too."""
        child, seconds, is_first = self._child, timeout, False
        if child is None or not child.alive:
            self.close()
            env = scrubbed(self._folder, PYTHONPATH=str(self._root))
            self._child = child = ChildPipe("the probe", "probe_child.py", [], env, self._folder)
            self.generation += 1
            # What hangs as soon as it is imported is not waited for again by every other test.
            whole, again = START_SECONDS + timeout, AGAIN_SECONDS + timeout
            seconds, is_first = self._first_answer.seconds(CHILD, whole, again), True
        try:
            answer = child.ask(request, seconds)
        except ChildGone as error:
            if is_first:
                self._first_answer.in_vain(CHILD)
            self.close()
            raise ProbeFailed(f"{shown}: {error}") from None
        self._first_answer.worked(CHILD)
        if "missing" in answer:
            raise ProbeFailed(f"{shown}: {answer['missing']}")
        if "error" in answer:
            return Outcome(error=_raised(answer["error"]))
        return Outcome(answer["value"])


class ProbeObject:
    """An object that lives in the probe's child; it can be an argument of further calls."""

    def __init__(self, probe: Probe, name: str, kept: dict[str, Any]) -> None:
        self._probe = probe
        self._generation = probe.generation
        self.name = name.rpartition(":")[2]
        self.type = str(kept["type"])
        self._number = int(kept["number"])

    @property
    def reference(self) -> Reference:
        """What stands for the object in the child; fails when that child is gone."""
        if self._generation != self._probe.generation:
            raise HarnessError(f"{self.name} was lost when the probe's child ended")
        return Reference(number=self._number)

    def call(self, method: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any) -> Any:
        """Return what a method returns; raises ProbeFailed when it raises or hangs."""
        return _value(method, args, self.attempt(method, *args, timeout=timeout, **kwargs))

    def attempt(
        self, method: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any
    ) -> Outcome:
        """Return what a method did: its value or its error."""
        shown = f"{self.name}.{method}"
        return self._probe._call(self._where(method), shown, args, kwargs, timeout)

    def raises(
        self, method: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any
    ) -> Raised:
        """Return the error that a method raises; raises ProbeFailed when it returns."""
        return _error(method, args, self.attempt(method, *args, timeout=timeout, **kwargs))

    def keep(
        self, method: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any
    ) -> "ProbeObject":
        """Call a method and keep the object that it returns in the child."""
        shown = f"{self.name}.{method}"
        where = self._where(method)
        outcome = self._probe._call(where, shown, args, kwargs, timeout, keep=True)
        return ProbeObject(self._probe, shown, _value(shown, args, outcome))

    def get(self, attribute: str, timeout: float = CALL_SECONDS) -> Any:
        """Return the value of an attribute."""
        shown = f"{self.name}.{attribute}"
        story.current().tell("the probe", f"reads {shown}")
        outcome = self._probe.ask({"do": "get", "target": self._where(attribute)}, shown, timeout)
        return values.decode(_value(shown, (), outcome))

    def _where(self, path: str) -> dict[str, Any]:
        return {"number": self.reference.number, "path": path}


def _plain(argument: Any) -> Any:
    return argument.reference if isinstance(argument, ProbeObject) else argument


def _shown_call(target: str, args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    shown = [a.name if isinstance(a, ProbeObject) else show_value(a, 120) for a in args]
    shown += [f"{name}={show_value(value, 120)}" for name, value in kwargs.items()]
    return f"{target.rpartition(':')[2]}({shorten(', '.join(shown), 300)})"


def _outcome(answer: dict[str, Any]) -> Outcome:
    if "error" in answer:
        return Outcome(error=_raised(answer["error"]))
    return Outcome(values.decode(answer["value"]))


def _raised(error: dict[str, Any]) -> Raised:
    return Raised(error["type"], tuple(error["bases"]), error["message"], tuple(error["lines"]))


def _value(target: str, args: Sequence[Any], outcome: Outcome) -> Any:
    if outcome.error is not None:
        what = f"{_shown_call(target, args, {})} raised {outcome.error}"
        raise ProbeFailed(what, lines=list(outcome.error.lines))
    return outcome.value


def _error(target: str, args: Sequence[Any], outcome: Outcome) -> Raised:
    if outcome.error is None:
        what = f"{_shown_call(target, args, {})} returned, it should raise an error"
        raise ProbeFailed(what, expected="an error", received=outcome.value)
    return outcome.error
