"""``kit.py bench NAME``: measure speed, as ratios against a peer or a limit in the same run."""

import importlib
import os
import sys

from . import ROOT

BENCHMARKS = {
    "chat": "deliveries in one room against a bare sendall loop, Redis, NATS and ngIRCd",
    "engine": "the threaded engine against a bare sendall loop",
    "files": "uploads, downloads, small files against bare copies, md5 and pyftpdlib",
    "grade": "grading against the suite alone; a class of submissions of which a fifth hang",
    "login": "the moving login window against a bare Tk loop",
    "validation": "what checking a hostile text costs as it grows: a ratio",
}


def main(argv: list[str]) -> int:
    """Run the benchmark that `argv` names; returns its exit code."""
    if not argv or argv[0] not in BENCHMARKS:
        print("usage: kit.py bench NAME [OPTIONS]   (NAME --help tells its options)\n")
        for name, text in BENCHMARKS.items():
            print(f"  {name:12}{text}")
        return 0 if argv and argv[0] in ("-h", "--help") else 2
    # The programs beside a benchmark are started as modules of this folder.
    os.chdir(ROOT)
    os.environ["PYTHONPATH"] = str(ROOT)
    sys.path.insert(0, str(ROOT))
    benchmark = importlib.import_module(f"tests.bench.{argv[0]}")
    return int(benchmark.main(argv[1:]))
