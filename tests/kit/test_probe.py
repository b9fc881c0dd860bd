"""Functions of the code under test are called in a child: values come back, hangs do not."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.kit import child_pipe, deadlines
from tests.kit import probe as probe_module
from tests.kit.deadlines import within
from tests.kit.failure import HarnessError, ProbeFailed
from tests.kit.inside import values
from tests.kit.probe import Opaque, Probe, Record

TOY = """
import dataclasses, enum, os, sys, time

LIMIT = 16
__all__ = ["LIMIT", "Decoder", "same", "ToyError"]

class ToyError(ValueError):
    pass

class Colour(enum.Enum):
    RED = 1

class Code(enum.IntEnum):
    OK = 0

@dataclasses.dataclass
class Point:
    x: int
    y: int

class Decoder:
    def __init__(self, limit, *, name="it"):
        self.limit, self.name, self.parts = limit, name, []
    def feed(self, data):
        self.parts.append(data)
        if len(data) > self.limit:
            raise ToyError(f"got {len(data)}, allowed {self.limit}")
        yield from self.parts
    def child(self):
        return Decoder(self.limit + 1)

def same(*args, **kwargs):
    return (*args, *kwargs.values())
def point(): return Point(1, 2)
def colour(): return Colour.RED
def code(): return Code.OK
def thing(): return object()
def sleep(seconds): time.sleep(seconds)
def leave(): sys.exit(3)
def die(): os._exit(5)
def noisy():
    print("a print")
    os.write(1, b'{"id": 1, "value": "forged"}\\n')
    sys.stdout.flush()
    return sys.stdin.read()
def is_for_writing(n):
    import fcntl
    return fcntl.fcntl(n, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
def pipe():
    numbers = sorted(map(int, os.listdir("/proc/self/fd")))
    return next(n for n in numbers if n > 2 and is_for_writing(n))
def babble(what, times):
    for _ in range(times): os.write(pipe(), what)
    return "the answer"
def stub(): raise NotImplementedError("task 3.1 is not written yet")
def limit_of(decoder): return decoder.limit
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the pipe is found by /proc")
def test_code_that_writes_to_the_pipe_without_end_costs_no_memory(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_pipe, "LONGEST_ANSWER", 100_000)
    assert probe.call("toy_stage:babble", b"x\n", 1) == "the answer"
    with pytest.raises(ProbeFailed, match="its process ended"):
        probe.call("toy_stage:babble", b"x" * 50_000, 1000)


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    root = tmp_path_factory.mktemp("probe")
    (root / "toy_stage.py").write_text(TOY, "utf-8")
    (root / "broken_stage.py").write_text("import no_such_module_anywhere", "utf-8")
    # A module of the tree must not hide the probe's own.
    (root / "values.py").write_text("raise SystemExit('the wrong module')", "utf-8")
    home = root / "home"
    home.mkdir()
    made = Probe(root, home)
    yield made
    made.close()


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1.5,
        float("inf"),
        2**4000,
        -(2**63),
        "é你\ud800",
        b"\x00\xff",
        [1, [2]],
        (1, (2, [3])),
        {1, 2},
        frozenset({"a"}),
        {"a": {"b": b"c"}},
        {1: "one", (2, 3): None},
        {"$": "not a tag"},
        Decimal("1.10"),
        datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC),
        datetime.date(2026, 1, 2),
        datetime.timedelta(days=-1, microseconds=7),
        Path("a/b"),
    ],
    ids=repr,
)
def test_values_travel_both_ways_unchanged(probe: Probe, value: object) -> None:
    [back] = probe.call("toy_stage:same", value)
    assert back == value and (type(back) is type(value) or isinstance(value, Path))


def test_named_arguments_and_constants_work(probe: Probe) -> None:
    assert probe.call("toy_stage:same", 1, b=2) == (1, 2)
    assert probe.get("toy_stage:LIMIT") == 16


def test_dataclasses_and_enums_arrive_as_records(probe: Probe) -> None:
    point = probe.call("toy_stage:point")
    assert isinstance(point, Record) and (point.type, point.x, point.y) == ("Point", 1, 2)
    assert probe.call("toy_stage:colour").name == "RED"
    assert probe.call("toy_stage:code") == 0


def test_what_cannot_travel_says_so(probe: Probe) -> None:
    thing = probe.call("toy_stage:thing")
    assert isinstance(thing, Opaque)
    assert "type object that cannot be shown" in repr(thing)


