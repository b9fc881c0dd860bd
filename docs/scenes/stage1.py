"""The scenes of docs/stage1.md: the original server's faults, met by experiment, and their cure."""

import shutil
from pathlib import Path

from tests.kit.byte_client import ByteClient
from tests.kit.docs import diagrams
from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal

HERE = Path(__file__).parent
# What each experiment begins with: Ann's connection, from an interactive Python.
CONNECT = """
import socket
ann = socket.create_connection(("127.0.0.1", 8888))
"""


def original_greets(stage: Stage) -> str:
    """One client that behaves: all is well."""
    server, you = _begin(stage)
    stage.types(
        you,
        """
        ann.send(b"hello")
        ann.recv(1024)
        ann.send("你好".encode())
        ann.recv(1024).decode()
        """,
    )
    server.wait_for("你好")
    return _both(stage, server, you)


def second_client_waits(stage: Stage) -> str:
    """Ann says nothing, and Ben waits."""
    _server, you = _begin(stage)
    stage.types(
        you,
        """
        ben = socket.create_connection(("127.0.0.1", 8888))
        ben.send(b"hello, I am Ben")
        ben.settimeout(1)
        ben.recv(1024)
        ann.close()
        ben.recv(1024).decode()
        """,
    )
    return stage.show(you)


def a_read_cuts_a_character(stage: Stage) -> str:
    """400 Chinese characters are 1,200 bytes; the first read ends in the middle of one."""
    server, you = _begin(stage)
    stage.types(you, 'ann.sendall(("你" * 400).encode())')
    server.wait_exit()
    stage.types(you, 'ben = socket.create_connection(("127.0.0.1", 8888))')
    return _both(stage, server, you)


def a_reset_ends_it(stage: Stage) -> str:
    """Ann's computer breaks the connection instead of closing it."""
    server, you = _begin(stage)
    stage.types(
        you,
        """
        import struct
        ann.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ann.close()
        """,
    )
    server.wait_exit()
    return _both(stage, server, you)


def two_sends_arrive_as_one(stage: Stage) -> str:
    """While the server is busy with Ann, what Ben sends gathers."""
    _server, you = _begin(stage)
    stage.types(
        you,
        """
        ben = socket.create_connection(("127.0.0.1", 8888))
        ben.send(b"lend me 1")
        ben.send(b"00 coins? No, 1 is enough")
        ann.close()
        ben.recv(1024).decode()
        """,
    )
    return stage.show(you)


def it_cannot_have_its_port_again(stage: Stage) -> str:
    """Ended while a client is connected, and started again at once."""
    server, you = _begin(stage)
    stage.types(you, 'ann.send(b"hello")\nann.recv(1024).decode()')
    server.wait_for("hello")
    server.wait_asleep()
    server.interrupt()
    server.wait_exit()
    again = stage.original(port=server.port)
    again.wait_exit()
    return stage.show(server, again)


def three_terminals(stage: Stage) -> str:
    """The mended server, and two clients that talk at the same time."""
    server = stage.server("stage1_echo.server")
    server.wait_for("listens on")
    ann = stage.client("stage1_echo.client", server)
    server.wait_for("#1 connected")
    ben = stage.client("stage1_echo.client", server)
    server.wait_for("#2 connected")
    stage.types(ann, "hello", "已收到消息:hello\r?\n")
    stage.types(ben, "你好", "已收到消息:你好\r?\n")
    stage.types(ann, "how are you?", "已收到消息:how are you\\?\r?\n")
    ann.end_input()
    server.wait_for("#1 closed")
    stage.types(ben, "still here", "已收到消息:still here\r?\n")
    ben.end_input()
    server.wait_for("#2 closed")
    server.interrupt()
    server.wait_exit()
    shown = [
        stage.show(server, caption="Terminal 1:"),
        stage.show(ann, caption="Terminal 2, Ann:"),
        stage.show(ben, caption="Terminal 3, Ben:"),
    ]
    return "\n\n".join(shown)


def hello_as_bytes(stage: Stage) -> str:
    """What goes over the wire for "hello", and what for "你好"."""
    server = stage.server("stage1_echo.server")
    ann = ByteClient(server, "Ann")
    parts = []
    for text in ("hello", "你好"):
        sent = text.encode()
        ann.send_bytes(sent)
        received = ann.recv_exactly(len("已收到消息:".encode()) + len(sent))
        parts += [f"client → server, {len(sent)} bytes", diagrams.characters(sent), ""]
        parts += [f"server → client, {len(received)} bytes", diagrams.characters(received), ""]
    ann.dispose()
    return stage.block("\n".join(parts))


def start(stage: Stage) -> str:
    """A folder of one's own."""
    return stage.block(stage.kit("start", "stage1"))


def nothing_yet(stage: Stage) -> str:
    """The suite on the starter."""
    stage.kit("start", "stage1")
    return stage.block(stage.kit("check", "stage1"))


def first_win(stage: Stage) -> str:
    """The suite on the original with flags and a READY line, up to the first failure."""
    stage.kit("start", "stage1")
    shutil.copy(
        HERE / "first_win1" / "stage1_echo" / "server.py", stage.folder / "mine/stage1_echo"
    )
    # Sometimes the test sees the end of the process first, and says so: then once more.
    for _ in range(5):
        printed = stage.kit("check", "stage1", "--first")
        if "waited for something" in printed:
            break
    return stage.block(printed)


def part_of_the_suite(stage: Stage) -> str:
    """Two checks by their names, on the reference."""
    return stage.block(stage.suite("stage1", "-k", "second_client or reset"))


def attached(stage: Stage) -> str:
    """A server that runs already, and a test that comes to it."""
    server = stage.server("stage1_echo.server")
    printed = stage.suite("stage1", "--attach=127.0.0.1:8888", "-k", "prefix or reset")
    server.wait_for("#1 closed")
    tests = stage.block(printed, caption="Terminal 2:")
    return f"{stage.show(server, caption='Terminal 1:')}\n\n{tests}"


def _begin(stage: Stage) -> tuple[Terminal, Terminal]:
    """Start the original server and an interactive Python in which Ann is connected."""
    server, you = stage.original(), stage.python()
    stage.types(you, CONNECT)
    return server, you


def _both(stage: Stage, server: Terminal, you: Terminal) -> str:
    shown = stage.show(server, caption="Terminal 1:")
    return f"{shown}\n\n{stage.show(you, caption='Terminal 2:')}"
