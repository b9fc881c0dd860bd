"""What Moodle and Canvas put into the names of the submissions that are downloaded from them.

Moodle   ``Ann Lee_12345_assignsubmission_file_``; blind marking: ``Participant_12345_…``. As files
         and not as folders, the file's own name follows. The number is that of the worksheet's
         ``Participant 12345``.
Canvas   ``leeann_123_456_stage2.zip``, late: ``leeann_LATE_123_456_stage2.zip``: the name without
         spaces, last name first; the student's ID, as in the gradebook; the file's number.
"""

import re
from dataclasses import dataclass

MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_\d+(?:_.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LmsName:
    """``number`` is the LMS's own for a person; ``is_late`` is what Canvas wrote into the name."""

    lms: str  # moodle or canvas
    name: str
    number: str
    is_late: bool = False


def read(name: str) -> LmsName | None:
    """Return what a submission's name tells; None for a name that no LMS made."""
    if found := MOODLE.fullmatch(name):
        return LmsName("moodle", found["name"], found["number"])
    if found := CANVAS.fullmatch(name):
        return LmsName("canvas", found["name"], found["number"], bool(found["late"]))
    return None


def canvas_spellings(name: str) -> set[str]:
    """Return how Canvas may write a name: letters and digits only, the last name first."""
    words = [re.sub(r"[\W_]", "", word).casefold() for word in name.split()]
    turned = [words[at:] + words[:at] for at in range(len(words))]
    return {"".join(order) for order in turned}
