"""What type a file is (``lx``), from its first bytes, from what we are told, and from its name."""

import mimetypes
import re

FOLDER_TYPE = "inode/directory"  # what an empty folder is sent as, with size 0
UNKNOWN_TYPE = "application/octet-stream"
HEAD_BYTES = 512  # how much of the beginning is looked at

# RFC 6838, 4.2: what a type may be made of. The whole fits 255 characters.
_PART = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_TYPE = re.compile(rf"{_PART}/{_PART}")

# Types whose beginning nothing else has. Containers (zip, XML) are left to the name: a .docx is a
# zip archive, and nobody wants to be told so.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/x-wav"),
    (0, b"\x7fELF", "application/x-executable"),
)

# A table of its own, without what this machine's files and registry add: the same type everywhere.
_NAMES = mimetypes.MimeTypes()
for _extension, _type in {
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".toml": "application/toml",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
}.items():
    _NAMES.add_type(_type, _extension)
_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/x-brotli",
}


def is_type(text: str) -> bool:
    """Tell whether ``text`` has the form of a MIME type, ``image/png``."""
    return _TYPE.fullmatch(text) is not None


def mime_type(filename: str, head: bytes, told: str = "") -> str:
    """Return a file's type from its name, its first HEAD_BYTES, and what the sender says it is.

    Bytes that leave no doubt come first, then what was told, then the extension, then whether the
    beginning reads as text.
    """
    return (
        _by_content(head)
        or told
        or _by_name(filename)
        or ("text/plain" if _reads_as_text(head) else UNKNOWN_TYPE)
    )


def _by_content(head: bytes) -> str | None:
    for offset, magic, found in _MAGIC:
        if head.startswith(magic, offset):
            return found
    return None


def _by_name(filename: str) -> str | None:
    found, compressed = _NAMES.guess_type(f"x/{filename}")  # the x/: a name is no URL with a scheme
    return _COMPRESSED.get(compressed, UNKNOWN_TYPE) if compressed else found


def _reads_as_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The last character may be cut; anything earlier is no text.
        return error.reason == "unexpected end of data" and len(head) - error.start < 4
    return True
