"""Runs a window of the code under test and serves the harness from inside its event loop.

``python -P window_driver.py MODULE ARGUMENT…`` runs MODULE as ``python -m`` would. Its first call
of ``mainloop`` starts a pump that takes one JSON line at a time, in Tk's own thread, so widgets are
only touched by the loop that owns them.
"""

import importlib.util
import json
import os
import queue
import runpy
import sys
import threading
import time
import tkinter
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType
from typing import IO, Any

# How often the pump looks for a request: soon after one, when the next is likely, then less often.
SOON_MILLISECONDS, PUMP_MILLISECONDS = 1, 30


def load_beside(name: str) -> ModuleType:
    """Import a file beside this one under a private name: the tree may have modules of any name."""
    spec = importlib.util.spec_from_file_location(
        f"_kit_{name}", Path(__file__).with_name(f"{name}.py")
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


widgets = load_beside("widgets")


class Pump:
    """Carries out the harness's requests within the event loop; notices when the loop stalls."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._writer = writer
        self._requests: queue.Queue[dict[str, Any]] = queue.Queue()
        self._root: tkinter.Misc | None = None
        self._last = 0.0
        self._pause = PUMP_MILLISECONDS
        self._stall = 0.0
        self._failed = ""  # what went wrong in the last action
        self.errors: list[str] = []
        threading.Thread(target=self._read, args=(reader,), daemon=True).start()

    def install(self, root: tkinter.Misc) -> None:
        """Serve requests from the loop of ``root``, which is about to run."""
        if self._root is not root:
            self._root = root
            self._last = time.monotonic()
            root.after(self._pause, lambda: self._run(root))

    def _run(self, root: tkinter.Misc) -> None:
        if root is not self._root:
            return  # another root has taken over
        late = time.monotonic() - self._last - self._pause / 1000
        self._stall = max(self._stall, late)
        self._pause = min(2 * self._pause, PUMP_MILLISECONDS)
        while root is self._root:
            try:
                request = self._requests.get_nowait()
            except queue.Empty:
                break
            self._pause = SOON_MILLISECONDS
            if not self._serve(root, request):
                return
            if request["do"] in widgets.ACTIONS:
                break  # what it does comes before the next request
        # What the harness itself took is not the program's stall.
        self._last = time.monotonic()
        root.after(self._pause, lambda: self._run(root))

    def _serve(self, root: tkinter.Misc, request: dict[str, Any]) -> bool:
        """Answer one request; return whether the root is still there."""
        try:
            answer = {"value": self._do(root, request)}
        except widgets.NotThere as error:
            answer = {"missing": str(error)}
        except tkinter.TclError as error:
            answer = {"missing": f"Tk says: {error}"}
        self._writer.write(json.dumps({"id": request["id"], **answer}).encode("ascii") + b"\n")
        self._writer.flush()
        try:
            return bool(root.winfo_exists())
        except tkinter.TclError:
            self._root = None
            return False

    def _do(self, root: tkinter.Misc, request: dict[str, Any]) -> Any:
        if request["do"] == "stall":
            stall, self._stall = self._stall, 0.0
            return stall
        if request["do"] == "errors":
            return self.errors
        if failed := self._failed:
            self._failed = ""
            raise widgets.NotThere(failed)
        root.update_idletasks()  # what was shown a moment ago may not be laid out yet
        action, args = getattr(widgets, "do_" + request["do"]), request["args"]
        if request["do"] not in widgets.ACTIONS:
            return action(root, *args)
        widgets.find(root, args[0])
        root.after(0, lambda: self._act(lambda: action(root, *args)))
        return None

    def _act(self, action: Callable[[], None]) -> None:
        try:
            action()
        except widgets.NotThere as error:
            self._failed = str(error)
        except tkinter.TclError as error:
            self._failed = f"Tk says: {error}"

    def _read(self, reader: IO[bytes]) -> None:
        for line in reader:
            self._requests.put(json.loads(line))
        os._exit(1)  # the harness is gone, and nobody else would close this window


def take_pipe() -> tuple[IO[bytes], IO[bytes]]:
    """Move the harness's pipe to new descriptors and close the usual ones to it."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return reader, writer


def patch_tkinter(pump: Pump) -> None:
    """Let every ``mainloop`` install the pump first, and keep the errors of callbacks."""
    original = tkinter.Misc.mainloop

    def mainloop(self: tkinter.Misc, n: int = 0) -> None:
        pump.install(self._root())  # type: ignore[attr-defined]
        original(self, n)

    def report(
        self: tkinter.Tk,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        pump.errors.append(f"{kind.__name__}: {error}")
        traceback.print_exception(kind, error, trace)

    tkinter.Misc.mainloop = mainloop  # type: ignore[method-assign]
    tkinter.Tk.report_callback_exception = report  # type: ignore[assignment]


def main() -> None:
    """Run the module named on the command line."""
    module, *arguments = sys.argv[1:]
    patch_tkinter(Pump(*take_pipe()))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
