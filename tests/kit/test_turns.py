"""Submissions begin one a processor, and more only while processors have nothing to do."""

import threading

from .grading.turns import Turns


class Class:
    """Threads that each take a turn and keep it until they may end."""

    def __init__(self, turns: Turns, number: int) -> None:
        self.stopped, self._may_end = threading.Event(), threading.Event()
        self._began = threading.Semaphore(0)
        self._turns = turns
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(number)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        with self._turns.turn(self.stopped):
            self._began.release()
            self._may_end.wait(20)

    def begin(self, number: int) -> bool:
        return all(self._began.acquire(timeout=20) for _ in range(number))

    def nobody_begins(self) -> bool:
        return not self._began.acquire(timeout=1.2)

    def end(self) -> None:
        self._may_end.set()
        for thread in self._threads:
            thread.join(20)


def test_so_many_begin_as_there_are_jobs_and_the_next_when_one_is_over() -> None:
    turns = Turns(2, is_idle=lambda: False)
    first = Class(turns, 3)
    assert first.begin(2) and first.nobody_begins()
    first.end()
    assert first.begin(1)


def test_while_a_processor_idles_three_times_as_many_run_and_no_more() -> None:
    crowd = Class(Turns(1, is_idle=lambda: True), 4)
    assert crowd.begin(3) and crowd.nobody_begins()
    crowd.end()


def test_no_more_than_the_jobs_run_where_they_would_share_a_network() -> None:
    crowd = Class(Turns(1, is_idle=lambda: True, times=1), 2)
    assert crowd.begin(1) and crowd.nobody_begins()
    crowd.end()


def test_nobody_waits_when_all_is_to_end() -> None:
    crowd = Class(Turns(1, is_idle=lambda: False), 2)
    assert crowd.begin(1)
    crowd.stopped.set()
    assert crowd.begin(1)
    crowd.end()
