"""The cutter is strict about its markers, and leaves nothing of a solution behind."""

import ast
import pathlib
import random

import pytest

from tests.kit.cutting import MarkerError, blocks, cut, without_markers
from tests.kit.failure import HarnessError
from tests.kit.starters import (
    Stub,
    not_written,
    reference_copy,
    solutions,
    source_files,
    stage_named,
    starter,
    task_titles,
)
from tests.kit.tree import CHECKOUT, STAGES

MARKED = '''\
"""A module."""

LIMIT = 5
# BEGIN SOLUTION 2.1
HEADER = "secret 1"
# END SOLUTION


class Decoder:
    """Cuts."""

    def feed(self, data):
        """Take bytes."""
        given = 1
        # BEGIN SOLUTION 2.1

        self.secret2 = [
            data,
        ]
        # END SOLUTION

    # BEGIN SOLUTION 2.2
    @property
    def secret3(self):
        return 3
    # END SOLUTION


def outer():
    def inner():
        # BEGIN SOLUTION 2.2
        yield "secret 4"
        # END SOLUTION
    if True:
        # BEGIN SOLUTION 2.10
        return "secret 5"
        # END SOLUTION
    return "# BEGIN SOLUTION is no marker in a text"
'''


def test_a_solution_becomes_an_error_that_names_its_task_and_function() -> None:
    found = cut(MARKED, "m.py")
    assert "secret" not in found and "SOLUTION" not in found.replace("# BEGIN SOLUTION is no", "")
    for said in (
        '        raise NotImplementedError("task 2.1: Decoder.feed is not written yet")',
        '        raise NotImplementedError("task 2.2: outer.inner is not written yet")',
        '        raise NotImplementedError("task 2.10: outer is not written yet")',
        "    # Task 2.2: your own helpers may go here.",
        "\n# Task 2.1: your own helpers may go here.",
    ):
        assert said in found
    assert "        given = 1\n        raise" in found
    ast.parse(found)


def test_cutting_again_changes_nothing() -> None:
    once = cut(MARKED, "m.py")
    assert cut(once, "m.py") == once == cut(MARKED, "m.py")
    assert blocks(once, "m.py") == []


def test_what_is_solved_stays_without_its_markers() -> None:
    found = cut(MARKED, "m.py", {"2.2"})
    assert [number for number in range(1, 6) if f"secret{number}" in found.replace(" ", "")] == [
        3,
        4,
    ]
    whole = without_markers(MARKED, "m.py")
    unmarked = [line for line in MARKED.splitlines() if not line.lstrip().startswith("# ")]
    assert [line for line in whole.splitlines() if line] == [line for line in unmarked if line]


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("# BEGIN SOLUTION 1.1\na = 1", 1, "does not end"),
        ("a = 1\n# END SOLUTION", 2, "no solution begins"),
        (
            "# BEGIN SOLUTION 1.1\na\n# BEGIN SOLUTION 1.2\nb\n# END SOLUTION",
            3,
            "of line 1 has not",
        ),
        ("# BEGIN SOLUTION 1.1\n# only words\n# END SOLUTION", 1, "empty"),
        ("# BEGIN SOLUTION\na\n# END SOLUTION", 1, "a marker is"),
        ("# BEGIN SOLUTION 1.x\na\n# END SOLUTION", 1, "a marker is"),
        ("# begin solution 1.1\na\n# END SOLUTION", 1, "a marker is"),
        ("# BEGIN SOLUTION 1.1\na\n# END SOLUTION 1.1", 3, "a marker is"),
        ("# BEGIN SOLUTION 1.1\na\n# END SOLUTIONS", 3, "a marker is"),
        ("# BEGIN-SOLUTION 1.1\na\n# END SOLUTION", 1, "a marker is"),
        ("a = 1  # BEGIN SOLUTION 1.1\nb\n# END SOLUTION", 1, "a line of its own"),
        ("if a:\n    # BEGIN SOLUTION 1.1\n    b\n# END SOLUTION", 4, "columns in"),
        ("if a:\n    # BEGIN SOLUTION 1.1\n    b\nelse:\n    c\n    # END SOLUTION", 6, "left"),
        ("# BEGIN SOLUTION 1.1\na\ndef f():\n# END SOLUTION\n    b", 1, "within a statement"),
        ("if a:\n# BEGIN SOLUTION 1.1\n    b\nc\n# END SOLUTION", 2, "within a statement"),
    ],
)
def test_a_malformed_marker_is_named_with_file_and_line(
    source: str, line: int, reason: str
) -> None:
    with pytest.raises(MarkerError, match=f"^some/m.py:{line}: .*{reason}"):
        blocks(source, "some/m.py")


