"""``kit.py docs``: makes the generated parts of the documents again; ``--check`` only compares."""

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path

from .. import processes
from ..docs import translations
from ..docs.blocks import DocumentError
from ..docs.build import Made, documents, make, shown
from ..docs.localise import catalogue

# Lines of difference shown for one file: enough to see what has changed.
SHOWN = 30


def main(argv: list[str]) -> int:
    """Write the documents, or compare them; returns 0 if all is (now) as the code says."""
    options = parser().parse_args(argv)
    if options.translated:
        return translated(options.translated)
    processes.heed_interrupts()
    made = make(options.documents or documents())
    for problem in made.problems:
        print(f"kit.py docs: {problem}")
    for warning in made.warnings:
        print(f"kit.py docs: warning: {warning}")
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
        "--translated",
        nargs="+",
        metavar="FILE[#SECTION]",
        help="note that a translation (stage1.zh.md), or a section of it, says what the English"
        " text says now; a file that is not there is begun as a copy of the English one",
    )
    made.add_argument(
        "documents",
        nargs="*",
        type=lambda text: Path(text).resolve(),
        metavar="FILE",
        help="only these documents (default: all)",
    )
    return made


def translated(places: Sequence[str]) -> int:
    """Note what is translated; returns 0, or 1 with a sentence when it cannot be noted."""
    slugs: dict[Path, list[str]] = {}
    for place in places:
        file, _, slug = place.partition("#")
        slugs.setdefault(Path(file).resolve(), []).extend([slug] if slug else [])
    for path, chosen in slugs.items():
        try:
            path.write_text(with_records(path, chosen), "utf-8", newline="\n")
        except (DocumentError, OSError) as error:
            print(f"kit.py docs: {shown(path)}: {error}")
            return 1
        print(f"kit.py docs: wrote {shown(path)}")
    return 0


def with_records(path: Path, slugs: Sequence[str]) -> str:
    """Return a translation whose sections (none named: all) are noted as translated."""
    original = translations.original_of(path)
    if original is None:
        raise DocumentError("the name of a translation ends in its language, as in stage1.zh.md")
    note = catalogue(translations.language_of(path)).untranslated
    english = translations.read(original.read_text("utf-8"), shown(original))
    if not path.exists():
        return translations.write(translations.follow(english, []), note)
    old = translations.read_translation(path.read_text("utf-8"), shown(path), note)
    followed = translations.follow(english, old)
    return translations.write(translations.marked(english, followed, slugs), note)


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
