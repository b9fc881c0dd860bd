"""Names as functions: what may travel, and what a downloading client may write to its disk."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.kit import check
from tests.kit.probe import Probe

MODULE = "stage5_files.names"

HARMLESS = [
    "a.txt",
    ".gitignore",
    "two  spaces.txt",
    " leading",
    "-rf",
    "你好.txt",
    "👨‍👩‍👧.png",
    "e\u0301",
    "console.txt",
    "com10.txt",
    "nulls",
    "~$doc.docx",
    "a" * 251 + ".txt",
    "😀" * 63,
    "100% (1).txt",
]
HOSTILE = {
    "nothing": ["", ".", "..", "...", ". .", "." * 300, " " * 300],
    "a-way-out": ["/etc/passwd", "../../x", "..\\..\\x", "C:\\x", "a:stream"],
    "lost-at-the-end": ["a.txt.", "a.txt "],
    "a-control": ["a\x00b", "a\nb", "\x1b[31m", "\x9b31m"],
    "a-device": [
        *("con", "CON.txt", "Aux.tar.gz", "NUL .txt", "COM1", "lpt9.x", "COM¹.txt", "CONIN$"),
    ],
    "unseen": ["photo\u202egnp.exe", "zero\u200bwidth", "bom\ufeff", "line\u2028break", "\udc80"],
    "reserved": ['q"<>|*?'],
    "too-long": ["x" * 300 + ".txt", "😀" * 255, "a." + "y" * 300],
}
DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"
}
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def why_unsafe(name: str) -> str:
    """Return why ``name`` is no safe file name on some platform; empty when it is one."""
    if not 1 <= len(name.encode("utf-8", "surrogatepass")) <= 255:
        return "its length"
    if set(name) & set('/\\:*?"<>|' + BIDI) or any(map(_is_control, name)):
        return "its characters"
    if name in (".", "..") or name[-1] in ". ":
        return "its dots or its end"
    if name.split(".")[0].rstrip(" ").upper() in DEVICES:
        return "it is a device"
    return ""


def _is_control(character: str) -> bool:
    code = ord(character)
    return code < 32 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000


@pytest.mark.task("5.1", hint="Which names need no change at all?")
@pytest.mark.points(1.5)
def test_a_harmless_name_stays_as_it_is(probe: Probe) -> None:
    outcomes = probe.map(f"{MODULE}:safe_local_name", [[name] for name in HARMLESS])
    for name, outcome in zip(HARMLESS, outcomes, strict=True):
        check.that(outcome.error is None, f"{name!a} made it raise {outcome.error}")
        check.equal(outcome.value, name, "the name on the disk")


@pytest.mark.task("5.1", hint="Which names mean something else than a file to some system?")
@pytest.mark.points(2.5)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_becomes_an_ordinary_one_on_every_platform(probe: Probe, kind: str) -> None:
    outcomes = probe.map(f"{MODULE}:safe_local_name", [[name] for name in HOSTILE[kind]])
    for name, outcome in zip(HOSTILE[kind], outcomes, strict=True):
        check.that(isinstance(outcome.value, str), f"{name!a} made it raise {outcome.error}")
        reason = why_unsafe(outcome.value)
        check.that(not reason, f"{name!a} became {outcome.value!a}, which is not safe: {reason}")


@pytest.mark.task("5.1", hint="What may be cut off a name that is too long?")
@pytest.mark.points(1)
def test_a_name_that_is_cut_keeps_its_extension(probe: Probe) -> None:
    cut = probe.call(f"{MODULE}:safe_local_name", "é" * 200 + ".tar.gz")
    check.that(cut.startswith("é" * 100) and cut.endswith(".gz"), f"got {cut!a}")


@pytest.mark.task("5.1", hint="Where does the number go when a name is taken?")
@pytest.mark.points(1)
def test_a_numbered_name_is_another_safe_name(probe: Probe) -> None:
    check.equal(probe.call(f"{MODULE}:numbered_name", "a.txt", 2), "a (2).txt", "the second a.txt")
    check.equal(probe.call(f"{MODULE}:numbered_name", ".rc", 3), ".rc (3)", "the third .rc")
    long = probe.call(f"{MODULE}:numbered_name", "😀" * 62 + ".png", 10)
    check.that(long.endswith(" (10).png") and not why_unsafe(long), f"got {long!a}")


@pytest.mark.task("5.1", hint="Can the parts of a path, joined, lead out of a folder?")
@pytest.mark.points(2)
def test_the_parts_of_a_local_path_never_leave_the_folder(probe: Probe) -> None:
    paths = ["", "a/b", "../..", "/etc", "a/../../b", "..\\..", "C:/x", "./.", "con/aux", "//x"]
    for path in paths:
        for part in probe.call(f"{MODULE}:safe_local_path", path, "../x"):
            check.that(not why_unsafe(part), f"{path!a} has the part {part!a}")
    parts = probe.call(f"{MODULE}:safe_local_path", "a/b", "c.txt")
    check.equal(tuple(parts), ("a", "b", "c.txt"), "a harmless path")


@pytest.mark.task("5.1", hint="Which of these may not even travel?")
@pytest.mark.points(1.5)
def test_names_and_paths_for_the_wire_are_checked(probe: Probe) -> None:
    for name in ("a", " ", "...", "你好", "\u202e", "x" * 255, "con"):
        check.equal(probe.call(f"{MODULE}:check_filename", name), None, f"the verdict on {name!a}")
    for name in ("", ".", "..", "a/b", "a\\b", "a\tb", "\x85", "x" * 256):
        check.that(probe.call(f"{MODULE}:check_filename", name), f"{name!a} should be refused")
    for path in ("", "a", "a/b", "x/" * 499 + "xx"):
        check.equal(probe.call(f"{MODULE}:check_path", path), None, f"the verdict on {path[:20]!a}")
    for path in ("/", "/a", "a/", "a//b", "..", "a/./b", "a\\b", "x/" * 500 + "x", "a" * 256):
        check.that(probe.call(f"{MODULE}:check_path", path), f"{path[:20]!a} should be refused")


@pytest.mark.task("5.1", hint="Who reads a file called .bashrc, and who sees it?")
@pytest.mark.points(0.5)
def test_nothing_hidden_lands_in_the_folder_itself(probe: Probe) -> None:
    where = f"{MODULE}:safe_local_path"
    for path, name, deeper in (
        ("", ".bashrc", ()),
        (".ssh", "authorized_keys", ("authorized_keys",)),
        ("./.config", ".y", (".y",)),
        ("", "." + "x" * 254, ()),
    ):
        first, *rest = probe.call(where, path, name)
        what = f"where {path}/{name[:20]} goes"
        check.that(not why_unsafe(first) and first[0] != ".", f"{what} is hidden: {first!a}")
        check.equal(tuple(rest[len(rest) - len(deeper) :]), deeper, f"{what}, deeper down")
    for path, name, wanted in (
        ("project/.git", "HEAD", ("project", ".git", "HEAD")),
        ("project", ".gitignore", ("project", ".gitignore")),
    ):
        check.equal(tuple(probe.call(where, path, name)), wanted, f"where {path}/{name} goes")


# Pieces of which the worst names are made, and anything else that is text.
NASTY = st.sampled_from(
    [
        *("..", ".", "/", "\\", ":", " ", "*", "|", "$", "con", "NUL", "com1", "COM¹", ".txt"),
        *("\u202e", "\u2066", "\u200d", "\ufeff", "\0", "\n", "\x9b", "\udc80"),
        *("😀", "e\u0301", "你", "a", "x" * 100),
    ]
)
NAME_TEXTS = st.lists(NASTY | st.characters(), max_size=12).map("".join)


@pytest.mark.task("5.1", hint="Is there any text at all that becomes a dangerous name?")
def test_whatever_a_name_is_made_of_its_local_form_is_safe(
    probe: Probe, dice: Callable[[object], random.Random], count: Callable[[int, int], int]
) -> None:
    @seed(dice("names").getrandbits(64))
    @settings(
        max_examples=count(30, 3000),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(NAME_TEXTS, NAME_TEXTS), min_size=1, max_size=20))
    def run(pairs: list[tuple[str, str]]) -> None:
        outcomes = probe.map(f"{MODULE}:safe_local_path", [list(pair) for pair in pairs])
        names = []
        for pair, outcome in zip(pairs, outcomes, strict=True):
            check.that(outcome.error is None, f"{pair!a} made it raise {outcome.error}")
            check.that(outcome.value, f"{pair!a} has no name on the disk, it is {outcome.value!a}")
            names += list(outcome.value)
            check.that(outcome.value[0][0] != ".", f"{pair!a} is hidden as {outcome.value[0]!a}")
        again = probe.map(f"{MODULE}:safe_local_name", [[name] for name in names])
        numbered = probe.map(f"{MODULE}:numbered_name", [[name, 7] for name in names])
        for name, same, other in zip(names, again, numbered, strict=True):
            reason = why_unsafe(name) or why_unsafe(other.value)
            check.that(not reason, f"{name!a} or {other.value!a} is not safe: {reason}")
            check.equal(same.value, name, "a safe name, made safe")
            check.that(other.value != name, f"{name!a} with a number is another name")

    run()
