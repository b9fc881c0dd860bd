"""The scenes of docs/wire.md: what `kit.py wire` shows between a client and a server."""

import itertools
import re
import sys

from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal

PROGRAM = "import sys; from tests.kit.commands.wire import main; sys.exit(main(sys.argv[1:]))"
TIME = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}", re.MULTILINE)


def frames(stage: Stage) -> str:
    """One request of stage 2 and its reply."""
    wire, you = _begin(stage, "stage2_protocol", "stage2_protocol")
    stage.types(you, "你好")
    return _end(stage, wire, you)


def two_lines_arrive_as_one(stage: Stage) -> str:
    """Bytes of stage 1, gathered for a moment."""
    wire, you = _begin(stage, "stage1_echo", "stage1_echo", "--raw --join 1000")
    stage.types(you, "hello\nagain")
    you.wait_for("已收到消息:helloagain")
    return _end(stage, wire, you)


def four_bytes_at_a_time(stage: Stage) -> str:
    """A frame in eleven pieces, put together by the server."""
    wire, you = _begin(
        stage, "stage2_protocol", "stage2_protocol", "--split 4 --direction to-server"
    )
    stage.types(you, "hello")
    return _end(stage, wire, you)


def text_is_no_frame(stage: Stage) -> str:
    """A client of stage 1 at a server of stage 2."""
    wire, you = _begin(stage, "stage2_protocol", "stage1_echo")
    stage.types(you, "hello")
    wire.wait_for(r"client ← server  end")
    return _end(stage, wire, you)


def the_reply_is_lost(stage: Stage) -> str:
    """The connection is cut behind the request."""
    options = "--cut-after-frames 1 --direction to-server"
    wire, you = _begin(stage, "stage2_protocol", "stage2_protocol", options)
    you.prompt = ""  # it comes, but somewhere among what is said of the lost connection
    stage.types(you, "hello", "the connection broke")
    return _end(stage, wire, you)


def _begin(stage: Stage, server: str, client: str, options: str = "") -> tuple[Terminal, Terminal]:
    """Start a stage's server, the wire before it, and a stage's client; return the latter two."""
    behind = stage.server(f"{server}.server")
    behind.wait_for("listens on")
    argv = [sys.executable, "-c", PROGRAM, "--to", str(behind.port), *options.split()]
    title = f"python kit.py wire --listen 9999 --to 8888 {options}".strip()
    wire = stage.terminal(title, argv)
    wire.wait_ready()
    stage.call_port(wire.port, 9999)
    prompt = "> " if client == "stage2_protocol" else ""
    you = stage.client(f"{client}.client", wire, prompt=prompt)
    wire.wait_for("#1 +open")
    return wire, you


def _end(stage: Stage, wire: Terminal, you: Terminal) -> str:
    """End the client, then the wire; return what the wire showed, by a clock that ticks by line."""
    you.end_input()
    wire.wait_for("#1 +closed")
    wire.interrupt()
    wire.wait_exit()
    ticks = itertools.count(1)
    wire.text = TIME.sub(lambda _: f"12:00:00.{next(ticks):03}", wire.text)
    return stage.show(wire)
