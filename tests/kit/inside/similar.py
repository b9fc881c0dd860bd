"""Compares texts of Python by copydetect's fingerprints: JSON on standard input, JSON out.

``{"given": text, "codes": {id: text}}`` is answered with a list of ``[id, id, share, share,
passages, passages]``: how much of each one's own code is in the other, and where, as pairs of
places in the text. What is in ``given`` counts for nobody. PYTHONHASHSEED must be set: with the
same seed the same texts give the same answer.
"""

import io
import itertools
import json
import sys
from typing import Any

# Shared passages of fewer characters are chance, and of so many are always found (copydetect's
# noise and guarantee thresholds; names count as one character, spaces and comments as none).
NOISE, FOUND = 25, 35


def main() -> None:
    """Read the question and write the answer."""
    from copydetect import CodeFingerprint, compare_files

    question = json.load(sys.stdin)

    def fingerprint(code: str, window: int, known: Any) -> Any:
        return CodeFingerprint("code.py", NOISE, window, known, language="python", fp=_open(code))

    known = list(fingerprint(question["given"], 1, []).hashes)
    prints = {
        name: fingerprint(code, FOUND - NOISE + 1, known)
        for name, code in sorted(question["codes"].items())
    }
    answer = []
    for one, other in itertools.combinations(prints, 2):
        _, shares, places = compare_files(prints[one], prints[other])
        passages = [[[int(a), int(b)] for a, b in zip(*at, strict=True)] for at in places]
        answer.append([one, other, *map(float, shares), *passages])
    json.dump(answer, sys.stdout)


def _open(code: str) -> io.StringIO:
    return io.StringIO(code)


if __name__ == "__main__":
    main()
