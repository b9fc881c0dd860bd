"""The reports for people: what leads from a failure to its mend is in them, and reads in order."""

import re
from typing import Any

import pytest

from .bank import Entry, entries
from .grading import progress_view
from .grading.class_report import (
    class_html,
    class_markdown,
    hardest,
    histogram,
    looks_like,
    summary,
)
from .grading.formats import gradescope
from .grading.likely import likely
from .grading.mistake_texts import Guide, places
from .grading.results import REFUSED, Result
from .grading.running import NOT_RUN
from .grading.student_report import student_html, student_markdown
from .grading.wire_diagram import BESIDE, FROM, TO, as_html, as_markdown, lines
from .mistakes import known
from .report import render
from .scoreboard import NOTHING_WORKS
from .story import Story
from .test_grade import Page, check
from .tree import STAGES


def steps() -> list[dict[str, Any]]:
    story = Story()
    story.tell("Ann", "connects to stage2.server at 127.0.0.1:5")
    story.tell("Ann", 'sends {"op": 80}', b"\x00\x00\x00\x0a" + b'{"op": 80}', shown=False)
    story.tell("Ann", "receives", b"<b>|\x00" * 10)
    story.tell("stage2.server", "is given the line", b"hello")
    story.tell("stage2.server", "prints: 'bye'")
    told: Any = story.as_data()["steps"]
    return list(told)


def failed(task: str = "2.1") -> Result:
    result = Result("ann", "Ann", "stage2_protocol", checks=[check(task, "failed")])
    failure = {
        "task": task,
        "title": "it fails",
        "hint": "Why?",
        "steps": steps(),
        "message": "bad",
    }
    result.failures = [{**result.checks[0], "failure": failure}]
    result.likely = [{"name": "little-endian", "says": "writes it backwards", "link": "docs/x"}]
    return result


@pytest.fixture
def guide() -> Guide:
    bank = [Entry(n, "stage2_protocol", n, ("2.1",), (), {}) for n in ("no-limit", "little-endian")]
    return Guide("stage2_protocol", bank)


def test_the_wire_is_told_in_order_and_both_ways() -> None:
    found = lines(steps())
    assert [line.way for line in found] == [BESIDE, TO, FROM, TO, FROM]
    assert found[1].words == '{"op": 80}' and found[1].hex.startswith("00 00 00 0a | 7b 22")
    assert found[2].hex.endswith("… 50 bytes in all") and "<b>" in found[2].words
    page = as_html(steps())
    assert Page(page).open == [] and "<b>" not in page
    order = ["connects to", "→ to the program", "← from the program", "hello", "bye"]
    assert sorted(order, key=page.index) == order
    rows = [line for line in as_markdown(steps()) if line.startswith("| ")]
    assert len(rows) == 6 and all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert as_html([]) == "" and as_markdown([]) == []


def test_a_long_story_keeps_its_beginning_and_says_what_is_left_out() -> None:
    story = Story()
    for number in range(1, 501):
        story.tell("Ann", f"does {number}")
    story.tell("Ann", "sends", b"x" * 100_000)
    told: Any = story.as_data()["steps"]
    assert [line.number for line in lines(told)] == [1, 2, 3, 4, 5, 0, *range(477, 502)]
    assert "steps 6 to 476 left out" in as_html(told)
    assert "| … |  |  | steps 6 to 476 left out |  |" in as_markdown(told)
    # How many bytes there are, and no other number.
    assert "characters" not in lines(told)[-1].words and "100,000" in lines(told)[-1].words


def test_of_a_row_of_pings_only_the_first_and_the_last_are_told() -> None:
    story = Story()
    story.tell("Ann", 'sends {"op": 15, "id": 1}')
    for number in range(2, 22):
        story.tell("Ann", f'sends {{"op": 91, "id": {number}}}')
        story.tell("Ann", f'receives {{"op": 91, "id": {number}, "test": 0}}')
    story.tell("Ann", "sees that nothing came")
    told: Any = story.as_data()["steps"]
    assert [line.number for line in lines(told)] == [1, 2, 3, 0, 40, 41, 42]
    assert "more of the same: steps 4 to 39" in as_html(told)
    assert "… more of the same: steps 4 to 39\n" in render({"steps": told})


def test_a_failure_leads_to_the_text_of_its_mistakes(guide: Guide) -> None:
    page = student_html(failed(), guide)
    parsed = Page(page)
    assert parsed.open == [] and not {"script", "img", "link"} & parsed.tags
    targets = set(re.findall(r'href="#([\w-]+)"', page))
    assert targets and targets <= set(re.findall(r' id="([\w-]+)"', page))
    assert "writes the bytes as <em>your</em>" in page  # the text itself
    assert page.index("Why?") < page.index("→ to") < page.index("What was wrong: bad")
    # The likely one is named first.
    places_named = page[page.index("Common mistakes here") :]
    assert places_named.index("The length is another") < places_named.index("The limit is missing")
    text = student_markdown(failed(), guide)
    assert "docs/stage2.md#mistake-little-endian" in text and "Common mistakes here:" in text


