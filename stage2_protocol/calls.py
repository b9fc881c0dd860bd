"""From bytes to calls: the server's half of the protocol, without a socket.

An engine feeds a ``CallReader`` what it reads and takes calls from it, one after the other; it
carries each out and sends the reply. What a bad frame costs is decided here, once for all engines.
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from .args import Args
from .errors import FrameLengthError, MessageError, Refused
from .frames import FrameDecoder
from .messages import Id, Request, encode_reply, parse_request
from .service import (
    Answer,
    BodyVerb,
    FileBody,
    Peer,
    Result,
    Service,
    Verb,
    frame_limit,
    unknown_op,
)
from .status import Status

LOG = logging.getLogger("chat")

# A refused body up to this size is read and dropped; behind a larger one the connection ends.
DROPPED_BODY_LIMIT = 64 * 1024

_NO_TURN = nullcontext()


@dataclass(frozen=True)
class Reply:
    """A reply ready to send: a frame, the raw bytes behind it, and whether it is the last."""

    frame: bytes
    body: FileBody | None = None
    close: bool = False


@dataclass(frozen=True)
class Call:
    """One request on its way to a verb, or the refusal that it has earned already.

    ``body`` raw bytes follow it on the stream. ``fatal`` says that the stream cannot go on.
    """

    op: int | None
    id: Id
    args: Args
    verb: Verb | BodyVerb | None = None
    body: int | None = None
    refusal: Refused | None = None
    fatal: bool = False

    def reply(self, result: Result | Answer) -> Reply:
        """Return the reply that carries a verb's result."""
        answer = result if isinstance(result, Answer) else Answer(data=_as_data(result))
        fields: dict[str, object] = {"test": int(Status.OK)}
        if answer.data:
            fields["data"] = answer.data
        if answer.body is not None:
            fields["body"] = answer.body.length
        return Reply(encode_reply(self.op, self.id, fields), answer.body, answer.close)

    def failure(self, error: BaseException, *, close: bool = False) -> Reply:
        """Return the reply for an exception: a refusal as it is, a bug as 108 with a log entry."""
        if not isinstance(error, Refused):
            LOG.error("op %s failed", self.op, exc_info=error)
            error = Refused(Status.INTERNAL_ERROR, "internal error; the server's log says more")
        return Reply(encode_reply(self.op, self.id, error.to_wire()), close=close or self.fatal)


class CallReader:
    """Turns the bytes of one peer into calls on ``service``."""

    def __init__(self, service: Service, peer: Peer) -> None:
        # BEGIN SOLUTION 2.3
        self._service = service
        self._peer = peer
        self.decoder = FrameDecoder()
        # END SOLUTION

    def feed(self, data: bytes | memoryview) -> None:
        """Take what one read returned."""
        # BEGIN SOLUTION 2.3
        self.decoder.feed(data)
        # END SOLUTION

    def calls(self) -> Iterator[Call]:
        """Yield the calls that have arrived whole; stop after a fatal one.

        Before the next call is asked for, the one in hand must have been carried out and its body
        taken off ``decoder``: what a call does (log in, say) decides how the next is read.
        """
        # BEGIN SOLUTION 2.3
        while (call := self._next_call()) is not None:
            yield call
            if call.fatal:
                return
        # END SOLUTION

    # BEGIN SOLUTION 2.3
    def _next_call(self) -> Call | None:
        self.decoder.limit = frame_limit(self._peer)
        try:
            payload = self.decoder.next_frame()
        except FrameLengthError as error:
            return _refused(Status.TOO_LARGE, str(error), fatal=True)
        if payload is None:
            return None
        try:
            request = parse_request(payload)
        except MessageError as error:
            return self._bad_message(error)
        return self._call(request)

    def _bad_message(self, error: MessageError) -> Call:
        takes_body = isinstance(self._service.verbs.get(error.op or 0), BodyVerb)
        return _refused(
            Status.BAD_REQUEST,
            str(error),
            op=error.op,
            id=error.id,
            body=error.body if takes_body else None,
            fatal=error.body is not None and (not takes_body or error.body < 0),
        )

    def _call(self, request: Request) -> Call:
        verb = self._service.verbs.get(request.op)
        if request.body is not None and (not isinstance(verb, BodyVerb) or request.body < 0):
            # What follows on the stream is not ours to guess.
            text = f"op {request.op} takes no body of {request.body} bytes"
            return _refused(Status.BAD_REQUEST, text, request.op, request.id, fatal=True)
        refusal = None if verb is not None else unknown_op(request.op)
        if isinstance(verb, BodyVerb) and request.body is None:
            refusal = Refused(Status.BAD_REQUEST, "body is missing", field="body")
        return Call(request.op, request.id, Args(request.args), verb, request.body, refusal=refusal)

    # END SOLUTION


def carry_out(service: Service, peer: Peer, call: Call) -> Result | Answer:
    """Run the verb of a call without body; raises Refused, or whatever a bug raises."""
    # BEGIN SOLUTION 2.3
    if call.refusal is not None:
        raise call.refusal
    assert isinstance(call.verb, Verb), "a call without refusal and body has a plain verb"
    service.check(peer, call.verb)
    return call.verb.run(peer, call.args)
    # END SOLUTION


def turn_of(peer: Peer, call: Call) -> AbstractContextManager[object]:
    """Return what an engine holds while it carries out a call and queues its answer."""
    if call.refusal is None and isinstance(call.verb, Verb) and call.verb.turn is not None:
        return call.verb.turn(peer, call.args)
    return _NO_TURN


# BEGIN SOLUTION 2.3
def _refused(
    status: Status,
    text: str,
    op: int | None = None,
    id: Id = None,
    body: int | None = None,
    fatal: bool = False,
) -> Call:
    return Call(op, id, Args({}), body=body, refusal=Refused(status, text), fatal=fatal)


# END SOLUTION


def _as_data(result: Result | Answer) -> dict[str, object]:
    if result is None:
        return {}
    assert isinstance(result, dict), f"a verb returned {type(result).__name__}"
    return result
