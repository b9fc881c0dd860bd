"""One command for the whole chat: three servers and the app, and nothing left when it ends."""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from stage1_echo import (
    CourseError,
    announce_ready,
    fail,
    is_interactive,
    port_number,
    set_up_terminal,
)
from stage3_auth import SMS_MARK, default_data_folder, open_database

from . import demo
from .bot import PASSWORD_VARIABLE
from .desktop import why_no_window
from .options import Addresses
from .servers import ServerSet

CHECK_SECONDS = 1.0
PROMPT = "> "  # that of the terminal client


def program_name() -> str:
    """Return what was typed to come here: kit.py run, the wheel's command or python -m final."""
    name = Path(sys.argv[0]).name
    return "python -m final" if name == "__main__.py" else name


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m final`` without a command."""
    parser = argparse.ArgumentParser(
        prog=program_name(),
        description="The whole chat: three servers and the app. Other commands: "
        "servers, app, terminal, bot; each has its own --help.",
    )
    add_server_options(parser)
    parser.add_argument("--demo", action="store_true", help="with users, rooms and a bot in it")
    parser.add_argument("--join", metavar="HOST", help="only the app, on somebody else's servers")
    parser.add_argument("--terminal", action="store_true", help="the terminal client, no window")
    parser.add_argument("--lang", choices=["en", "zh"], help="language of the app")
    parser.add_argument("--theme", choices=["light", "dark"], help="look of the app")
    return parser


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where the three servers keep data and listen."""
    parser.add_argument(
        "--data", type=Path, help=f"folder of database, files and logs ({default_data_folder()})"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--first-port",
        "--port",
        type=port_number,
        metavar="PORT",
        help="three ports from this one on; 0 takes any free ones (8889, 8890, 8891)",
    )
    parser.add_argument("--db", metavar="URL", help="another database: mysql://user@host:port/name")
    parser.add_argument("--sms", default="console", help="how codes are sent (console)")
    parser.add_argument("--log-level", default="info", help="of the servers (info)")
    parser.add_argument("--limits", default="on", choices=["on", "off"], help="rate limits (on)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run servers and app until the app is closed or Ctrl-C; returns the exit code."""
    options = make_parser().parse_args(argv)
    set_up_terminal()
    try:
        with _signals_as_interrupts():
            return _join(options) if options.join else _run(options)
    except KeyboardInterrupt:
        return 0
    except CourseError as error:
        return fail(error)


def serve_only(argv: Sequence[str] | None = None) -> int:
    """Run the three servers until Ctrl-C (``python -m final servers``).

    As with any server of ours, standard output has the READY lines, three of them, and no more.
    """
    parser = argparse.ArgumentParser(prog="python -m final servers")
    add_server_options(parser)
    options = parser.parse_args(argv)
    set_up_terminal()
    try:
        with _signals_as_interrupts(), _servers(options, _data_folder(options)) as servers:
            for service, (host, port) in vars(servers.addresses).items():
                announce_ready(service, host, port)
            _wait(servers)
    except KeyboardInterrupt:
        return 0
    except CourseError as error:
        return fail(error)
    return 0


def _run(options: argparse.Namespace) -> int:
    data = _data_folder(options)
    keys = None
    if options.demo:
        database = open_database(options.db or f"sqlite:///{data / 'chat.db'}")
        keys = demo.prepare(database, time.time())
        database.close()
    with _servers(options, data) as servers:
        _announce(servers)
        with _bot(servers.addresses, keys):
            return _client(options, servers, keys)


def _join(options: argparse.Namespace) -> int:
    addresses = Addresses.at(options.join, options.first_port)
    command = _client_command(options, addresses)
    if command is None:
        print("no window and no terminal here: nothing to run the app in", file=sys.stderr)
        return 1
    return subprocess.call(command)


def _client(options: argparse.Namespace, servers: ServerSet, keys: demo.DemoKeys | None) -> int:
    if keys is not None:
        print(f"demo: log in as {keys.guest} with the password {keys.guest_password}", flush=True)
    command = _client_command(options, servers.addresses)
    if command is None:
        print("no window and no terminal here: the servers stay up; Ctrl-C ends them", flush=True)
        _wait(servers)
        return 0
    in_terminal = "terminal" in command
    _telephone.prompt = PROMPT if in_terminal else ""
    client = subprocess.Popen(command)
    try:
        with _ctrl_c_left_to_client() if in_terminal else contextlib.nullcontext():
            _wait(servers, client)
    finally:
        _end(client)
    return client.returncode


def _client_command(options: argparse.Namespace, addresses: Addresses) -> list[str] | None:
    """Return the command of the app, or of the terminal client where no window can be; or None."""
    reason = "asked for the terminal" if options.terminal else why_no_window()
    me = [sys.executable, "-m", "final"]
    if reason is None:
        look = [
            word
            for flag in ("lang", "theme")
            if getattr(options, flag)
            for word in (f"--{flag}", getattr(options, flag))
        ]
        remembered = ["--data", str(_data_folder(options))]
        demo_login = ["--demo"] if options.demo and not options.join else []
        return [*me, "app", *addresses.flags(), *look, *remembered, *demo_login]
    if not is_interactive():
        return None
    if not options.terminal:
        print(f"{reason}; opening the terminal client", flush=True)
    return [*me, "terminal", *addresses.flags()]


def _data_folder(options: argparse.Namespace) -> Path:
    if options.data is not None:
        return Path(options.data).absolute()
    folder = default_data_folder()
    return folder / "demo" if getattr(options, "demo", False) else folder


def _servers(options: argparse.Namespace, data: Path) -> ServerSet:
    return ServerSet(
        data,
        host=options.host,
        first_port=options.first_port,
        database=options.db,
        sms=options.sms,
        common_flags=["--log-level", options.log_level, "--limits", options.limits],
        on_line=_telephone.ring,
    )


class _Telephone:
    """Shows a verification code where the user looks: the log is in a file.

    Only the account server's: the others log words of users (names of files), who could forge one.
    ``prompt`` is that of a client in the same terminal, which is written again.
    """

    prompt = ""

    def ring(self, service: str, line: str) -> None:
        if service == "auth" and (found := re.search(rf"{SMS_MARK}.*", line)):
            text = found[0].rstrip(" │|")  # a log pads its lines, and may frame them
            before, after = ("\r", f"\n{self.prompt}") if self.prompt else ("", "\n")
            print(f"{before}{text}", end=after, file=sys.stderr, flush=True)


_telephone = _Telephone()


def _announce(servers: ServerSet) -> None:
    addresses = servers.addresses
    for service, (host, port) in vars(addresses).items():
        print(f"{service:5} server on {host} port {port}", flush=True)
    print(f"data and logs: {servers.data}", flush=True)


@contextlib.contextmanager
def _bot(addresses: Addresses, keys: demo.DemoKeys | None) -> Iterator[None]:
    """Run the demo's bot meanwhile; closing its input ends it."""
    if keys is None:
        yield
        return
    bot = subprocess.Popen(
        [sys.executable, "-m", "final", "bot", "--name", keys.bot, *addresses.flags()],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, PASSWORD_VARIABLE: keys.bot_password},
    )
    try:
        yield
    finally:
        assert bot.stdin is not None, "it was asked for"
        bot.stdin.close()
        _end(bot)


def _wait(servers: ServerSet, client: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait until the client ends, for ever without one; say so when a server dies meanwhile."""
    said: set[str] = set()
    while client is None or client.poll() is None:
        if client is None:
            time.sleep(CHECK_SECONDS)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                client.wait(CHECK_SECONDS)
        for service in servers.dead():
            if service not in said:
                said.add(service)
                log = servers.log_folder / f"{service}.log"
                print(f"the {service} server has ended; its log: {log}", file=sys.stderr)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3)
        process.kill()
        process.wait()


@contextlib.contextmanager
def _ctrl_c_left_to_client() -> Iterator[None]:
    """Let Ctrl-C end us only by ending the client, which may just give up a question."""
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Let SIGTERM end us as Ctrl-C does: through every ``finally``."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