def test_what_is_not_written_is_sent_to_no_mistake(guide: Guide) -> None:
    result = failed()
    result.likely = []
    result.failures[0]["failure"]["not_written"] = {"name": "f", "task": "2.1"}
    assert "Common mistakes" not in student_html(result, guide)


@pytest.mark.parametrize("stage", STAGES)
def test_every_known_mistake_has_its_place_in_the_text(stage: str) -> None:
    found = places(stage)
    names = {name for place in found for name in place.names}
    assert {mistake.name for mistake in known(stage)} <= names
    for place in found:
        assert place.title and place.text and Page(place.as_html()).open == []


def test_the_class_sees_the_hardest_tasks_and_what_they_look_like() -> None:
    results = [failed(), failed(), Result("z", "Zoe", "stage2_protocol", checks=[])]
    results[2].checks = [check("2.1", "passed", 50, 50)]
    (hard,) = hardest(results)
    assert (hard.task, hard.failed, hard.of) == ("2.1", 2, 3)
    assert hard.mistake == "writes it backwards (2)"
    assert dict(histogram(results))["0–9"] == 2 and dict(histogram(results))["100"] == 1
    assert progress_view.line(results[0]) == "Ann: 0 of 50, graded: task 2.1 fails first"
    results[0].people = [{"id": "s1", "name": "Ann Lee", "mark": 5, "rule": "late"}]
    results[0].all_own = {"score": 3, "points": 50, "checks": [], "stages": ["stage1_echo"]}
    page = class_html(results, "stage2_protocol")
    assert Page(page).open == [] and "Ann (Ann Lee)" in page
    for head in ("Mark", "All own", "First cause"):
        assert f'">{head}</th>' in page or f">{head}</th>" in page
    assert "| Ann (Ann Lee) | 0 | 5 | 3 | graded | 2.1 |" in class_markdown(results, "stage2")


def test_what_waits_is_told_with_what_was_seen_and_what_it_costs() -> None:
    result = failed()
    for task, seen in (("2.2", "the <b>frames</b>: none came"), ("2.3", "")):
        result.checks.append({**check(task, "waiting", 3), "waiting_on": "2.1", "seen": seen})
    result.checks.append(check("2.4", "passed", 7, 7))
    page, text = student_html(result), student_markdown(result)
    assert Page(page).open == [] and "2 checks, 6 points" in page
    assert "the &lt;b&gt;frames&lt;/b&gt;: none came" in page and "not tried" in page
    assert "## What waits: 2 checks, 6 points" in text and r"\<b\>frames" in text
    assert "What waits<" not in student_html(failed())


def test_what_a_run_did_not_reach_is_not_called_hard() -> None:
    result = failed()
    result.checks.append(check("2.2", NOT_RUN))
    assert [hard.task for hard in hardest([result])] == ["2.1"]


def test_the_class_names_the_person_and_not_what_moodle_made_of_it() -> None:
    result = failed()
    result.name = "Ann Lee_20001_assignsubmission_file_"
    result.people = [{"id": "", "name": "Ann Lee", "mark": 0, "rule": ""}]
    assert "| Ann Lee | 0 |" in class_markdown([result], "stage2")


PREFIX = "test_answers.py::test_a_message_comes_back_behind_the_prefix"
SAYS = "a message comes back behind the prefix"


def test_a_program_that_never_starts_looks_like_no_mistake() -> None:
    result = failed("1.1")
    result.stage, bank = "stage1_echo", entries("stage1_echo")
    result.checks[0] |= {"function": PREFIX, "failed_cases": [SAYS]}
    assert likely(result, bank)
    result.failures[0]["failure"]["message"] = "stage1.server ended before it was ready (exit …)"
    assert likely(result, bank) == []


def test_a_program_of_which_nothing_works_looks_like_no_mistake_and_its_report_says_so() -> None:
    result, bank = failed("1.1"), entries("stage1_echo")
    result.stage, result.likely = "stage1_echo", []
    result.checks[0] |= {"function": PREFIX, "failed_cases": [SAYS]}
    result.checks.append(check("1.2", "waiting"))
    assert likely(result, bank) == []
    assert NOTHING_WORKS in student_html(result) and NOTHING_WORKS in student_markdown(result)
    assert NOTHING_WORKS in gradescope(result)["output"]
    assert looks_like(result) == ["does not start, or does not answer: nothing passed"]
    result.checks.append(check("1.3", "passed"))
    assert likely(result, bank) and NOTHING_WORKS not in student_html(result)


