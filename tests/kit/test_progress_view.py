"""What is shown while a class is graded: who runs, who is done, and how long it may take."""

from rich.console import Console

from .grading.progress_view import View, clock, counted
from .grading.results import TROUBLE, UNFINISHED, Result
from .grading.watch import Watch
from .test_grade import check


def result(name: str, earned: float, status: str = "graded") -> Result:
    return Result(name, name, "stage1_echo", status, checks=[check("1.1", "passed", 50, earned)])


def test_the_view_tells_who_runs_who_is_done_and_the_time_left() -> None:
    now = [100.0]
    watch = Watch(total=4, clock=lambda: now[0])
    assert watch.seconds_left(5) is None
    watch.begin("王小明")
    watch.note("王小明", {"event": "plan", "tests": [{}] * 4})
    watch.note("王小明", {"event": "begin", "title": "it says hello"})
    for _ in range(2):
        watch.note("王小明", {"event": "end"})
    watch.done += [result("a", 50), result("b", 10, UNFINISHED)]
    watch.kept = 1
    now[0] = 130.0
    # One and a half are over in 30 s, one and a half are left.
    assert watch.seconds_left(30) == 30
    console = Console(width=100, record=True, force_terminal=True)
    console.print(View(watch, 100.0).render())
    said = console.export_text()
    for words in ("▸ 王小明", "2/4", "0:30", "it says hello", "2 of 4 done", "about 0:30 left"):
        assert words in said
    assert "1 with all points, 1 with fewer (1 unfinished)" in said
    watch.end("王小明")
    assert "王小明" not in watch.running


def test_times_and_counts_are_in_words() -> None:
    assert (clock(5), clock(65), clock(3725)) == ("0:05", "1:05", "1:02:05")
    assert counted([result("a", 0, TROUBLE)]).endswith("0 with fewer, 1 without a mark")
