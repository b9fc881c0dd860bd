"""What the checks of registration cost for hostile texts of growing length; a line of JSON each.

``python -m tests.bench.inside.check_costs LENGTH …``: prints READY, then for each check and kind of
text ``{"check": …, "text": …, "seconds": [cost at each LENGTH]}``, then DONE. A cost is the least
of several rounds, in CPU seconds of one call: what others do on the machine does not count.
"""

import json
import sys
import time
from collections.abc import Callable

from stage3_auth import (
    check_code,
    check_email,
    check_name,
    check_password,
    check_phone,
    name_key,
)

ROUNDS = 15
CALLS = 20  # of one round: a single call may be too short for the clock

# Runs that almost match, and what makes normalisation sort.
TEXTS: dict[str, Callable[[int], str]] = {
    "one letter": lambda n: "a" * n,
    "digits": lambda n: "1" * n,
    "spaces": lambda n: " " * n,
    "letters and a newline": lambda n: "a1" * (n // 2 - 1) + "\n",
    "labels without an end": lambda n: "a@" + "a." * (n // 2 - 1),
    "hyphens": lambda n: "a@" + "a-" * (n // 2 - 1),
    "atoms without an at": lambda n: "a." * (n // 2),
    "labels, then a wrong end": lambda n: "a@a" + ".a" * (n // 2 - 2) + "!",
    "marks in the wrong order": lambda n: "a" + "\u0316\u0301" * (n // 2),
    "one character that becomes 18": lambda n: "\ufdfa" * n,
}
CHECKS = (check_name, check_password, check_phone, check_email, check_code, name_key)


def cost(check: Callable[[str], object], text: str) -> float:
    """Return the CPU seconds of one call."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time_ns()
        for _ in range(CALLS):
            check(text)
        rounds.append(time.process_time_ns() - start)
    return min(rounds) / CALLS / 1e9


def main(lengths: list[int]) -> None:
    """Print the costs."""
    print("READY", flush=True)
    for check in CHECKS:
        for name, make in TEXTS.items():
            seconds = [cost(check, make(length)) for length in lengths]
            print(json.dumps({"check": check.__name__, "text": name, "seconds": seconds}))
    print("DONE", flush=True)


if __name__ == "__main__":
    main([int(length) for length in sys.argv[1:]])