def test_the_class_sees_who_has_not_begun() -> None:
    result = failed()
    result.likely = []
    result.failures[0]["failure"]["not_written"] = {"name": "encode", "task": "2.1"}
    assert looks_like(result) == ["has no encode yet, task 2.1"]
    assert hardest([result])[0].mistake == "has no encode yet, task 2.1 (1)"


def test_the_class_counts_the_marks_after_the_rules() -> None:
    results = [Result(name, name, "stage1_echo") for name in ("a", "b", "c")]
    for result, score in zip(results, (100, 40, 60), strict=True):
        result.checks = [check("1.1", "passed", 100, score)]
    assert "the middle mark is 60" in summary(results)
    assert "the middle mark is 70" in summary([results[0], results[1]])
    results[0].people = [{"name": "A", "mark": 50, "rule": "late"}, {"name": "B", "mark": None}]
    assert "the middle mark is 50, 1 with all points" in summary(results)
    assert dict(histogram(results)) == {**dict.fromkeys(dict(histogram([])), 0)} | {
        "40–49": 1, "50–59": 1, "60–69": 1,
    }  # fmt: skip


def test_a_task_that_mostly_waits_is_seen_by_the_points_lost() -> None:
    first, other = failed(), failed("2.2")
    first.checks.append(check("2.2", "waiting"))
    first.checks.append(check("2.3", "waiting"))
    told = [(hard.task, hard.failed, hard.lost, hard.of) for hard in hardest([first, other])]
    assert told == [("2.2", 1, 2, 2), ("2.1", 1, 1, 2), ("2.3", 0, 1, 2)]
    assert "| 2.2 | about 2.2 | 1 | 2 | 2 |" in class_markdown([first, other], "stage2")
    page = class_html([first, other], "stage2_protocol")
    assert ">Lost points</th>" in page and Page(page).open == []


def test_what_is_no_submission_is_told_with_the_remedy_and_no_sandbox() -> None:
    why = "there is no folder stage2_protocol in it"
    result = Result("a", "A", "stage2_protocol", REFUSED, why, sandbox="bubblewrap")
    words = f"0 of 100 points: this is not a submission of stage2: {why}. kit.py pack stage2 makes"
    for text in (student_html(result), student_markdown(result).replace("\\_", "_")):
        assert words in text and "saw neither" not in text
    assert "saw neither" in student_html(Result("a", "A", "stage2_protocol", sandbox="bubblewrap"))


def never_starting() -> Result:
    """A program whose import fails: each call raises the same, and the last one hangs."""
    result = failed()
    result.likely = []
    result.checks.append(check("2.2", "waiting"))
    error = "SyntaxError: invalid syntax (frames.py, line 78)"
    said = [f"f(b') x') raised {error}", f"T.g() raised {error}", "h(): gave no answer"]
    result.failures = [
        {**result.failures[0], "failure": {**result.failures[0]["failure"], "message": message}}
        for message in said
    ]
    return result


def test_where_nothing_works_no_mistake_is_linked_and_the_same_is_told_once(guide: Guide) -> None:
    result = never_starting()
    title = "Task 2.1: it does 2.1"
    page, text = student_html(result, guide), student_markdown(result, guide)
    assert "Common mistakes" not in page + text and Page(page).open == []
    assert page.count(f"<p>{title}: the same as above</p>") == 1
    assert text.count(f"\n{title}: the same as above\n") == 1
    assert page.count("SyntaxError") == text.count("SyntaxError") == 1
    assert "gave no answer" in page and "gave no answer" in text
    # With one check passed, each failure tells its own story.
    result.checks.append(check("2.3", "passed", 50, 50))
    assert "the same as above" not in student_html(result, guide) + student_markdown(result, guide)
    assert "Common mistakes here" in student_html(result, guide)


def test_the_class_sees_which_error_keeps_a_program_from_starting() -> None:
    result = never_starting()
    assert looks_like(result) == ["does not start (SyntaxError): nothing passed"]
    log = "Traceback …\nModuleNotFoundError: No module named 'x'"
    ended = {"message": "it ended before it was ready", "programs": [{"stderr": log}]}
    result.failures[0]["failure"] = ended
    assert looks_like(result) == ["does not start (ModuleNotFoundError): nothing passed"]
    result.failures[0]["failure"] = {"message": "it gave no answer", "programs": []}
    assert looks_like(result) == ["does not start, or does not answer: nothing passed"]
