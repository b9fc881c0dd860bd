"""A service of toy verbs on the code under test: each hook that later stages use, used once.

Runs as a program of its own, from the public names of stage2_protocol alone. On the stage's
threaded engine: ``toy_service.py --port 0``. With ``--pipe`` on the smallest engine there is: it
reads one line of bytes (a JSON text with one character for each), carries out the calls in it, and
prints one line of JSON.
"""

import hashlib
import json
import os
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from stage1_echo import LOG, server_parser
from stage2_protocol import (
    Answer,
    Args,
    BodyVerb,
    CallReader,
    Data,
    FileBody,
    Peer,
    Refused,
    Result,
    Service,
    Verb,
    carry_out,
    encode_push,
    serve,
)


class ToyService(Service):
    """A table of toy verbs, ops 40 to 56; see each method."""

    name = "toy"

    def __init__(self) -> None:
        super().__init__()
        self.limits["text"] = 77
        self.events: list[str] = []  # what the hooks saw, in order
        self.peers: dict[int, Peer] = {}
        self.later: dict[str, Future[Data]] = {}
        self.fail_to_open = False
        self.lock = threading.Lock()  # guards all of the above
        self.add(
            Verb(40, "UPPER", self.upper),
            Verb(41, "NOTHING", lambda _peer, _args: None),
            Verb(42, "REFUSE", self.refuse),
            Verb(43, "BUG", self.bug),
            Verb(44, "LATER", self.answer_later, pipelined=True),
            Verb(45, "SETTLE", self.settle),
            Verb(46, "TRUST", self.trust),
            Verb(47, "SHOUT", self.shout),
            Verb(48, "DROP", self.drop),
            Verb(49, "EVENTS", self.tell_events, pipelined=True),
            Verb(50, "SECRET", lambda _peer, _args: {"secret": "honey"}),
            Verb(51, "UNCHECKED", lambda _peer, _args: {}),
        )
        self.add(
            BodyVerb(52, "STORE", self.store),
            Verb(53, "FETCH", self.fetch),
            Verb(54, "GOODBYE", lambda _peer, _args: Answer({"text": "bye"}, close=True)),
            Verb(55, "SHUT_THE_DOOR", self.shut_the_door),
            Verb(56, "FORGET", lambda _peer, _args: self.events.clear()),
        )

    # The hooks

    def started(self) -> None:
        self.note("started")

    def stopped(self) -> None:
        LOG.warning("the toy service has stopped")

    def opened(self, peer: Peer) -> None:
        if self.fail_to_open:
            raise ZeroDivisionError("a bug in opened")
        self.note(f"opened {peer.number}")
        with self.lock:
            self.peers[peer.number] = peer

    def closed(self, peer: Peer) -> None:
        self.note(f"closed {peer.number}")
        with self.lock:
            self.peers.pop(peer.number, None)

    def check(self, peer: Peer, verb: Verb | BodyVerb) -> None:
        if verb.name in ("SECRET", "STORE") and not peer.trusted:
            raise Refused(102, f"{verb.name} is for friends")
        if verb.name == "UNCHECKED":
            raise ZeroDivisionError("a bug in check")

    # Plain verbs

    def upper(self, peer: Peer, args: Args) -> Data:
        self.note(f"UPPER by {peer.number}")
        times = args.optional_integer("times")
        return {"text": args.text("text").upper() * (1 if times is None else times)}

    def refuse(self, _peer: Peer, args: Args) -> Result:
        text = args.optional_text("text") or "not this colour"
        raise Refused(7, text, field="colour", retry_after=1.5)

    def bug(self, _peer: Peer, args: Args) -> Result:
        what = args.text("what")
        if what == "nan":
            return {"number": float("nan")}
        if what == "too large":
            return {"text": "x" * 300_000}
        if what == "no data":
            return ["a list"]  # type: ignore[return-value]
        raise ZeroDivisionError("a bug in a verb")

    def answer_later(self, peer: Peer, args: Args) -> Future[Data]:
        answer: Future[Data] = Future()
        self.note(f"LATER {args.text('key')} by {peer.number}")
        with self.lock:
            self.later[args.text("key")] = answer
        return answer

    def settle(self, _peer: Peer, args: Args) -> None:
        with self.lock:
            answer = self.later.pop(args.text("key"))
        how = args.text("how")
        if how == "refuse":
            answer.set_exception(Refused(8, "it came to nothing"))
        elif how == "bug":
            answer.set_exception(ZeroDivisionError("a bug behind a future"))
        else:
            answer.set_result({"text": how})

    def trust(self, peer: Peer, _args: Args) -> None:
        peer.trusted = True

    def shout(self, peer: Peer, args: Args) -> None:
        """Push ``text`` to every other peer, ``count`` times."""
        frame = encode_push(150, {"text": args.text("text")})
        with self.lock:
            others = [other for number, other in self.peers.items() if number != peer.number]
        for _ in range(args.optional_integer("count") or 1):
            for other in others:
                other.push(frame)

    def drop(self, _peer: Peer, args: Args) -> None:
        with self.lock:
            other = self.peers[args.integer("number")]
        other.close("a verb said so")

    def tell_events(self, peer: Peer, _args: Args) -> Data:
        with self.lock:
            return {"events": list(self.events), "number": peer.number}

    def shut_the_door(self, _peer: Peer, _args: Args) -> None:
        self.fail_to_open = True

    # Verbs with bodies

    def store(self, _peer: Peer, args: Args, length: int) -> "ToySink":
        how = args.optional_text("how") or ""
        if how == "refuse":
            raise Refused(9, "no room for that", field="how")
        if how == "bug":
            raise ZeroDivisionError("a bug before a body")
        return ToySink(self, how, length)

    def fetch(self, _peer: Peer, args: Args) -> Answer:
        """Answer with ``length`` bytes of a file of ``size`` bytes, from ``offset`` on."""
        size, offset = args.integer("size"), args.integer("offset")
        length = args.optional_integer("length")
        path = Path(f"content-{size}")
        with self.lock:
            if not path.exists():
                path.write_bytes(content(min(size, CONTENT)))
                os.truncate(path, size)
        body = FileBody(path.open("rb"), offset, size - offset if length is None else length)
        return Answer({"size": size}, body)

    def note(self, event: str) -> None:
        with self.lock:
            self.events.append(event)


