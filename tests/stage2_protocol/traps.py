"""Payloads that a server must refuse with 100, and odd ones that it must take.

The rules: docs/protocol.md, Messages. Each payload stands in a frame of the right length.
"""

import json
import random

PING, ECHO = 91, 80


def nested(depth: int) -> bytes:
    """Return a PING whose values nest ``depth`` deep; the message's own object is level 1."""
    return b'{"op":91,"id":7,"extra":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


# Kind of mistake -> the payloads that show it. Whoever makes one mistake fails one kind.
BAD_KINDS: dict[str, dict[str, bytes]] = {
    "no JSON": {
        "spaces": b"  \n",
        "no JSON": b"hello",
        "half an object": b'{"op":91,"id":7',
        "two objects": b'{"op":91}{"op":91}',
        "a comma too many": b'{"op":91,"id":7,}',
        "single quotes": b"{'op':91}",
        "a comment": b'{"op":91} // ping',
        "a name without quotes": b"{op:91}",
        "a leading zero": b'{"op":91,"id":7,"extra":01}',
        "a plus sign": b'{"op":91,"id":7,"extra":+1}',
        "a bare point": b'{"op":91,"id":7,"extra":1.}',
        "hexadecimal": b'{"op":91,"id":7,"extra":0x5b}',
        "a control in text": b'{"op":91,"id":7,"extra":"a\nb"}',
        "a zero byte": b'{"op":91,"id":7}\x00',
        "an escape that is none": rb'{"op":91,"id":7,"extra":"\x41"}',
        "a short \\u": rb'{"op":91,"id":7,"extra":"\u12"}',
        "text without end": b'{"op":91,"id":7,"extra":"abc}',
    },
    "no object": {
        "an array": b'[{"op":91}]',
        "a number": b"91",
        "text": b'"PING"',
        "null": b"null",
        "true": b"true",
    },
    "no UTF-8": {
        "not UTF-8": b'{"op":91,"id":7,"extra":"\xff"}',
        "an overlong form": b'{"op":91,"id":7,"extra":"\xc0\xaf"}',
        "half a character": b'{"op":91,"id":7,"extra":"\xe4\xbd"}',
        "a surrogate as UTF-8": b'{"op":91,"id":7,"extra":"\xed\xa0\x80"}',
        "UTF-16": '{"op":91,"id":7}'.encode("utf-16-le"),
    },
    "a byte order mark": {
        "a byte order mark": b'\xef\xbb\xbf{"op":91,"id":7}',
    },
    "a lone surrogate": {
        "a lone high surrogate": rb'{"op":91,"id":7,"extra":"\ud83d"}',
        "a lone low surrogate": rb'{"op":91,"id":7,"extra":["\ude00"]}',
        "surrogates the wrong way round": rb'{"op":91,"id":7,"extra":{"a":"\ude00\ud83d"}}',
        "a lone surrogate in a name": rb'{"op":91,"id":7,"\ud83d":1}',
    },
    "NaN or Infinity": {
        "NaN": b'{"op":91,"id":7,"extra":NaN}',
        "Infinity": b'{"op":91,"id":7,"extra":Infinity}',
        "-Infinity": b'{"op":91,"id":7,"extra":[-Infinity]}',
    },
    "a number that overflows": {
        "a number that overflows": b'{"op":91,"id":7,"extra":1e999}',
        "a negative number that overflows": b'{"op":91,"id":7,"extra":{"a":[-1e999]}}',
    },
    "too many digits": {
        "4,301 digits": b'{"op":91,"id":7,"extra":' + b"9" * 4301 + b"}",
        "-4,301 digits": b'{"op":91,"id":7,"extra":-' + b"9" * 4301 + b"}",
    },
    "nested too deep": {
        "33 levels": nested(33),
        "1,000 levels": nested(1000),
        "16,000 brackets": b"[" * 16_000,
        "3,200 braces": b'{"a":' * 3_200,
    },
}

BAD: dict[str, bytes] = {
    name: payload for kind in BAD_KINDS.values() for name, payload in kind.items()
}

# Like BAD, but op and id stand there plain to read: the fault is in the kind of a field.
WRONG_KIND: dict[str, bytes] = {
    "args a list": b'{"op":91,"id":7,"args":[]}',
    "args text": b'{"op":91,"id":7,"args":"{}"}',
    "args a number": b'{"op":91,"id":7,"args":0}',
    "args false": b'{"op":91,"id":7,"args":false}',
}

