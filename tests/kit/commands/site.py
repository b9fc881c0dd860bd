"""``kit.py site DIR``: the documents as a searchable site, in every language, for any browser."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..docs import site
from ..environment import scrubbed
from .arguments import command

EPILOG = """\
Open DIR/index.html, or serve it: python3 -m http.server -d DIR. It needs no network: fonts are
those of the reader's system, and the search runs in the browser. DIR must be new or empty, or hold
a site, which is replaced."""

# A site that was made here before has these.
MADE = ("index.html", "search.json", "sitemap.xml")


def main(argv: list[str]) -> int:
    """Build the site; returns 0, or 1 when the builder complains or DIR is something else."""
    options = parser().parse_args(argv)
    target: Path = options.folder
    if target.exists() and not (is_empty(target) or is_site(target)):
        print(f"kit.py site: {target} is there and is no site; nothing was changed. Take a new one")
        return 1
    with tempfile.TemporaryDirectory() as name:
        made = Path(name, "site")
        for language in site.languages():
            folder = Path(name, language)
            folder.mkdir()
            site.write_sources(language, folder)
            if complaint := built(folder):
                print(f"kit.py site: the builder refused the pages in {language}:\n{complaint}")
                return 1
            shutil.move(folder / "out", made if language == site.FIRST else made / language)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, target)
    said = " and ".join(site.plan()["languages"].values())
    print(f"kit.py site: {len(site.pages())} pages, each in {said}: open {target / 'index.html'}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("site", __doc__, EPILOG)
    made.add_argument("folder", type=Path, metavar="DIR", help="where the site goes")
    return made


def built(folder: Path) -> str:
    """Build what lies in ``folder``; returns "", or what the builder said when it failed."""
    argv = [sys.executable, "-m", "zensical", "build", "--strict", "-f", "mkdocs.yml"]
    done = subprocess.run(
        argv,
        cwd=folder,
        env=scrubbed(folder, NO_COLOR="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout if done.returncode else ""


def is_empty(folder: Path) -> bool:
    """Return whether nothing is in a folder."""
    return folder.is_dir() and not any(folder.iterdir())


def is_site(folder: Path) -> bool:
    """Return whether a folder holds a site that this command may replace."""
    return all((folder / name).is_file() for name in MADE)
