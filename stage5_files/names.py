"""What a user calls a file, and what a disk may be told to call it: two words, two functions.

On the wire a name is text that the server never uses as a path. On the disk of whoever downloads
it, it becomes a path, and there it can be a weapon: ``..``, ``CON``, ``a.txt:hidden``, or a bidi
override that shows ``gpj.exe`` as ``exe.jpg``. So ``check_…`` says what may travel, and
``safe_local_…`` makes of it what is safe on every platform, whatever a server (perhaps a hostile
one) sent. No I/O here.
"""

import re
import unicodedata

NAME_LENGTH = 255  # code points, on the wire
PATH_LENGTH = 1000
# ext4, APFS and NTFS allow 255 bytes, or 255 UTF-16 units, which are never more.
LOCAL_BYTES = 255
# What comes behind the last dot is kept when a name is cut, if it is an extension and no sentence.
EXTENSION_LENGTH = 16

REASONS = {
    "name.empty": "a file name has at least 1 character",
    "name.too_long": f"a file name has at most {NAME_LENGTH} characters",
    "name.dots": "a file name is not . or ..",
    "name.separator": "a file name has no / and no \\",
    "name.control": "a file name has no control characters",
    "path.too_long": f"a path has at most {PATH_LENGTH} characters",
    "path.absolute": "a path does not begin with /",
    "path.empty_part": "a path has no empty parts",
}

# BEGIN SOLUTION 5.1
# Joiners hold emoji families and several scripts together; every other format character (bidi
# overrides among them) only makes a name look like another one.
_HARMLESS_FORMATS = frozenset("\u200c\u200d")
# Controls, formats, surrogates, line and paragraph separators.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_RESERVED_CHARACTERS = frozenset('/\\:*?"<>|')  # of Windows, and both separators
# Windows opens the device whatever extension follows; ¹²³ count as digits there.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE
)
# END SOLUTION


def check_filename(name: str) -> str | None:
    """Check a name for the wire: None when it is fine, else why not (a key of REASONS)."""
    # BEGIN SOLUTION 5.1
    if not name:
        return "name.empty"
    if len(name) > NAME_LENGTH:
        return "name.too_long"
    if name in (".", ".."):
        return "name.dots"
    if "/" in name or "\\" in name:
        return "name.separator"
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        return "name.control"
    return None
    # END SOLUTION


def check_path(path: str) -> str | None:
    """Check folder parts for the wire, relative and joined by ``/``; the empty path is fine."""
    # BEGIN SOLUTION 5.1
    if len(path) > PATH_LENGTH:
        return "path.too_long"
    if path.startswith("/"):
        return "path.absolute"
    for part in path.split("/") if path else ():
        if not part:
            return "path.empty_part"
        if (reason := check_filename(part)) is not None:
            return reason
    return None
    # END SOLUTION


def safe_local_name(name: str) -> str:
    """Return a name that is one ordinary file's name on Linux, macOS and Windows.

    A name that is harmless already comes back unchanged. The result has no separator, is not ``.``
    or ``..``, is no device, and has 1 to 255 bytes of UTF-8.
    """
    # BEGIN SOLUTION 5.1
    safe = "".join(c if _is_safe(c) else "_" for c in name)
    # Windows drops dots and spaces at the end: "a.txt. " would open "a.txt".
    stripped = safe.rstrip(". ")
    if stripped != safe:
        safe = stripped + "_"
    if _DEVICE.match(safe):
        safe = "_" + safe
    return _cut(safe or "_", LOCAL_BYTES)
    # END SOLUTION


def numbered_name(name: str, number: int) -> str:
    """Return ``name`` with a number before its extension, for when the name itself is taken."""
    # BEGIN SOLUTION 5.1
    stem, extension = _split_extension(name)
    mark = f" ({number})"
    room = LOCAL_BYTES - len((mark + extension).encode("utf-8"))
    return _cut_bytes(stem, room) + mark + extension
    # END SOLUTION


def safe_local_path(path: str, name: str) -> tuple[str, ...]:
    """Return the parts of a path below a download folder; joined, they cannot leave it.

    ``path`` is a file's folder as the server told it, ``name`` its name; neither is trusted. The
    first part is never hidden: people fetch things into their home, and there ``.bashrc`` or
    ``.ssh`` from a stranger would be obeyed, and not even seen. Deeper down a leading dot means
    nothing, and a project keeps its ``.gitignore``.
    """
    # BEGIN SOLUTION 5.1
    folders = [part for part in re.split(r"[/\\]", path) if part not in ("", ".")]
    first, *others = (safe_local_name(part) for part in (*folders, name))
    return (_cut("_" + first, LOCAL_BYTES) if first.startswith(".") else first, *others)
    # END SOLUTION


# BEGIN SOLUTION 5.1
def _is_safe(character: str) -> bool:
    if character in _RESERVED_CHARACTERS:
        return False
    if character in _HARMLESS_FORMATS:
        return True
    return unicodedata.category(character) not in _UNSAFE_CATEGORIES


def _cut(name: str, limit: int) -> str:
    if len(name.encode("utf-8")) <= limit:
        return name
    stem, extension = _split_extension(name)
    return _cut_bytes(stem, limit - len(extension.encode("utf-8"))) + extension


def _split_extension(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > EXTENSION_LENGTH:
        return name, ""
    return stem, dot + extension


def _cut_bytes(text: str, limit: int) -> str:
    """Return the longest beginning of ``text`` that has at most ``limit`` bytes of UTF-8."""
    cut = text.encode("utf-8")[:limit].decode("utf-8", "ignore")
    return cut.rstrip(". ") or "_" if cut != text else cut


# END SOLUTION
