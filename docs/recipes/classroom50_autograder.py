"""Classroom 50's autograder for one stage: result.json in the working folder, from kit.py grade.

It goes to CLASSROOM/autograders/ASSIGNMENT/autograder.py. It needs a self-hosted runner of your own
that has a checkout of the course (COURSE), since what a bundle holds can be read by students.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

STAGE = os.environ.get("STAGE", "stage2")
COURSE = Path(os.environ.get("COURSE", "/srv/from-echo-to-chat"))
# What only the runner knows, and the names of its variables.
FACTS = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def main() -> int:
    """Grade the working folder; returns 0 whatever the mark, 1 when there is none."""
    with tempfile.TemporaryDirectory() as out:
        scratch = Path(out, "gradescope.json")  # this option takes the folder as one submission
        command = [sys.executable, str(COURSE / "kit.py"), "grade", STAGE, str(Path.cwd())]
        done = subprocess.run([*command, "--out", out, "--gradescope", str(scratch)], check=False)
        found = list(Path(out, "students").glob("*/classroom50.json"))
        if done.returncode or len(found) != 1:
            return 1
        result = json.loads(found[0].read_text("utf-8"))
    result |= {name: os.environ.get(variable, "") for name, variable in FACTS.items()}
    result["review"] = result["review"] or result["commit"]
    Path("result.json").write_text(json.dumps(result, ensure_ascii=False, indent=2), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
