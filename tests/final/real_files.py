"""Real files: the interpreter's own json package, a picture, 50 MB."""

import filecmp
import json
from pathlib import Path

from PIL import Image

from tests.kit import check


def make_real_files(folder: Path) -> None:
    """Put real files in a folder: the interpreter's json package, a PNG, a file of 50 MB."""
    package = Path(json.__file__).parent
    for source in package.glob("*.py"):
        target = folder / "json" / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    Image.effect_mandelbrot((400, 300), (-2.2, -1.2, 1.0, 1.2), 40).save(folder / "图.png")
    block = bytes(range(256)) * 4096
    with (folder / "50 MB.bin").open("wb") as file:
        for number in range(50):
            file.write(number.to_bytes(4, "big") + block[4:])


def check_same_tree(expected: Path, got: Path) -> None:
    """Fail unless two folders hold the same files with the same bytes."""
    names = sorted(str(p.relative_to(expected)) for p in expected.rglob("*") if p.is_file())
    found = sorted(str(p.relative_to(got)) for p in got.rglob("*") if p.is_file())
    check.equal(found, names, "the files that came down")
    _same, different, unreadable = filecmp.cmpfiles(expected, got, names, shallow=False)
    check.equal(different + unreadable, [], "the files whose bytes differ")
