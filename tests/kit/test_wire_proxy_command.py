"""`kit.py wire` as a program: READY, lines, faults, recordings, a clean end."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.byte_client import ByteClient
from tests.kit.commands.wire import read_options
from tests.kit.deadlines import within
from tests.kit.environment import scrubbed
from tests.kit.failure import CheckFailed
from tests.kit.processes import WINDOWS
from tests.kit.programs import Program
from tests.kit.toys import Toy, toy
from tests.kit.wire import WireClient
from tests.kit.wire_codec import frame

__all__ = ["toy"]

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from tests.kit.commands.wire import main; sys.exit(main(sys.argv[1:]))"
COMMAND = [sys.executable, "-c", PROGRAM]

Start = Callable[..., Program]
Connect = Callable[..., WireClient]
Dial = Callable[..., ByteClient]


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Start]:
    """Start the command; it is waited for unless ``ready`` is false."""
    started: list[Program] = []

    def start(*words: str, ready: bool = True) -> Program:
        folder = tmp_path / f"wire-{len(started)}"
        folder.mkdir()
        env = scrubbed(folder)
        started.append(Program("wire", [*COMMAND, *words], cwd=ROOT, env=env, folder=folder))
        if ready:
            started[-1].wait_ready(15)
        return started[-1]

    yield start
    for program in started:
        program.dispose()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=within(30),
    )


def to(server: Program) -> tuple[str, str]:
    return "--to", f"{server.host}:{server.port}"


def test_frames_are_shown_while_they_pass_and_ctrl_c_ends_it_cleanly(
    toy: Toy, wire: Start, connect: Connect
) -> None:
    between = wire(*to(toy()))
    assert between.service == "wire" and between.before_ready == []
    ann = connect(between, "Ann")
    ann.request(80, {"text": "\x1b]0;owned\x07 你好"})
    between.expect_line(r"#1 +client → server  00 00 00 .. .* request ECHO \(80\), id 1$")
    between.expect_line(r'"text": "\\u001b\]0;owned\\u0007 你好"')
    between.expect_line(r"#1 +client ← server  00 00 00 .. .* reply to ECHO \(80\), id 1: ok$")
    ann.send_raw_payload(b"\x1b[2J\xff\x9b31m")
    between.expect_line(r"bad: not UTF-8")
    between.expect_line(r"\\x1b\[2J\\xff\\x9b31m$")
    between.interrupt()
    between.wait_exit(code=0)
    printed = between.stdout.read()
    assert b"\x1b" not in printed and b"\x9b" not in printed.replace("…".encode(), b"")
    assert "1 connection: " in printed.decode().splitlines()[-1]
    assert between.stderr.read() == b""


def test_it_ends_cleanly_when_asked_to_with_clients_that_never_read(
    toy: Toy, wire: Start, dial: Dial
) -> None:
    between = wire(*to(toy("silent")), "--raw")
    dial(between).send_until_blocked(b"x" * 64_000_000, quiet_seconds=0.1)
    between.end(code=0)


def test_raw_shows_bytes_and_a_half_frame_is_told(toy: Toy, wire: Start, dial: Dial) -> None:
    server = toy("silent")
    raw, framed = wire(*to(server), "--raw"), wire(*to(server))
    dial(raw).send_bytes("hé".encode()[:2])
    raw.expect_line(r"client → server  2 bytes: h\\xc3$")
    raw.expect_line(r"00000000  68 c3 +\|h\.\|$")
    dial(framed).send_bytes(b"\0\0\0\x09{")
    framed.expect_line(r"waiting: only 1 of 9 bytes of a frame")


def test_the_seed_of_random_cuts_is_told(toy: Toy, wire: Start) -> None:
    between = wire(*to(toy()), "--split", "random")
    between.expect_line(r"split random, gap 1 ms, seed \d+; Ctrl-C ends")
    again = wire(*to(toy()), "--split", "random", "--seed", "41", "--direction", "to-client")
    again.expect_line(r"split random, gap 1 ms, seed 41, only to-client; Ctrl-C ends")


def test_a_cut_is_shown_and_the_next_connection_is_spared(
    toy: Toy, wire: Start, connect: Connect
) -> None:
    between = wire(*to(toy()), "--cut-after-bytes", "6", "--first", "1", "--cut", "reset")
    with pytest.raises(CheckFailed, match=r"broke the connection|closed the connection"):
        connect(between).request(91)
    between.expect_line("cut here: reset")
    between.expect_line(r"closed: 6 bytes to the server, 0 to the client, \d+ that came were not")
    connect(between).request(91)
    between.expect_line(r"#2 .*reply to PING")


def test_what_was_recorded_can_be_shown_and_sent_again(
    toy: Toy, wire: Start, connect: Connect, tmp_path: Path
) -> None:
    talk = tmp_path / "talk.jsonl"
    server = toy()
    between = wire(*to(server), "--record", str(talk), "--split", "9")
    ann = connect(between, "Ann")
    for text in ("hello", "again"):
        ann.request(80, {"text": text})
    ann.half_close()
    ann.recv_all()
    between.expect_line("#1 +closed")
    between.end(code=0)
    if not WINDOWS:
        assert stat.S_IMODE(talk.stat().st_mode) == 0o600

    shown, sent = run("--replay", str(talk)), run("--replay", str(talk), *to(server))
    for again in (shown, sent):
        assert (again.returncode, again.stderr) == (0, "")
        replies = [line for line in again.stdout.splitlines() if "reply to ECHO (80), id" in line]
        assert len(replies) == 2
        assert "in 5 pieces: 9 + 9 + 9 + 9 + " in again.stdout
        assert "1 connection: " in again.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--to [HOST:]PORT says where the server is"),
        (["--to", "localhost"], "'localhost' is not [HOST:]PORT"),
        (["--to", "8888", "--split", "0"], "split is 0; it must be at least 1"),
        (["--to", "8888", "--split", "many"], "'many'"),
        (["--to", "8888", "--replay", "x", "--split", "1"], "--replay goes with --to and --raw"),
        (["--to", "8888", "--raw", "--cut-after-frames", "1"], "--raw knows no frames"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_port_that_is_taken_and_a_file_that_is_not_there_cost_one_line(
    toy: Toy, tmp_path: Path
) -> None:
    server = toy()
    taken = run("--to", "1", "--listen", str(server.port))
    missing = run("--replay", str(tmp_path / "missing.jsonl"))
    for done in (taken, missing):
        assert done.returncode == 1
        assert done.stderr.startswith("kit.py wire: ") and done.stderr.count("\n") == 1
    assert str(server.port) in taken.stderr


@pytest.mark.skipif(WINDOWS, reason="needs a pseudo-terminal")
def test_on_a_terminal_directions_have_colours_and_nothing_else_is_let_through(
    tmp_path: Path,
) -> None:
    import pty

    talk = tmp_path / "talk.jsonl"
    data = frame(b'{"op": 80, "id": "\xc2\x9b31m\xe2\x80\xae"}').hex()
    talk.write_text(
        '{"recording": "kit.py wire", "version": 1}\n'
        '{"time": 0, "connection": 1, "event": "passed", "direction": "to-server", "data": "'
        + data
        + '"}\n',
        "utf-8",
    )
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    env = {**kept, "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    with subprocess.Popen(
        [*COMMAND, "--replay", str(talk)], cwd=ROOT, env=env, stdout=theirs
    ) as child:
        os.close(theirs)
        printed = b""
        try:
            while part := os.read(ours, 65536):
                printed += part
        except OSError:  # what Linux says at the end of a terminal
            pass
        assert child.wait() == 0
    os.close(ours)
    text = printed.decode()
    assert "\x1b[36m client → server" in text
    assert "\\x9b31m\\u202e" in text
    assert "\x9b" not in text and "\u202e" not in text


@pytest.mark.skipif(WINDOWS, reason="needs a shell's pipe")
def test_a_reader_that_went_away_ends_it_quietly(toy: Toy) -> None:
    server = toy()
    child = subprocess.Popen(
        [*COMMAND, *to(server)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdout is not None
    ready = child.stdout.readline().split()
    child.stdout.close()
    # If it has not met the broken pipe yet, it does when it has something to show.
    with contextlib.suppress(OSError):
        socket.create_connection((ready[2], int(ready[3]))).close()
    assert child.stderr is not None
    assert child.stderr.read() == ""
    assert child.wait() == 0
