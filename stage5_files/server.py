"""The file server: files that always arrive whole.

``python -m stage5_files.server --port 8891 --db sqlite:///chat.db --store DIR``
"""

import argparse
import sys
from pathlib import Path

from stage1_echo import server_parser
from stage2_protocol import serve
from stage3_auth import add_database_flag, migrate, open_database

from .file_store import FileStore
from .flags import PORT, add_store_flags
from .schema import STEPS
from .service import FileService


def make_service(options: argparse.Namespace) -> FileService:
    """Build the service from the flags."""
    database = open_database(options.db)
    migrate(database, STEPS)
    return FileService(
        database,
        FileStore(Path(options.store)),
        max_size=options.max_size,
        quota=options.quota,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = server_parser("stage5_files.server", FileService.name, PORT)
    add_database_flag(parser)
    add_store_flags(parser)
    return serve(parser, argv, make_service)


if __name__ == "__main__":
    sys.exit(main())