def test_whatever_is_marked_is_gone_and_the_rest_stays() -> None:
    for seed in range(60):
        source = random.Random(seed)
        lines = []
        for number in range(source.randint(1, 6)):
            body = [f"secret_{number} = {n}" for n in range(source.randint(1, 3))]
            marked = ["# BEGIN SOLUTION 3.2", *body, "# END SOLUTION"]
            inside = [f"given_{number} = 1", *marked, f"after_{number} = 2"]
            if source.random() < 0.5:
                inside = [f"def function_{number}():", *(f"    {line}" for line in inside)]
            if source.random() < 0.5:
                inside = [f"class Class{number}:", *(f"    {line}" for line in inside)]
            lines += inside
        found = cut("\n".join(lines) + "\n", "m.py")
        ast.parse(found)
        assert "secret" not in found
        kept = [line for line in lines if "given" in line or "after" in line]
        assert [line for line in found.splitlines() if "given" in line or "after" in line] == kept


def marked_stages() -> list[str]:
    return [stage for stage in STAGES if solutions(stage)]


@pytest.mark.parametrize("stage", STAGES)
def test_the_references_markers_are_well_formed(stage: str) -> None:
    solutions(stage)


@pytest.mark.parametrize("stage", marked_stages())
def test_a_starter_compiles_and_nothing_of_a_solution_is_in_it(stage: str) -> None:
    made = starter(stage)
    assert made == starter(stage)
    shared = {path: set(data.decode().splitlines()) for path, data in made.items() if _is_py(path)}
    for path, inside in solutions(stage).items():
        compile(made[path], str(path), "exec")
        reference = (CHECKOUT / path).read_text("utf-8").splitlines()
        given = without_solutions(reference, [(block.begin, block.end) for block in inside])
        leaked = [
            line
            for block in inside
            for line in reference[block.begin : block.end - 1]
            if line in shared[path] and line not in given
        ]
        assert leaked == []


@pytest.mark.parametrize("stage", marked_stages())
def test_a_copy_of_the_reference_is_the_reference_without_markers(stage: str) -> None:
    for path, data in reference_copy(stage).items():
        original = (CHECKOUT / path).read_bytes()
        if _is_py(path):
            assert ast.dump(ast.parse(data)) == ast.dump(ast.parse(original))
            assert b"SOLUTION" not in data
        else:
            assert data == original


@pytest.mark.parametrize("stage", marked_stages())
def test_each_task_with_a_stub_is_described_in_the_text(stage: str) -> None:
    titles = task_titles(stage)
    tasks = {block.task for inside in solutions(stage).values() for block in inside}
    if titles:
        assert tasks <= set(titles)


def test_what_is_not_written_is_found_in_a_submission(tmp_path: pathlib.Path) -> None:
    for path, data in starter("stage1_echo", {"1.1", "1.8"}).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    found = not_written("stage1_echo", tmp_path)
    assert {stub.task for stub in found} == {"1.2", "1.4", "1.5", "1.6", "1.7"}
    assert Stub("1.4", "Listener.serve", pathlib.Path("stage1_echo/listener.py")) in found
    assert not_written("stage1_echo", CHECKOUT) == []


def test_a_stage_is_found_by_either_name_and_no_other() -> None:
    assert stage_named("stage1") == stage_named("stage1_echo") == "stage1_echo"
    with pytest.raises(HarnessError, match="no stage 'stage9'; there are: stage1"):
        stage_named("stage9")


def test_a_starter_has_no_readme_and_nothing_that_running_left() -> None:
    names = {path.suffix for path in source_files("stage1_echo")}
    assert names == {".py"}


def without_solutions(lines: list[str], ranges: list[tuple[int, int]]) -> set[str]:
    """Return the lines outside of all solutions."""
    inside = {number for first, last in ranges for number in range(first, last + 1)}
    return {line for number, line in enumerate(lines, 1) if number not in inside}


def _is_py(path: pathlib.Path) -> bool:
    return path.suffix == ".py"
