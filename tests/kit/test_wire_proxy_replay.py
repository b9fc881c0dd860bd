"""A recording played to a server: what clients sent is sent again, in its order and pieces."""

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.kit.byte_client import ByteClient
from tests.kit.deadlines import eventually
from tests.kit.failure import CheckFailed
from tests.kit.listening import Listening
from tests.kit.programs import Server
from tests.kit.proxy.events import (
    Closed,
    Direction,
    Ended,
    Event,
    Opened,
    Passed,
    Reset,
    Unreachable,
    pieces,
)
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.proxy.player import Player
from tests.kit.toys import Toy, toy
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode

__all__ = ["toy"]

MakeProxy = Callable[..., ServerProxy]
Connect = Callable[..., WireClient]
TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT


@pytest.fixture
def server() -> Iterator[Listening[ByteClient]]:
    """The test as the server that the recording is played to."""
    listening = Listening(ByteClient)
    yield listening
    listening.dispose()


def address(server: Server) -> tuple[str, int]:
    return server.host, server.port


def test_a_recorded_talk_is_held_again_in_the_same_pieces_and_order(
    toy: Toy, proxy: MakeProxy, connect: Connect
) -> None:
    running = toy()
    between = proxy(running, split=7, direction="to-server")
    ann, ben = connect(between, "Ann"), connect(between, "Ben")
    for client in (ann, ben, ann):
        client.request(80, {"text": "hello"})
    ann.close()
    ben.half_close()
    ben.recv_all()
    eventually(lambda: sum(isinstance(e, Closed) for e in between.events) == 2, why="both ends")
    again: list[Event] = []
    Player(address(running), again.append).play(between.events)
    for connection in (1, 2):
        for way in Direction:
            then = pieces(between.events, way, connection)
            now = pieces(again, way, connection)
            assert b"".join(now) == b"".join(then)
            assert way is TO_CLIENT or now == then
    talk = [
        (event.connection, event.direction)
        for event in again
        if isinstance(event, Passed) and (event.direction is TO_CLIENT or event.data[:1] == b"\0")
    ]
    assert talk == [(n, way) for n in (1, 2, 1) for way in (TO_SERVER, TO_CLIENT)]


def test_a_talk_that_ended_with_a_reset_ends_with_one_again(server: Listening[ByteClient]) -> None:
    talk: list[Event] = [
        Opened(0.0, 1, "then", "there"),
        Passed(0.0, 1, TO_SERVER, b"hello"),
        Reset(0.0, 1, TO_SERVER),
        Closed(0.0, 1, 0),
    ]
    playing = threading.Thread(target=Player(address(server), lambda _: None).play, args=(talk,))
    playing.start()
    accepted = server.accept()
    accepted.expect_bytes(b"hello")
    with pytest.raises(CheckFailed, match="broke the connection"):
        accepted.recv_some()
    playing.join()


def test_a_server_that_answers_less_than_then_is_not_waited_for_for_ever(
    server: Listening[ByteClient],
) -> None:
    talk: list[Event] = [
        Opened(0.0, 1, "then", "there"),
        Passed(0.0, 1, TO_CLIENT, encode({"op": 100})),
        Passed(0.0, 1, TO_SERVER, b"after it"),
    ]
    player = Player(address(server), lambda _: None, patience=0.05)
    playing = threading.Thread(target=player.play, args=(talk,))
    playing.start()
    accepted = server.accept()
    accepted.expect_bytes(b"after it")
    playing.join()


def test_much_is_played_while_much_comes_back(server: Listening[ByteClient]) -> None:
    much = random.Random(4).randbytes(6_000_000)
    talk: list[Event] = [Opened(0.0, 1, "then", "there"), Passed(0.0, 1, TO_SERVER, much)]
    told: list[Event] = []
    playing = threading.Thread(target=Player(address(server), told.append).play, args=(talk,))
    playing.start()
    accepted = server.accept()
    accepted.send_bytes(much)
    accepted.expect_bytes(much)
    accepted.half_close()
    playing.join()
    for way in Direction:
        assert b"".join(pieces(told, way)) == much


def test_a_server_that_breaks_the_connection_ends_its_part_of_the_play(
    server: Listening[ByteClient],
) -> None:
    talk: list[Event] = [Opened(0.0, 1, "then", "there"), Ended(0.0, 1, TO_SERVER)]
    told: list[Event] = []
    playing = threading.Thread(target=Player(address(server), told.append).play, args=(talk,))
    playing.start()
    accepted = server.accept()
    accepted.expect_closed()
    accepted.reset()
    playing.join()
    assert [type(event) for event in told] == [Opened, Ended, Reset, Closed]


def test_a_server_that_is_gone_is_told_and_not_played_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    told: list[Event] = []
    talk: list[Event] = [Opened(0.0, 1, "then", "there"), Passed(0.0, 1, TO_SERVER, b"x")]
    with contextlib.suppress(OSError):
        Player(("127.0.0.1", port), told.append).play(talk)
    assert [type(event) for event in told] == [Unreachable]