def test_an_error_is_told_with_its_family(probe: Probe) -> None:
    decoder = probe.new("toy_stage:Decoder", 3)
    error = decoder.raises("feed", b"four")
    assert (error.type, error.message) == ("ToyError", "got 4, allowed 3")
    assert "ValueError" in error.bases
    with pytest.raises(ProbeFailed, match="raised ToyError: got 4"):
        decoder.call("feed", b"four")
    with pytest.raises(ProbeFailed, match="it should raise an error"):
        probe.raises("toy_stage:same", 1)


def test_a_stub_names_its_task(probe: Probe) -> None:
    with pytest.raises(ProbeFailed, match=r"NotImplementedError: task 3\.1 is not written yet"):
        probe.call("toy_stage:stub")


def test_an_object_keeps_its_state_in_the_child(probe: Probe) -> None:
    decoder = probe.new("toy_stage:Decoder", 10, name="mine")
    assert decoder.call("feed", b"a") == [b"a"]
    assert decoder.call("feed", b"b") == [b"a", b"b"]
    assert decoder.get("name") == "mine"
    assert probe.call("toy_stage:limit_of", decoder) == 10
    assert decoder.keep("child").get("limit") == 11
    assert decoder.type == "toy_stage.Decoder"


def test_what_is_missing_is_named(probe: Probe) -> None:
    with pytest.raises(ProbeFailed, match="toy_stage has no nothing"):
        probe.call("toy_stage:nothing")
    with pytest.raises(ProbeFailed, match="there is no module toy_nowhere"):
        probe.call("toy_nowhere.inner:same")
    with pytest.raises(ProbeFailed, match="no_such_module_anywhere"):
        probe.call("broken_stage:same")


def test_public_names_are_listed_with_their_kind(probe: Probe) -> None:
    assert probe.names("toy_stage") == {
        "LIMIT": "value",
        "Decoder": "class",
        "same": "function",
        "ToyError": "class",
    }


def test_prints_and_reads_do_not_break_the_pipe(probe: Probe) -> None:
    assert probe.call("toy_stage:noisy") == ""
    assert probe.call("toy_stage:same", 1) == (1,)


def test_what_hangs_at_its_import_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "START_SECONDS", 2.0)
    monkeypatch.setattr(probe_module, "AGAIN_SECONDS", 0.5)
    (tmp_path / "hanging.py").write_text("import time\ntime.sleep(600)\n", "utf-8")
    made, home = Probe(tmp_path, tmp_path / "home"), tmp_path / "home"
    home.mkdir()
    for seconds in (2.1, 0.6, 0.6):
        said = f"gave no answer within {within(seconds):.1f} s"
        with pytest.raises(ProbeFailed, match=said):
            made.attempt("hanging:function", timeout=0.1)
    made.close()


def test_a_call_that_hangs_is_ended_and_the_next_one_works(probe: Probe) -> None:
    decoder = probe.new("toy_stage:Decoder", 1)
    deadlines.begin()
    with pytest.raises(ProbeFailed, match=r"sleep\(60\): gave no answer within"):
        probe.call("toy_stage:sleep", 60, timeout=0.2)
    assert deadlines.waited_in_vain()
    assert probe.call("toy_stage:same", 1) == (1,)
    with pytest.raises(HarnessError, match="was lost"):
        decoder.get("limit")


def test_leaving_python_is_an_error_like_any_other(probe: Probe) -> None:
    assert probe.raises("toy_stage:leave").type == "SystemExit"
    with pytest.raises(ProbeFailed, match="ended with exit code 5"):
        probe.call("toy_stage:die")
    assert probe.call("toy_stage:same") == ()


def test_a_module_that_cannot_be_imported_is_said_for_a_whole_corpus_too(probe: Probe) -> None:
    with pytest.raises(ProbeFailed, match="no_such_module_anywhere"):
        probe.map("broken_stage:same", [[1], [2]])


def test_a_whole_corpus_goes_through_at_once(probe: Probe) -> None:
    outcomes = probe.map("toy_stage:same", [[number] for number in range(1200)])
    assert [outcome.value for outcome in outcomes] == [(number,) for number in range(1200)]
    [bad] = probe.map("toy_stage:limit_of", [["no decoder"]])
    assert bad.error is not None and bad.error.type == "AttributeError"


def test_a_value_that_nests_too_deep_arrives_as_opaque() -> None:
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    assert "Opaque" in repr(type(_innermost(values.decode(values.encode(deep)))))


def _innermost(value: object) -> object:
    while isinstance(value, list) and value:
        value = value[0]
    return value