NO_OP: dict[str, bytes] = {
    "no op": b'{"id":7,"args":{}}',
    "op null": b'{"op":null,"id":7}',
    "op text": b'{"op":"91","id":7}',
    "op with a fraction": b'{"op":91.0,"id":7}',
    "op with an exponent": b'{"op":91e0,"id":7}',
    "op true": b'{"op":true,"id":7}',
    "op a list": b'{"op":[91],"id":7}',
    "op an object": b'{"op":{},"id":7}',
}

# Each of these is a PING with id 7, however odd it looks.
SOUND_KINDS: dict[str, dict[str, bytes]] = {
    "order and white space": {
        "other order": b'{"id":7,"op":91}',
        "white space": b' \r\n\t{ "op" :\n91 , "id" : 7 } \n',
    },
    "unknown fields": {
        "unknown fields": b'{"op":91,"id":7,"colour":"red","more":[1,2.5,null,true,{"a":[]}]}',
        "unknown args": b'{"op":91,"id":7,"args":{"colour":"red"}}',
        "a name that is empty": b'{"op":91,"id":7,"":""}',
    },
    "empty args": {
        "args null": b'{"op":91,"id":7,"args":null}',
        "args empty": b'{"op":91,"id":7,"args":{}}',
    },
    "duplicate names": {
        "the last op counts": b'{"op":80,"op":91,"id":7}',
        "the last id counts": b'{"op":91,"id":"a","id":7}',
        "the last args count": b'{"op":91,"id":7,"args":[],"args":{}}',
    },
    "text": {
        "escapes in names": rb'{"\u006fp":91,"\u0069d":7}',
        "a pair of surrogates": rb'{"op":91,"id":7,"extra":"\ud83d\ude00"}',
        "every short escape": rb'{"op":91,"id":7,"extra":"\"\\\/\b\f\n\r\t\u0000"}',
        "raw text of many scripts": (
            '{"op":91,"id":7,"extra":"你好, здравствуй, مرحبا, 😀"}'.encode()
        ),
        "noncharacters": '{"op":91,"id":7,"extra":"\uffff\U0010ffff"}'.encode(),
    },
    "numbers": {
        "a number that underflows": b'{"op":91,"id":7,"extra":1e-999}',
        "a large number": b'{"op":91,"id":7,"extra":1e308}',
    },
    "nesting": {
        "32 levels": nested(32),
    },
}

SOUND: dict[str, bytes] = {
    name: payload for kind in SOUND_KINDS.values() for name, payload in kind.items()
}

# Sound too; but where all numbers are floats, these overflow, and to refuse that is right.
LONG_INTEGERS: dict[str, bytes] = {
    "4,300 digits": b'{"op":91,"id":7,"extra":' + b"9" * 4300 + b"}",
    "-4,300 digits": b'{"op":91,"id":7,"extra":-' + b"9" * 4300 + b"}",
}

# The name of a case -> an id of an allowed kind, as Python and JSON hold it.
IDS: dict[str, str | int] = {
    "zero": 0,
    "empty text": "",
    "minus one": -1,
    "2^53": 2**53,
    "-2^53": -(2**53),
    "64 characters": "x" * 64,
    "64 emoji": "😀" * 64,
    "text that looks like a number": "7",
    "text with escapes": 'a "quote", a \\, a \n and \u0000',
}

# The name of a case -> an id of another kind, as it stands in JSON.
WRONG_IDS: dict[str, str] = {
    "2^53 + 1": str(2**53 + 1),
    "-2^53 - 1": str(-(2**53) - 1),
    "20 digits": "1" * 20,
    "65 characters": json.dumps("x" * 65),
    "65 emoji": json.dumps("😀" * 65),
    "true": "true",
    "false": "false",
    "a fraction": "1.5",
    "1.0": "1.0",
    "an exponent": "1e2",
    "a list": "[7]",
    "an object": '{"id":7}',
}


def ping_with_id(id: str) -> bytes:
    """Return the payload of a PING with an id that is given as JSON."""
    return b'{"op":91,"id":' + id.encode() + b"}"


def random_garbage(source: random.Random, number: int) -> list[bytes]:
    """Return payloads that hold no JSON object."""
    pieces = [b'{"op":', b"91", b'"id"', b":", b",", b"{", b"}", b"[", b'"', b"\\u", b"\xe4\xbd"]
    found: list[bytes] = []
    while len(found) < number:
        if source.random() < 0.5:
            payload = source.randbytes(source.randint(1, 200))
        else:
            payload = b"".join(source.choices(pieces, k=source.randint(1, 20)))
        if not _is_object(payload):
            found.append(payload)
    return found


def _is_object(payload: bytes) -> bool:
    try:
        return isinstance(json.loads(payload.decode("utf-8")), dict)
    except (ValueError, RecursionError):
        return False