# Longer files end in zeros: their content is not looked at.
CONTENT = 1_000_000


class ToySink:
    """Counts and hashes a body; ``how`` names what goes wrong."""

    def __init__(self, service: ToyService, how: str, length: int) -> None:
        self.service = service
        self.how = how
        self.length = length
        self.received = 0
        self.hash = hashlib.md5(usedforsecurity=False)

    def write(self, chunk: memoryview) -> None:
        self.received += len(chunk)
        self.hash.update(chunk)
        if self.how == "refuse while it comes":
            raise Refused(9, "that is enough")
        if self.how == "bug while it comes":
            raise ZeroDivisionError("a bug in a sink")

    def finish(self) -> Result:
        data = {"received": self.received, "length": self.length, "md5": self.hash.hexdigest()}
        if self.how != "later":
            return data
        answer: Future[Data] = Future()
        threading.Timer(0.01, answer.set_result, [data]).start()
        return answer

    def abort(self) -> None:
        self.service.note(f"aborted after {self.received} of {self.length}")


def content(size: int) -> bytes:
    """Return ``size`` bytes in which no part looks like another."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


class PipePeer:
    """The peer of the smallest engine: it has nobody to push to."""

    number, address, trusted = 1, "a pipe", False

    def push(self, frame: bytes, count: int = 1) -> None:
        raise NotImplementedError("nobody is pushed to on a pipe")

    def close(self, reason: str) -> None:
        raise NotImplementedError("nobody is dropped on a pipe")


def serve_pipe() -> None:
    """Carry out the bytes of each line and print the replies to them; "new" begins from nothing."""
    for line in sys.stdin:
        if line.strip() == "new":
            service, peer = ToyService(), PipePeer()
            reader = CallReader(service, peer)
            print(json.dumps({"replies": []}), flush=True)
            continue
        reader.feed(json.loads(line).encode("latin-1"))
        replies: list[dict[str, Any]] = []
        for call in reader.calls():
            body = call.body
            try:
                reply = call.reply(carry_out(service, peer, call))
            except Exception as error:
                reply = call.failure(error)
            if body is not None and not call.fatal:
                reader.decoder.take(body)
            replies.append({"frame": reply.frame.decode("latin-1"), "close": reply.close})
        print(json.dumps({"replies": replies}), flush=True)


def main() -> int:
    """Run on one engine or the other."""
    if sys.argv[1:] == ["--pipe"]:
        serve_pipe()
        return 0
    parser = server_parser("toy_service", ToyService.name, 0)
    return serve(parser, None, lambda _options: ToyService())


if __name__ == "__main__":
    sys.exit(main())
