"""``kit.py docs``: makes the generated parts of the documents again; ``--check`` only compares."""

import argparse
import difflib
from pathlib import Path

from ..docs.build import Made, documents, make, shown

# Lines of difference shown for one file: enough to see what has changed.
SHOWN = 30


def main(argv: list[str]) -> int:
    """Write the documents, or compare them; returns 0 if all is (now) as the code says."""
    options = parser().parse_args(argv)
    made = make(options.documents or documents())
    for problem in made.problems:
        print(f"kit.py docs: {problem}")
    changed = [path for path, text in sorted(made.files.items()) if text != old_text(path)]
    if made.left_out:
        print(f"kit.py docs: {made.left_out} scenes are performed on Linux only; left as they are")
    if options.check:
        return check(changed, made)
    for path in changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made.files[path], "utf-8", newline="\n")
        print(f"kit.py docs: wrote {shown(path)}")
    if not changed and not made.problems:
        print(f"kit.py docs: nothing to change in {len(made.files)} files")
    return 1 if made.problems else 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = argparse.ArgumentParser(prog="kit.py docs", description=__doc__)
    made.add_argument("--check", action="store_true", help="change nothing; 1 if anything differs")
    made.add_argument(
        "documents",
        nargs="*",
        type=lambda text: Path(text).resolve(),
        metavar="FILE",
        help="only these documents (default: all)",
    )
    return made


def check(changed: list[Path], made: Made) -> int:
    """Show what differs; returns 1 if anything does."""
    for path in changed:
        name = shown(path)
        lines = list(
            difflib.unified_diff(
                old_text(path).splitlines(),
                made.files[path].splitlines(),
                f"{name} (as it stands)",
                f"{name} (as the code makes it)",
                n=1,
                lineterm="",
            )
        )
        print("\n".join(lines[:SHOWN]))
        if len(lines) > SHOWN:
            print(f"… {len(lines) - SHOWN} lines more")
    if changed:
        print("kit.py docs: these parts are made from the code; python3 kit.py docs makes them")
    elif not made.problems:
        print(f"kit.py docs: {len(made.files)} files are as the code says")
    return 1 if changed or made.problems else 0


def old_text(path: Path) -> str:
    """Return what a file holds now; "" if it is not there."""
    return path.read_text("utf-8") if path.is_file() else ""
