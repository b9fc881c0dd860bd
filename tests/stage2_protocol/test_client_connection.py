"""The client's end of a connection; the test plays the server, well or badly.

The rules: docs/protocol.md, Requests and replies, Connections.
"""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.listening import Listening
from tests.kit.match import ABSENT, OneOf
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode, frame

from .driver import NEVER, Driver, answer

Listen = Callable[..., Listening[WireClient]]
pytestmark = [pytest.mark.functions, pytest.mark.needs("2.1", "2.2")]

ECHO, PING, MESSAGE = 80, 91, 100
Ends = tuple[Driver, WireClient]


@pytest.mark.task("2.8", hint="What does a request look like on the wire?")
@pytest.mark.points(1.5)
def test_a_request_goes_out_as_one_frame_and_its_data_comes_back(ends: Ends) -> None:
    client, server = ends
    client.ask("first", ECHO, {"text": "你好"})
    request = server.recv_message()
    wanted = {"op": ECHO, "id": OneOf(int, str), "args": {"text": "你好"}, "body": ABSENT}
    check.matches(request, wanted, "the request")
    answer(server, {"text": "你好"}, id=request["id"])
    client.expect("answer", name="first", data={"text": "你好"})
    client.ask("second", PING)
    second = server.recv_message()
    check.matches(second, {"op": PING, "args": OneOf(ABSENT, None, {})}, "the request without args")
    check.that(second["id"] != request["id"], "the second request has the id of the first")
    server.send_frame({"op": PING, "id": second["id"], "test": 0})
    client.expect("answer", name="second", data={})


@pytest.mark.task("2.8", hint="Which of the threads that wait gets which reply?")
@pytest.mark.points(1)
def test_replies_are_matched_by_id_in_whatever_order_they_come(ends: Ends) -> None:
    client, server = ends
    asked = {}
    for name in ("a", "b", "c", "d"):
        client.ask(name, ECHO, {"text": name})
        asked[name] = server.recv_message()
    for name in ("c", "a", "d", "b"):
        answer(server, {"text": f"to {name}"}, id=asked[name]["id"])
    for name in ("a", "b", "c", "d"):
        client.expect("answer", name=name, data={"text": f"to {name}"})


@pytest.mark.task("2.8", hint="What does the caller learn when the server says no?")
@pytest.mark.points(1)
def test_a_failure_is_raised_with_all_that_it_says(ends: Ends) -> None:
    client, server = ends
    client.ask("no", ECHO)
    id = server.recv_message()["id"]
    why = {"error": "slow down", "field": "text", "retry_after": 2.5}
    server.send_frame({"op": ECHO, "id": id, "test": 105, **why})
    event = client.expect("refused", name="no")
    wanted = {"status": 105, "text": "slow down", "field": "text", "retry_after": 2.5}
    check.matches(event, wanted, "the error that was raised")
    client.ask("bare", ECHO)
    server.send_frame({"op": ECHO, "id": server.recv_message()["id"], "test": 1, "error": "no"})
    client.expect("refused", name="bare", status=1, field=None, retry_after=None)


@pytest.mark.task("2.8", hint="What has op 100 or more and no id?")
@pytest.mark.points(1)
def test_pushes_reach_the_callback_in_order_also_between_request_and_reply(ends: Ends) -> None:
    client, server = ends
    client.ask("a", ECHO)
    id = server.recv_message()["id"]
    for number in range(5):
        server.send_frame({"op": MESSAGE + number, "data": {"n": number}})
    answer(server, {"text": "a"}, id=id)
    server.send_frame({"op": MESSAGE})
    for number in range(5):
        push = client.expect("push")
        check.matches(push, {"op": MESSAGE + number, "data": {"n": number}}, "the push")
    client.expect("answer", name="a", data={"text": "a"})
    client.expect("push", op=MESSAGE, data={})


@pytest.mark.task("2.8", hint="May a mistake in somebody's callback silence the connection?")
@pytest.mark.points(0.5)
def test_a_bug_in_the_callback_does_not_end_the_connection(driver: Driver, listen: Listen) -> None:
    server = driver.connect(listen(WireClient), heartbeat=NEVER, on_push="raise")
    for _ in range(2):
        server.send_frame({"op": MESSAGE, "data": {}})
        driver.expect("push")
    driver.ask("a", ECHO)
    answer(server, {"text": "a"}, id=server.recv_message()["id"])
    driver.expect("answer", name="a")


@pytest.mark.task("2.8", hint="Replies come in a stream too. Where does half a reply wait?")
@pytest.mark.points(0.5)
def test_replies_are_read_however_they_are_cut(ends: Ends) -> None:
    client, server = ends
    push = encode({"op": MESSAGE, "data": {"text": "你好"}})
    for size in (10_000, 1, 7, 100):
        ids = []
        for name in ("a", "b", "c"):
            client.ask(name, ECHO)
            ids.append(server.recv_message()["id"])
        replies = (encode({"op": ECHO, "id": id, "test": 0, "data": {"n": id}}) for id in ids)
        data = push.join(replies)
        for at in range(0, len(data), size):
            server.send_bytes(data[at : at + size])
        for name, id in zip(("a", "b", "c"), ids, strict=True):
            client.expect("answer", name=name, data={"n": id})
        for _ in range(2):
            client.expect("push", data={"text": "你好"})


