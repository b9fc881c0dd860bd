"""``kit.py run stage3``: the servers up to a stage, and the stage's window or terminal client.

It knows the programs by their command lines only: no stage is imported here.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import platformdirs

from .. import system
from ..starters import short
from ..tree import stages_here
from . import ROOT, signals_held_back

PROMPT = "> "  # of the stages' terminal clients
END_SECONDS = 6.0  # a server that is asked to end has ended after 5


class NotStarted(Exception):
    """A program of the stage did not start: which, why, and what to do about it."""


@dataclass(frozen=True)
class Stage:
    """What is started for a stage: servers by service name, and its clients.

    A client is told where the ``main`` service is by --host and --port, and where each of the
    ``others`` is by --SERVICE HOST:PORT.
    """

    servers: dict[str, str]
    client: str
    window: str | None = None
    main: str | None = None
    others: tuple[str, ...] = ()


AUTH = {"auth": "stage3_auth.server"}
CHAT = {"chat": "stage4_rooms.server"}
FILES = {"files": "stage5_files.server"}

STAGES = {
    "stage1": Stage({"echo": "stage1_echo.server"}, "stage1_echo.client", main="echo"),
    "stage2": Stage(
        {"protocol": "stage2_protocol.server"}, "stage2_protocol.client", main="protocol"
    ),
    "stage3": Stage(AUTH, "stage3_auth.client", "stage3_auth.login_window", main="auth"),
    "stage4": Stage(
        AUTH | CHAT, "stage4_rooms.client", "stage4_rooms.chat_window", others=("auth", "chat")
    ),
    "stage5": Stage(
        AUTH | CHAT | FILES,
        "stage5_files.client",
        "stage5_files.files_window",
        main="files",
        others=("auth",),
    ),
}


@dataclass(frozen=True)
class Address:
    """Where a server that has said READY listens."""

    host: str
    port: str


def main(name: str, argv: list[str], own: str = "") -> int:
    """Run a stage until its client ends; returns the client's exit code.

    ``own`` is the folder of a student's own stage, which is run where the reference is not here.
    """
    options = parser(name).parse_args(argv)
    stage = STAGES.get(name[:6])
    if stage is None or not (Path(own or ROOT) / stage.client.split(".")[0]).exists():
        print(f"kit.py run: there is no {name} in this folder{begin(name)}")
        return 2
    if own:
        print(f"your own {name[:6]}, from {own}")
    window = stage.window if stage.window and not options.terminal else None
    if window and (reason := system.no_window_because()):
        print(f"no window here ({reason}): using the terminal")
        window = None
    data = options.data or Path(platformdirs.user_data_dir("echo-to-chat", False)) / name[:6]
    data.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as ends:
        try:
            servers = {
                service: server(ends, service, module, data, options.any_port)
                for service, module in stage.servers.items()
            }
        except NotStarted as error:
            print(error)
            return 1
        at_prompt = window is None and sys.stdin.isatty()
        ends.enter_context(telephone(data / "codes.txt", PROMPT if at_prompt else ""))
        program = window or stage.client
        return client(ends, program, client_flags(stage, servers), at_prompt)


def begin(name: str) -> str:
    """Return how a student begins a stage of which only the starter is here."""
    if not any(short(stage) == name[:6] for stage in stages_here()):
        return ""
    return f", nor in mine: kit.py start {name[:6]} begins your own"


def parser(name: str) -> argparse.ArgumentParser:
    """Return the parser of the options that every stage has."""
    made = argparse.ArgumentParser(prog=f"kit.py run {name}")
    made.add_argument("--data", type=Path, help="where data and logs are kept (default: yours)")
    made.add_argument("--any-port", action="store_true", help="take free ports, not the usual ones")
    made.add_argument("--terminal", action="store_true", help="the terminal client, no window")
    return made


def server_flags(service: str, data: Path, any_port: bool) -> list[str]:
    """Return the flags of a stage's server: its place in `data`, and its port."""
    flags = ["--port", "0"] if any_port else []
    if service in ("auth", "chat", "files"):
        flags += ["--db", f"sqlite:///{(data / 'chat.db').as_posix()}"]
    if service == "auth":
        flags += ["--sms", f"file:{data / 'codes.txt'}"]
    if service == "files":
        flags += ["--store", str(data / "files")]
    return flags


def server(
    ends: contextlib.ExitStack, service: str, module: str, data: Path, any_port: bool
) -> Address:
    """Start a server, its log in `data`; raises NotStarted if it ends before it is ready."""
    log = data / f"{service}.log"
    file = ends.enter_context(log.open("w", encoding="utf-8"))
    with signals_held_back():
        process = spawn(module, server_flags(service, data, any_port), file)
        ends.callback(end, process)
    line = process.stdout.readline().split() if process.stdout else []
    if line[:2] != ["READY", service]:
        raise NotStarted(why_not_started(service, process, log))
    print(f"{service} server: {line[2]} port {line[3]}, log: {log}", flush=True)
    return Address(line[2], line[3])


def spawn(module: str, flags: list[str], log: IO[str]) -> subprocess.Popen[str]:
    # In a group of its own: Ctrl-C is for the client, the server is ended after it.
    return subprocess.Popen(
        [sys.executable, "-m", module, *flags],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        encoding="utf-8",
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def why_not_started(service: str, process: subprocess.Popen[str], log: Path) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    said = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
    return (
        f"the {service} server did not start: {said[0] if said else 'it said nothing'}\n"
        "(with kit.py run, --any-port takes free ports)"
    )


def end(process: subprocess.Popen[str]) -> None:
    """Ask a server to end, and see that it does."""
    if os.name == "nt":
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
    else:
        process.terminate()
    wait_or_kill(process)


def wait_or_kill(process: subprocess.Popen[str]) -> None:
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
    finally:
        process.kill()
        process.wait()


def client_flags(stage: Stage, servers: dict[str, Address]) -> list[str]:
    """Return the flags that tell a stage's client where its servers are."""
    flags = []
    if stage.main:
        flags += ["--host", servers[stage.main].host, "--port", servers[stage.main].port]
    for service in stage.others:
        flags += [f"--{service}", f"{servers[service].host}:{servers[service].port}"]
    return flags


def client(ends: contextlib.ExitStack, module: str, flags: list[str], at_prompt: bool) -> int:
    """Run the client on this terminal until it ends; Ctrl-C reaches it as well as us.

    A client with a prompt decides what Ctrl-C means: it may just give up a question.
    """
    with signals_held_back():
        process = subprocess.Popen([sys.executable, "-m", module, *flags], encoding="utf-8")
        ends.callback(wait_or_kill, process)
        ends.callback(process.terminate)
    if at_prompt:
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        return process.wait()
    except KeyboardInterrupt:
        wait_or_kill(process)
        return 0


@contextlib.contextmanager
def telephone(codes: Path, prompt: str) -> Iterator[None]:
    """Show each verification code that arrives in `codes`, as the user's telephone would.

    `prompt` is that of a client on the same terminal: it is written again.
    """
    before, after = ("\r", f"\n{prompt}") if prompt else ("", "\n")
    over = threading.Event()
    start = codes.stat().st_size if codes.exists() else 0

    def watch() -> None:
        place = start
        while not over.wait(0.3):
            if not codes.exists():
                continue
            with codes.open("rb") as file:
                file.seek(place)
                for line in file:
                    if line.endswith(b"\n"):
                        place += len(line)
                        message = json.loads(line)
                        text = f"[telephone {message['phone']}] code: {message['code']}"
                        print(f"{before}{text}", end=after, flush=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
