"""Stage 2, frames: messages with a length in front, the threaded engine, the client connection."""

from .args import Args
from .backoff import back_off
from .bodies import IncomingBody
from .calls import Call, CallReader, Reply, carry_out, turn_of
from .commands import Command, CommandLine, Quit, WrongUsage, split_words
from .connection import ClientConnection
from .engine import ThreadedEngine
from .errors import (
    ConnectionLost,
    FrameLengthError,
    MessageError,
    ProtocolError,
    Refused,
    RequestTimeout,
)
from .fields import Fields
from .frames import LIMIT, LIMIT_BEFORE_LOGIN, FrameDecoder, encode_frame
from .link import Link
from .messages import Request, encode_message, encode_push, encode_reply, parse_request
from .pages import all_rows, fit_page
from .service import (
    BYE,
    HELLO,
    PING,
    Answer,
    BodySink,
    BodyVerb,
    Data,
    FileBody,
    Peer,
    Result,
    Service,
    Verb,
    frame_limit,
)
from .serving import serve
from .status import Status

__all__ = [
    "BYE",
    "HELLO",
    "LIMIT",
    "LIMIT_BEFORE_LOGIN",
    "PING",
    "Answer",
    "Args",
    "BodySink",
    "BodyVerb",
    "Call",
    "CallReader",
    "ClientConnection",
    "Command",
    "CommandLine",
    "ConnectionLost",
    "Data",
    "Fields",
    "FileBody",
    "FrameDecoder",
    "FrameLengthError",
    "IncomingBody",
    "Link",
    "MessageError",
    "Peer",
    "ProtocolError",
    "Quit",
    "Refused",
    "Reply",
    "Request",
    "RequestTimeout",
    "Result",
    "Service",
    "Status",
    "ThreadedEngine",
    "Verb",
    "WrongUsage",
    "all_rows",
    "back_off",
    "carry_out",
    "encode_frame",
    "encode_message",
    "encode_push",
    "encode_reply",
    "fit_page",
    "frame_limit",
    "parse_request",
    "serve",
    "split_words",
    "turn_of",
]
