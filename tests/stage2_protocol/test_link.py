"""A connection that comes back by itself. The rule: docs/protocol.md, Connections."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.listening import Listening
from tests.kit.probe import Probe
from tests.kit.wire import WireClient

from .driver import Driver, answer

Listen = Callable[..., Listening[WireClient]]
pytestmark = [pytest.mark.functions, pytest.mark.needs("2.1", "2.2")]

ECHO, ENTER = 80, 10
# Waits of an outage, in seconds, that a test can afford.
SHORT = [0.01] * 1000


def start(driver: Driver, listening: Listening[WireClient], **options: object) -> None:
    """Start a link to the test; its on_up enters."""
    where = {"host": listening.host, "port": listening.port}
    driver.do("link", **where, **{"enter": ENTER, "waits": SHORT, **options})
    driver.expect("started")


def let_in(server: WireClient) -> None:
    """Answer the request that a link makes before it is in use."""
    request = server.recv_message()
    check.matches(request, {"op": ENTER}, "the first request")
    answer(server, {}, op=ENTER, id=request["id"])


@pytest.mark.task("2.8", hint="What must be done again on each new connection?")
@pytest.mark.points(1)
def test_a_lost_connection_comes_back_and_is_brought_into_use_again(
    driver: Driver, listen: Listen
) -> None:
    listening = listen(WireClient)
    start(driver, listening)
    for number in range(3):
        server = listening.accept()
        driver.expect("up")
        let_in(server)
        server.send_frame({"op": 100, "data": {"n": number}})
        driver.expect("push", data={"n": number})
        server.close()
        driver.expect("down", kind="ConnectionLost")


@pytest.mark.task("2.8", hint="What can be asked while there is no connection?")
@pytest.mark.points(0.5)
def test_requests_go_over_the_connection_in_use_and_fail_while_there_is_none(
    driver: Driver, listen: Listen
) -> None:
    listening = listen(WireClient)
    start(driver, listening, waits=[0.01, 1000.0])
    server = listening.accept()
    driver.expect("up")  # and not in use before it has entered
    driver.ask("too early", ECHO)
    driver.expect("lost", name="too early")
    let_in(server)
    driver.expect("ready")
    driver.ask("a", ECHO)
    answer(server, {"text": "a"}, id=server.recv_message()["id"])
    driver.expect("answer", name="a", data={"text": "a"})


@pytest.mark.task("2.8", hint="When is trying again of no use?")
@pytest.mark.points(0.5)
def test_a_link_that_is_refused_does_not_try_again(driver: Driver, listen: Listen) -> None:
    listening = listen(WireClient)
    start(driver, listening)
    server = listening.accept()
    id = server.recv_message()["id"]
    server.send_frame({"op": ENTER, "id": id, "test": 102, "error": "not logged in"})
    driver.expect("down", kind="Refused", text="not logged in")
    server.expect_closed()
    driver.expect_no_threads()


@pytest.mark.task("2.8", hint="Who tries on while the server is away?")
def test_a_link_tries_again_until_the_server_is_there(driver: Driver, listen: Listen) -> None:
    nobody = listen(WireClient)
    nobody.dispose()
    start(driver, nobody)
    for _ in range(3):
        driver.expect("down", kind="ConnectionLost")
    driver.do("close")
    driver.expect("closed")
    driver.expect_no_threads()


@pytest.mark.task("2.8", hint="What must end when a link is closed, whatever it is doing?")
@pytest.mark.parametrize("when", ["in use", "entering", "waiting"])
def test_a_closed_link_leaves_nothing_behind(driver: Driver, listen: Listen, when: str) -> None:
    listening = listen(WireClient)
    start(driver, listening, waits=[1000.0])
    server = listening.accept()
    driver.expect("up")
    if when != "entering":
        let_in(server)
        driver.expect("ready")
    if when == "waiting":
        server.close()
        driver.expect("down")
    driver.do("close")
    driver.expect("closed")
    if when != "waiting":
        server.recv_all()
    driver.expect_no_threads()
    check.equal(
        [event for event in driver.kept if event["event"] == "down"], [], "on_down after it"
    )


@pytest.mark.task("2.8", hint="A thousand clients lost one server. When does each knock again?")
@pytest.mark.points(0.5)
def test_waits_double_up_to_a_limit_and_half_of_each_is_chance(probe: Probe) -> None:
    seen = set()
    for _ in range(20):
        waits = probe.new("stage2_protocol:back_off", 1.0, 10.0)
        for whole in (1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0):
            wait = waits.call("__next__")
            check.that(
                whole / 2 <= wait <= whole, f"a wait of {wait} s, not {whole / 2} to {whole}"
            )
            seen.add(wait)
    check.that(len(seen) > 100, f"{len(seen)} different waits of 140: all would knock at once")
