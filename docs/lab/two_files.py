"""Two different files of one md5: writes them into a folder and says what their digests are.

``python docs/lab/two_files.py FOLDER``

The two blocks of 128 bytes are those that X. Wang, D. Feng, X. Lai and H. Yu published in 2004
("Collisions for hash functions MD4, MD5, HAVAL-128 and RIPEMD"). They differ in six bits. md5
works through a file from its beginning, and after these blocks its state is the same: whatever
follows, if it is the same in both files, the digests stay the same.
"""

import hashlib
import sys
from pathlib import Path

ONE = """
d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89
55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b
d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0
e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70
"""
OTHER = """
d131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f89
55ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5b
d8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0
e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70
"""
SAME_END = b"\nand whatever both go on with\n"


def main(folder: Path) -> None:
    """Write one.bin and other.bin, and print what they have in common."""
    contents = {}
    for name, block in (("one.bin", ONE), ("other.bin", OTHER)):
        contents[name] = bytes.fromhex(block) + SAME_END
        (folder / name).write_bytes(contents[name])
    one, other = contents.values()
    differ = sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))
    print(f"{len(one)} bytes each, {differ} bits of them differ")
    for name, content in contents.items():
        print(f"{name:9}  md5 {hashlib.md5(content, usedforsecurity=False).hexdigest()}")
    for name, content in contents.items():
        print(f"{name:9}  sha256 {hashlib.sha256(content).hexdigest()[:32]}…")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
