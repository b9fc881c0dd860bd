"""The protocol's numbers and their names, for people who watch (docs/protocol.md)."""

OPS = {
    0: "LOGIN",
    1: "SEND_CODE",
    2: "REGISTER",
    3: "LOGOUT",
    4: "WHOAMI",
    5: "CHANGE_PASSWORD",
    6: "RESET_PASSWORD",
    10: "ENTER",
    11: "ROOMS",
    12: "CREATE",
    13: "JOIN",
    14: "LEAVE",
    15: "SAY",
    16: "WHISPER",
    17: "HISTORY",
    18: "WHO",
    19: "PRESENCE",
    20: "TOPIC",
    30: "OFFER",
    31: "SEND",
    32: "FETCH",
    33: "LIST",
    34: "DELETE",
    35: "CANCEL",
    36: "FINISH",
    80: "ECHO",
    90: "HELLO",
    91: "PING",
    92: "BYE",
    100: "MESSAGE",
    101: "PRESENCE",
    102: "MEMBERS",
}

CODES = {
    100: "bad request",
    101: "unknown op",
    102: "not logged in",
    103: "forbidden",
    104: "not found",
    105: "too many requests",
    106: "too large",
    108: "internal error",
    109: "storage unavailable",
}

FIRST_PUSH = 100
# Only these may announce raw bytes behind a message: SEND to the server, FETCH to the client.
BODY_OPS = (31, 32)


def op_name(op: object) -> str:
    """Return an op for people: "ECHO (80)", "op 45" where the number has no name here."""
    if type(op) is not int:
        return "no op"
    return f"{OPS[op]} ({op})" if op in OPS else f"op {op}"


def code_name(code: int) -> str:
    """Return a reply's status for people: "ok", "102 not logged in", "3" (an op's own code)."""
    return f"{code} {CODES[code]}" if code in CODES else str(code) if code else "ok"
