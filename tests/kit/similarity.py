"""Which submissions share code that was not given: copydetect's fingerprints, less the starter.

Each submission becomes one text, of the files of the stage in which students write and of files of
their own. What the starter gives counts for nobody. A share is no proof: two who solve the same
small task may write the same lines; the passages are there to be read.
"""

import html
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .environment import scrubbed
from .failure import HarnessError
from .grading.collecting import Found, stage_submission
from .grading.unpack import BadSubmission
from .starters import solutions, starter

SCRIPT = Path(__file__).with_name("inside") / "similar.py"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two submissions, how much of each one's own code is in the other (0 to 1), and where."""

    one: str
    other: str
    of_one: float
    of_other: float
    places_in_one: list[list[int]]
    places_in_other: list[list[int]]

    @property
    def most(self) -> float:
        """The larger share: a copy with much added to it is still a copy."""
        return max(self.of_one, self.of_other)


def own_code(stage: str, folder: Path) -> str:
    """Return what a student wrote in, as one text: the files with tasks, and files of their own."""
    given = set(starter(stage)) - set(solutions(stage))
    paths = sorted((folder / stage).rglob("*.py"))
    wanted = [path for path in paths if path.relative_to(folder) not in given]
    return "\n\n".join(path.read_text("utf-8", "replace") for path in wanted)


def given_code(stage: str) -> str:
    """Return what the starter gives in those files."""
    files = starter(stage)
    return "\n\n".join(files[path].decode("utf-8") for path in sorted(solutions(stage)))


def collect(stage: str, found: Iterable[Found]) -> tuple[dict[str, str], list[str]]:
    """Return each submission's code by its id, and a sentence for each that has none."""
    codes: dict[str, str] = {}
    without: list[str] = []
    for submission in found:
        with tempfile.TemporaryDirectory(prefix="kit-similarity-") as folder:
            try:
                staged = stage_submission(submission.path, stage, Path(folder))
            except BadSubmission as error:
                without.append(f"{submission.name}: {error}")
                continue
            code = own_code(stage, staged.folder)
        if code.strip():
            codes[submission.id] = code
        else:
            without.append(f"{submission.name}: no Python of {stage} is in it")
    return codes, without


def compare(stage: str, codes: Mapping[str, str]) -> list[Pair]:
    """Return all pairs, the most similar first; raises HarnessError when it cannot be done."""
    question = json.dumps({"given": given_code(stage), "codes": dict(codes)})
    with tempfile.TemporaryDirectory(prefix="kit-similarity-") as folder:
        done = subprocess.run(
            [sys.executable, "-P", str(SCRIPT)],
            input=question,
            cwd=folder,
            env=scrubbed(Path(folder), PYTHONHASHSEED="0", MPLBACKEND="agg"),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise HarnessError(f"copydetect did not compare them: {said[0]}")
    pairs = [Pair(*answer) for answer in json.loads(done.stdout)]
    return sorted(pairs, key=lambda pair: -pair.most)


# --- the report ---

HEAD = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Shared code</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em }
td, th { padding: .2em 1em .2em 0; text-align: left; vertical-align: top }
pre { white-space: pre-wrap; font-size: 13px; border-left: 3px solid #888; padding-left: 1em }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 2em }
:root { color-scheme: light dark }
</style>
<h1>Shared code</h1>
<p>How much of what each one wrote is found in the other's, without what was given. A share is no
proof: read the passages.</p>
"""


def page(pairs: Sequence[Pair], codes: Mapping[str, str]) -> str:
    """Return a page without scripts: a table of pairs, and the passages that each pair shares."""
    rows = ["<tr><th>share<th>of<th>in"]
    parts = []
    for number, pair in enumerate(pairs, 1):
        one, other = html.escape(pair.one), html.escape(pair.other)
        link = f'<a href="#pair{number}">{pair.most:.0%}</a>'
        rows.append(f"<tr><td>{link}<td>{one} ({pair.of_one:.0%})<td>{other} ({pair.of_other:.0%})")
        columns = [
            f"<div><h3>{html.escape(name)}</h3>{_passages(codes[name], places)}</div>"
            for name, places in (
                (pair.one, pair.places_in_one),
                (pair.other, pair.places_in_other),
            )
        ]
        parts.append(
            f'<h2 id="pair{number}">{one} and {other}</h2><div class="two">{"".join(columns)}</div>'
        )
    return HEAD + "\n".join(["<table>", *rows, "</table>", *parts]) + "\n</html>\n"


def _passages(code: str, places: Sequence[Sequence[int]]) -> str:
    return "\n".join(f"<pre>{html.escape(code[begin:end])}</pre>" for begin, end in places)
