"""What a scene plays on: it starts programs on terminals, and writes down what they showed.

A scene is a function of docs/scenes/*.py that gets a ``Stage``, starts real programs, and returns
Markdown. Ports that the system chose are written as the ones that the reader will see.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from .. import deadlines, processes
from ..environment import scrubbed
from ..failure import CheckFailed
from ..pytest_command import pytest_command, pytest_environment
from ..tree import CHECKOUT, STAGES
from .terminal import Terminal
from .tidy import renamed, tidy

INSIDE = Path(__file__).resolve().parents[1] / "inside"
SUITE_SECONDS = 60.0


class Stage:
    """Programs of one scene; all of them are gone when it ends. ``folder`` is an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = folder / "you"
        self._home.mkdir()
        # Plain prompts and no escape sequences, whatever the version of Python.
        plain = {"TERM": "dumb", "PYTHON_BASIC_REPL": "1", "COLUMNS": "100"}
        self._env = scrubbed(self._home, PYTHONPATH=str(CHECKOUT), **plain)
        self._terminals: list[Terminal] = []
        self._names: dict[str, str] = {
            str(self._home): "/home/you",
            f"{CHECKOUT}/": "",
            str(folder): "",
        }

    # --- programs ---

    def server(self, module: str, *flags: str, shown_port: int = 8888) -> Terminal:
        """Start ``python -m module`` on a free port; documents call that ``shown_port``."""
        argv = [sys.executable, "-m", module, "--port", "0", *flags]
        started = self.terminal(" ".join(["python -m", module, *flags]), argv)
        started.wait_ready()
        self.call_port(started.port, shown_port)
        return started

    def original(self, port: int = 0) -> Terminal:
        """Start the original echo server, which always wants port 8888, on another."""
        script = "stage1_echo/original.py"
        argv = [sys.executable, str(INSIDE / "any_port.py"), str(port), script]
        started = self.terminal(f"python {script}", argv)
        if not port:
            started.wait_ready(hidden=True)
            self.call_port(started.port, 8888)
        return started

    def client(self, module: str, server: Terminal, *, prompt: str = "") -> Terminal:
        """Start a terminal client of ``server``; one without a prompt greets with a line."""
        argv = [sys.executable, "-m", module, "--host", server.host, "--port", str(server.port)]
        started = self.terminal(f"python -m {module}", argv, prompt)
        started.edits = not prompt
        started.wait_for(prompt or "connected to .*\n")
        return started

    def python(self) -> Terminal:
        """Start an interactive Python; the port 8888 in what is typed becomes the real one."""
        started = self.terminal("python -q", [sys.executable, "-q"], prompt=">>> ")
        started.wait_for(">>> ")
        return started

    def terminal(self, title: str, argv: list[str], prompt: str = "") -> Terminal:
        """Start any program; documents show ``$ title`` as its command line."""
        started = Terminal(title, argv, cwd=CHECKOUT, env=self._env, prompt=prompt)
        self._terminals.append(started)
        return started

    def call_port(self, port: int, shown: int) -> None:
        """Write ``shown`` where the real port appears."""
        self._names[str(port)] = str(shown)

    def call(self, real: str, shown: str) -> None:
        """Write ``shown`` where ``real`` appears; folders and ports have their names by then."""
        self._names[real] = shown

    def types(self, terminal: Terminal, lines: str, answer: str = "") -> None:
        """Type lines, each once the prompt is back; ports that documents show become real ones.

        A line that Python does not understand is a mistake of the scene: CheckFailed.
        """
        for line in lines.strip().splitlines():
            terminal.type(self._really(line.strip()), answer)
        if re.search("^(Name|Syntax|Indentation)Error", terminal.text, re.MULTILINE):
            raise CheckFailed(f"a line of the scene is wrong:\n{terminal.text}")

    def suite(self, stage: str, *options: str) -> str:
        """Do what ``kit.py test STAGE OPTIONS`` does; return the command and what it printed.

        ``--submission=mine`` is the folder ``mine`` of this scene; ports that documents show become
        real ones.
        """
        suite = next(name for name in STAGES if name.startswith(stage))
        real = [self._really(option) for option in options]
        done = subprocess.run(
            pytest_command(f"tests/{suite}", *real, "-p", "no:cacheprovider"),
            cwd=CHECKOUT,
            env={
                **pytest_environment(self._env),
                "PYTHONPATH": "",
                processes.MARK_NAME: processes.MARK,
            },
            capture_output=True,
            encoding="utf-8",
            timeout=deadlines.within(SUITE_SECONDS),
        )
        if done.returncode not in (0, 1):
            raise CheckFailed(f"pytest ended with {done.returncode}: {done.stdout}{done.stderr}")
        # What changes whenever a test is added says nothing here.
        printed = re.sub(r", \d+ deselected", "", done.stdout)
        printed = re.sub(r"(?<=\.py):\d+$", ":…", printed, flags=re.MULTILINE)
        typed = " ".join(shlex.quote(o).replace("'", '"') for o in options)
        return f"$ python kit.py test {stage} {typed}\n{printed}"

    def kit(self, command: str, *arguments: str) -> str:
        """Do what ``kit.py COMMAND`` does in the folder of this scene; return what it printed."""
        code = "import importlib, sys; sys.path.insert(0, sys.argv[1]); sys.exit(importlib."
        code += f"import_module('tests.kit.commands.{command}').main(sys.argv[2:]))"
        done = subprocess.run(
            [sys.executable, "-c", code, str(CHECKOUT), *map(self._really, arguments)],
            cwd=self.folder,
            env={**self._env, "PYTHONPATH": "", processes.MARK_NAME: processes.MARK},
            capture_output=True,
            encoding="utf-8",
            timeout=deadlines.within(SUITE_SECONDS),
        )
        if done.returncode not in (0, 1):
            raise CheckFailed(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        printed = re.sub(r"(?<=\.py):\d+$", ":…", done.stdout, flags=re.MULTILINE)
        return f"$ python kit.py {command} {' '.join(arguments)}\n{printed}"

    def dispose(self) -> None:
        """End everything that was started."""
        for terminal in self._terminals:
            terminal.dispose()

    def _really(self, text: str) -> str:
        """Return what a reader types, with the ports and the folder of this scene."""
        for real, shown in self._names.items():
            if shown.isdecimal():
                text = renamed(text, shown, real)
        return text.replace("--submission=mine", f"--submission={self.folder / 'mine'}")

    # --- writing down ---

    def show(self, *terminals: Terminal, caption: str = "") -> str:
        """Return what terminals show, each with its command line first, as a fenced block.

        A prompt at which nothing was typed any more is left out.
        """
        shown = [
            f"$ {t.name}\n{t.text.rstrip().removesuffix(t.prompt.rstrip())}" for t in terminals
        ]
        return self.block("\n".join(map(str.strip, shown)), caption)

    def block(self, text: str, caption: str = "") -> str:
        """Return text as a fenced block, tidied, perhaps with a caption above."""
        head = f"{caption}\n\n" if caption else ""
        return f"{head}```\n{tidy(text, self._names).strip()}\n```"
