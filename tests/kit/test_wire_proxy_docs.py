"""docs/wire.md explains what there is; the transcripts in it are compared by test_docs.py."""

import re

from tests.kit.commands.wire import make_parser
from tests.kit.proxy.ops import CODES, OPS
from tests.kit.tree import CHECKOUT

PROTOCOL = CHECKOUT.joinpath("docs", "protocol.md").read_text("utf-8")
WIRE = CHECKOUT.joinpath("docs", "wire.md").read_text("utf-8")


def test_every_option_is_explained_and_none_is_made_up() -> None:
    there = set(re.findall(r"--[a-z-]+", make_parser().format_help()))
    explained = set(re.findall(r"`(--[a-z-]+)", WIRE))
    assert explained == there - {"--help"}


def test_ops_and_codes_are_called_as_in_the_protocol() -> None:
    ops = re.findall(r"^\| (\d+) \| \*\*(\w+)\*\* \|", PROTOCOL, re.MULTILINE)
    codes = re.findall(r"^\| (1\d\d) \| ([a-z ]+) \|", PROTOCOL, re.MULTILINE)
    assert {int(number): name for number, name in ops} == OPS
    assert {int(number): name for number, name in codes} == CODES
