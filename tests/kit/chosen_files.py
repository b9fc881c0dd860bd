"""What a person would choose in the file dialogs of a window under test."""

import os
from pathlib import Path

_STAND_IN = Path(__file__).with_name("inside") / "chosen_files"


class ChosenFiles:
    """Answers ``tkinter.filedialog`` in a window that is started with ``env``.

    ``folder`` is an empty one; ``root`` is the import root of the tree under test.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._answer = folder / "chosen.txt"
        self.env = {
            "PYTHONPATH": os.pathsep.join((str(root), str(_STAND_IN))),
            "KIT_CHOSEN_FILES": str(self._answer),
        }
        self.choose()

    def choose(self, *paths: Path) -> None:
        """Let the next dialogs answer with these paths; without any they are cancelled."""
        self._answer.write_text("".join(f"{path}\n" for path in paths), "utf-8")
