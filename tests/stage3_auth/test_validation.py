"""The rules of registration as functions. The rules: docs/stage3.md, and its traps.

A check returns None when its text is fine, else the reason why not. What does not depend on a
database or a server is called through the probe.
"""

from typing import Any

import pytest

from tests.kit import check
from tests.kit.probe import Probe

NAMES = [
    *("a", "Ann", "ann_99", "六个字的名字", "Zoë", "Иван", "שלום", "ñandú", "🦊🐼", "𝒜𝓃𝓃"),
    *("'--'", '"x"', "<b>", "a\\b", "%s", "{0}", "a/b", "-"),
]
NOT_NAMES = {
    "empty": "",
    "seven characters": "abcdefg",
    "seven after NFC": "e\u0301" * 7,
    "a space": "a b",
    "a space in front": " ann",
    "a space behind": "ann ",
    "only a space": " ",
    "a newline behind": "ann\n",
    "only a newline": "\n",
    "a tab": "a\tb",
    "a no-break space": "a\u00a0b",
    "an ideographic space": "a\u3000b",
    "a line separator": "a\u2028b",
    "a next-line control": "a\u0085b",
    "a zero byte": "ann\x00",
    "an escape": "\x1b[2J",
    "a delete": "ann\x7f",
    "a zero-width space": "a\u200bb",
    "a zero-width joiner": "a\u200db",
    "a soft hyphen": "a\u00adb",
    "a byte order mark": "\ufeffann",
    "a right-to-left override": "a\u202eb",
    "a bidi isolate": "a\u2066b",
    "an Arabic letter mark": "a\u061cb",
    "a variation selector": "❤\ufe0f",
    "a supplementary variation selector": "a\U000e0101",
    "a Mongolian variation selector": "a\u180b",
    "a combining grapheme joiner": "a\u034f",
    "a Hangul filler": "\u3164",
    "a half-width Hangul filler": "\uffa0",
    "a Hangul jamo filler": "\u115f",
    "a Khmer inherent vowel": "\u17b4",
    "a Braille pattern without dots": "a\u2800",
    "only Braille patterns without dots": "\u2800\u2800",
    "a tag character": "a\U000e0041",
    "an unassigned character": "a\u0378",
    "a noncharacter": "a\uffff",
    "a noncharacter inside": "\ufdd0a",
    "the last code point": "\U0010ffff",
}
PASSWORDS = [
    *("abc123", "ABC123", "aaaaa1", "A11111", "1234567890abcdef", "pass-w0rd!", "a1!@#$%^&*()"),
    *("密码密码a1", "a1'or'1'='1", "\\\\a1\\\\", "émile7", "🙂🙂🙂🙂a1"),
]
NOT_PASSWORDS = {
    "empty": "",
    "five characters": "abc12",
    "seventeen characters": "a1" * 8 + "x",
    "no digit": "abcdef",
    "only capitals": "ABCDEFGH",
    "no letter": "12345678",
    "letters of other scripts only": "密码密码密码1",
    "letters with accents only": "ééééé1",
    "wide letters and digits": "ａｂｃ１２３",
    "digits of other scripts only": "abcde١٢٣",
    "a space": "abc 123",
    "a space in front": " abc123",
    "a newline behind": "abc123\n",
    "a newline as the sixth character": "abc12\n",
    "an ideographic space": "abc123\u3000",
    "a zero-width space": "abc123\u200b",
    "a bell": "abc123\x07",
}
PHONES = ["13800138000", "10000000000", "19999999999"]
NOT_PHONES = {
    "empty": "",
    "ten digits": "1380013800",
    "twelve digits": "138001380000",
    "a 2 in front": "23800138000",
    "a newline behind": "13800138000\n",
    "a space in front": " 13800138000",
    "a country code": "+8613800138000",
    "hyphens": "138-0013-80",
    "a letter": "1380013800a",
    "a zero byte behind": "13800138000\x00",
    "Arabic digits": "1\u0663\u0668\u0660\u0660\u0661\u0663\u0668\u0660\u0660\u0660",
    "wide digits": "１３８００１３８０００",
    "one wide digit": "1380013800０",
}
EMAILS = [
    *("", "ann@example.org", "a.b+c@mail.example.co", "x_y@ex-ample.org", "1@2.cn", "A@B.COM"),
    "a" * 20 + "@example.org",
]
NOT_EMAILS = {
    "the model's own trap": "@.",
    "no name": "@example.org",
    "no host": "ann@",
    "no at": "ann.example.org",
    "two ats": "ann@@example.org",
    "an at inside": "ann@b@example.org",
    "a space": "a nn@example.org",
    "a newline behind": "ann@example.org\n",
    "an empty label": "ann@example..org",
    "a dot in front of the host": "ann@.example.org",
    "a dot behind": "ann@example.org.",
    "two dots in the name": "a..b@example.org",
    "a label that begins with a hyphen": "ann@-example.org",
    "33 characters": "a" * 21 + "@example.org",
    "a zero byte": "ann\x00@example.org",
}
CODES = ["123456", "000000"]
NOT_CODES = {
    "empty": "",
    "five digits": "12345",
    "seven digits": "1234567",
    "a letter": "12345a",
    "a newline behind": "123456\n",
    "a space in front": " 123456",
    "wide digits": "１２３４５６",
    "Arabic digits": "\u0661\u0662\u0663\u0664\u0665\u0666",
}
# What makes a careless pattern try again and again: runs that almost match.
HOSTILE = [
    *("a" * 100_000, "1" * 100_000, " " * 100_000, "." * 100_000, "@" * 100_000, "\n" * 100_000),
    *(
        "a1" * 50_000,
        "a." * 50_000 + "@",
        "a@" + "a." * 50_000,
        "a@" + "a-" * 50_000,
        "1a" * 50_000,
    ),
    *(
        "a@a" + ".a" * 50_000 + "!",
        "e\u0301" * 50_000,
        "\u0301" * 100_000,
        "a" + "\u0316\u0301" * 50_000,
    ),
    *("a" * 99_999 + "@", "0" * 99_999 + "\n", "🦊" * 100_000, "a@b.c" + " " * 100_000),
]
RULES = ["name", "password", "phone", "email", "code"]


