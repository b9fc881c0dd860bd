"""``kit.py lint``: style, format, types and layers; all of them run, all failures are shown."""

import sys

from . import ROOT, call

# import-linter has no `python -m`.
LAYERS = "from importlinter.cli import lint_imports_command as lint; lint()"
CHECKS = {
    "style (ruff check)": ["-m", "ruff", "check"],
    "format (ruff format)": ["-m", "ruff", "format", "--check"],
    "types (mypy --strict)": ["-m", "mypy"],
    "layers (import-linter)": ["-c", LAYERS, "--no-logo"],
}


def main(argv: list[str]) -> int:
    """Run every check; returns 0 if all passed, else 1 (2: an unknown option)."""
    if argv:
        print("usage: python3 kit.py lint    (no options; pyproject.toml holds the rules)")
        return 0 if argv[0] in ("-h", "--help") else 2
    failed = []
    for name, command in CHECKS.items():
        print(f"== {name}", flush=True)
        if call([sys.executable, *command], cwd=ROOT) != 0:
            failed.append(name)
    print(f"== failed: {', '.join(failed)}" if failed else "== all checks passed")
    return 1 if failed else 0