@pytest.mark.task("2.8", hint="What if the answer never comes, and what if it comes too late?")
@pytest.mark.points(0.5)
def test_a_request_times_out_and_its_late_answer_harms_nobody(ends: Ends) -> None:
    client, server = ends
    client.ask("slow", ECHO, timeout=0.1)
    late = server.recv_message()["id"]
    client.expect("timeout", name="slow")
    answer(server, {"text": "too late"}, id=late)
    answer(server, {"text": "nobody asked"}, id=999_999)
    client.ask("next", ECHO)
    answer(server, {"text": "in time"}, id=server.recv_message()["id"])
    client.expect("answer", name="next", data={"text": "in time"})


@pytest.mark.task("2.8", hint="What may a caller do with the future that it got?")
def test_a_request_that_was_cancelled_harms_nobody(ends: Ends) -> None:
    client, server = ends
    client.do("submit", name="cancelled", op=ECHO)
    first = server.recv_message()["id"]
    client.do("submit", name="kept", op=ECHO)
    second = server.recv_message()["id"]
    client.do("cancel", name="cancelled")
    client.expect("cancelled", done=True)
    answer(server, {"text": "nobody cares"}, id=first)
    answer(server, {"text": "wanted"}, id=second)
    client.do("wait", name="kept")
    client.expect("answer", name="kept", data={"text": "wanted"})


@pytest.mark.task("2.8", hint="Who is still waiting when the server goes away?")
@pytest.mark.points(1)
@pytest.mark.parametrize("how", ["closed", "reset", "cut in a frame"])
def test_when_the_server_is_lost_all_who_wait_are_told(ends: Ends, how: str) -> None:
    client, server = ends
    for name in ("a", "b"):
        client.ask(name, ECHO)
        server.recv_message()
    if how == "cut in a frame":
        server.send_bytes(b"\x00\x00\x00\x09{")
    if how == "reset":
        server.reset()
    else:
        server.close()
    for name in ("a", "b"):
        client.expect("lost", name=name)
    client.expect("on_lost")
    client.ask("later", ECHO)
    client.expect("lost", name="later")
    check.equal(client.kept, [], "further events: on_lost is called once")
    client.do("state")
    client.expect("state", open=False)


@pytest.mark.task("2.8", hint="What can a client still believe of a server that says such things?")
@pytest.mark.points(0.5)
@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        frame(b"no JSON"),
        frame(b"[1]"),
        encode({"op": ECHO, "id": 1, "test": 0, "data": [1]}),
        encode({"op": ECHO, "id": 1, "test": 0, "body": -5}),
        encode({"op": None, "test": 106, "error": "too large"}),
    ],
    ids=["length 0", "a huge length", "no JSON", "no object", "data a list", "a body of -5", "106"],
)
def test_a_server_that_breaks_the_protocol_is_given_up(ends: Ends, data: bytes) -> None:
    client, server = ends
    client.ask("a", ECHO)
    server.recv_message()
    server.send_bytes(data)
    client.expect("lost", name="a")
    client.expect("on_lost")
    server.expect_closed()


@pytest.mark.task("2.8", hint="Whose answer is a reply with an id that nobody gave?")
@pytest.mark.parametrize("id", [[1], {"a": 1}, True, 1.0, "1", None])
def test_a_reply_with_a_strange_id_is_nobodys(ends: Ends, id: object) -> None:
    client, server = ends
    client.ask("a", ECHO)
    asked = server.recv_message()["id"]
    server.send_frame({"op": ECHO, "id": id, "test": 0, "data": {"text": "not yours"}})
    answer(server, {"text": "yours"}, id=asked)
    client.expect("answer", name="a", data={"text": "yours"})


@pytest.mark.task("2.8", hint="Who is told when one closes the connection oneself?")
@pytest.mark.points(0.5)
def test_closing_tells_those_who_wait_and_leaves_nothing_behind(ends: Ends) -> None:
    client, server = ends
    client.ask("a", ECHO)
    server.recv_message()
    client.do("close")
    client.expect("lost", name="a")
    client.expect("closed")
    server.expect_closed()
    client.expect_no_threads()
    check.equal(client.kept, [], "further events: on_lost is not for an end that was asked for")


@pytest.mark.task("2.8", hint="What if nobody listens at that port?")
@pytest.mark.points(0.5)
def test_a_server_that_cannot_be_reached_is_said_at_once(driver: Driver, listen: Listen) -> None:
    nobody = listen(WireClient)
    nobody.dispose()
    driver.do("connect", host=nobody.host, port=nobody.port)
    lost = driver.expect("unreachable")
    check.that(str(nobody.port) in lost["text"], "the error should say who could not be reached")
