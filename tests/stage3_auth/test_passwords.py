"""Passwords as the model stores them: md5. The rule: docs/stage3.md."""

import pytest

from tests.kit import check
from tests.kit.probe import Probe

# From RFC 1321, and of UTF-8 bytes.
DIGESTS = {
    "": "d41d8cd98f00b204e9800998ecf8427e",
    "abc": "900150983cd24fb0d6963f7d28e17f72",
    "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
    "123456": "e10adc3949ba59abbe56e057f20f883e",
    "密码": "a8105204604a0b11e916f3879aae3b0b",
}


@pytest.mark.task("3.2", hint="md5 takes bytes. Which bytes is a text?")
@pytest.mark.points(1.5)
def test_md5_is_32_lower_case_hex_digits_of_the_bytes_in_utf_8(probe: Probe) -> None:
    for password, digest in DIGESTS.items():
        found = probe.call("stage3_auth.passwords:md5_of", password)
        check.equal(found, digest, f"the md5 of {password!r}")
