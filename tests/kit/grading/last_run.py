"""What a run leaves for the next one into the same folder: which roster its marks were made by.

It lies beside the results, which are the ledger: who collects or removes them has it with them.
"""

import json
from pathlib import Path

from ..failure import HarnessError
from . import writing
from .results import RESULTS

FILE = "run.json"
SCHEMA = "from-echo-to-chat/run/v1"


def remember_roster(out: Path, roster: Path) -> None:
    """Note which roster was used."""
    writing.write_json(out / RESULTS / FILE, {"schema": SCHEMA, "roster": str(roster.absolute())})


def roster_of(out: Path) -> Path | None:
    """Return the roster that the last run used, None for none.

    Raises HarnessError when it is gone: without it marks would change that nobody meant to change.
    """
    file = out / RESULTS / FILE
    if not file.exists():
        return None
    try:
        roster = Path(json.loads(file.read_text("utf-8"))["roster"])
    except (ValueError, KeyError, TypeError) as error:
        raise HarnessError(
            f"{file} does not say which roster the last run used; --roster FILE does"
        ) from error
    if not roster.is_file():
        raise HarnessError(
            f"the last run into {out} used the roster {roster}, which is not there any more; "
            "--roster FILE names another one"
        )
    return roster
