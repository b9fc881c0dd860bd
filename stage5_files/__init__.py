"""Stage 5, files: the file store, transfers that resume, md5 on both sides, the file server.

The files window is imported from its module, so that a server needs no tkinter.
"""

from .errors import (
    CannotSend,
    ContentMissing,
    DownloadFailed,
    FileChanged,
    FileError,
    NotWhole,
    OverQuota,
    StoreInUse,
    StoreUnavailable,
    TakenOver,
    TooManyBytes,
    TooManyUploads,
    TransferCancelled,
    TransferPaused,
    UnknownUpload,
    WrongContent,
    WrongOffset,
)
from .file_client import FileClient
from .file_commands import FileCommands
from .file_info import FileInfo, Received, Sent
from .file_store import FileStore
from .file_table import FileRow, FileTable
from .flags import PORT as FILES_PORT
from .flags import add_store_flags
from .hashing import FollowingMd5
from .local_files import LocalFile, local_file, local_folder
from .memory import Notes, TransferMemory, memory_file
from .mime import FOLDER_TYPE, mime_type
from .names import (
    check_filename,
    check_path,
    numbered_name,
    safe_local_name,
    safe_local_path,
)
from .pace import Pace
from .schema import STEPS
from .service import FileService
from .transfer_job import TransferJob
from .transfer_queue import TransferQueue
from .transfers import Offer, Transfer, TransferBook
from .watch import Progress

__all__ = [
    "FILES_PORT",
    "FOLDER_TYPE",
    "STEPS",
    "CannotSend",
    "ContentMissing",
    "DownloadFailed",
    "FileChanged",
    "FileClient",
    "FileCommands",
    "FileError",
    "FileInfo",
    "FileRow",
    "FileService",
    "FileStore",
    "FileTable",
    "FollowingMd5",
    "LocalFile",
    "NotWhole",
    "Notes",
    "Offer",
    "OverQuota",
    "Pace",
    "Progress",
    "Received",
    "Sent",
    "StoreInUse",
    "StoreUnavailable",
    "TakenOver",
    "TooManyBytes",
    "TooManyUploads",
    "Transfer",
    "TransferBook",
    "TransferCancelled",
    "TransferJob",
    "TransferMemory",
    "TransferPaused",
    "TransferQueue",
    "UnknownUpload",
    "WrongContent",
    "WrongOffset",
    "add_store_flags",
    "check_filename",
    "check_path",
    "local_file",
    "local_folder",
    "memory_file",
    "mime_type",
    "numbered_name",
    "safe_local_name",
    "safe_local_path",
]