def verdicts(probe: Probe, rule: str, texts: list[str]) -> dict[str, Any]:
    """Return what the check of a rule says of each text: None, or a reason."""
    found = probe.map(f"stage3_auth.validation:check_{rule}", [[text] for text in texts])
    for text, outcome in zip(texts, found, strict=True):
        check.that(outcome.error is None, f"check_{rule}({text[:40]!r}…) raised {outcome.error}")
    return {text: outcome.value for text, outcome in zip(texts, found, strict=True)}


@pytest.mark.task("3.1", hint="Which characters does the text of the rule allow?")
@pytest.mark.points(1.5)
@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        ("name", [*NAMES, "e\u0301" * 6, "x" * 6]),
        ("password", PASSWORDS),
        ("phone", PHONES),
        ("email", EMAILS),
        ("code", CODES),
    ],
    ids=RULES,
)
def test_what_the_rule_allows_is_accepted(probe: Probe, rule: str, texts: list[str]) -> None:
    refused = {text: why for text, why in verdicts(probe, rule, texts).items() if why is not None}
    check.equal(refused, {}, f"what check_{rule} refused although the rule allows it")


@pytest.mark.task("3.1", hint="Does the pattern cover the whole text, and only ASCII digits?")
@pytest.mark.points(5)
@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        ("name", NOT_NAMES),
        ("password", NOT_PASSWORDS),
        ("phone", NOT_PHONES),
        ("email", NOT_EMAILS),
        ("code", NOT_CODES),
    ],
    ids=RULES,
)
def test_what_breaks_the_rule_is_refused_with_a_reason(
    probe: Probe, rule: str, texts: dict[str, str]
) -> None:
    found = verdicts(probe, rule, list(texts.values()))
    accepted = {why: text for why, text in texts.items() if found[text] is None}
    check.equal(accepted, {}, f"what check_{rule} accepted although it breaks the rule")
    reasons = [reason for reason in found.values() if not isinstance(reason, str) or not reason]
    check.equal(reasons, [], f"what check_{rule} gave instead of a reason")


@pytest.mark.task("3.1", hint="How often does the pattern look at the same character?")
@pytest.mark.points(1.5)
@pytest.mark.parametrize("rule", RULES)
def test_a_hundred_thousand_characters_cost_no_more_than_their_length(
    probe: Probe, rule: str
) -> None:
    # A pattern that tries again for every character would take minutes for one of these: that it
    # answers within the probe's limit is the proof.
    found = verdicts(probe, rule, HOSTILE)
    check.that(all(why is not None for why in found.values()), "a hostile text was accepted")
