"""The bookkeeping of uploads as a core: no disk, no clock. The rule: docs/protocol.md, stage 5."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.kit import check
from tests.kit.probe import Probe, ProbeObject

MODULE = "stage5_files.transfers"
DAY = 86400.0


@pytest.fixture
def book(probe: Probe) -> ProbeObject:
    """An empty book that allows three uploads for each user."""
    return probe.new(f"{MODULE}:TransferBook", 3)


def add(
    probe: Probe, book: ProbeObject, upload: str, uid: int = 1, size: int = 10, now: float = 0.0
) -> ProbeObject:
    """Open an upload of a user who may store 1,000 bytes."""
    offer = probe.new(f"{MODULE}:Offer", upload, uid, "ann", "a.txt", "", size, None, "", now)
    return book.keep("add", offer, now, 1000)


@pytest.mark.task("5.2", hint="What follows from the number of bytes that are here?")
@pytest.mark.points(2)
def test_pieces_follow_each_other_until_the_upload_is_whole(
    probe: Probe, book: ProbeObject
) -> None:
    transfer = add(probe, book, "a")
    transfer.call("take", 7, 1.0)
    transfer.call("check_piece", 0, 10)
    for offset in (1, -1):
        check.equal(transfer.raises("check_piece", offset, 1).type, "WrongOffset", "the error")
    check.equal(transfer.raises("check_piece", 0, 11).type, "TooManyBytes", "the error")
    transfer.call("arrived", 4, 2.0)
    check.equal(transfer.raises("check_whole").type, "NotWhole", "the error")
    transfer.call("check_piece", 4, 6)
    transfer.call("arrived", 6, 3.0)
    transfer.call("check_whole")


@pytest.mark.task("5.2", hint="What does the older connection hear?")
@pytest.mark.points(1)
def test_the_newest_connection_holds_an_upload(probe: Probe, book: ProbeObject) -> None:
    transfer = add(probe, book, "a")
    transfer.call("take", 7, 1.0)
    transfer.call("check_holder", 7)
    transfer.call("take", 8, 2.0)
    check.equal(transfer.raises("check_holder", 7).type, "TakenOver", "what the old one hears")
    transfer.call("check_holder", 8)
    book.call("close", transfer)
    check.equal(transfer.raises("check_holder", 8).type, "UnknownUpload", "after the end")
    check.equal(transfer.raises("take", 9, 3.0).type, "UnknownUpload", "after the end")


@pytest.mark.task("5.2", hint="Which bytes count before they have arrived?")
@pytest.mark.points(1.5)
def test_announced_bytes_count_until_the_upload_ends(probe: Probe, book: ProbeObject) -> None:
    transfer = add(probe, book, "a", size=600)
    transfer.call("arrived", 100, 1.0)
    check.equal(book.call("announced", 1), 600, "the bytes of one user")
    add(probe, book, "other user's", uid=2, size=1000)
    offer = probe.new(f"{MODULE}:Offer", "b", 1, "ann", "b", "", 401, None, "", 0.0)
    check.equal(book.raises("add", offer, 0.0, 1000).type, "OverQuota", "the error")
    book.call("close", transfer)
    book.call("close", transfer)
    check.equal(book.call("announced", 1), 0, "the bytes of one user at the end")
    book.call("add", offer, 0.0, 1000)


@pytest.mark.task("5.2", hint="How many uploads does one user need at once?")
@pytest.mark.points(1)
def test_a_user_may_not_open_uploads_without_end(probe: Probe, book: ProbeObject) -> None:
    for name in "abc":
        add(probe, book, name)
    offer = probe.new(f"{MODULE}:Offer", "d", 1, "ann", "d", "", 1, None, "", 0.0)
    check.equal(book.raises("add", offer, 0.0, 1000).type, "TooManyUploads", "the error")
    add(probe, book, "e", uid=2)


@pytest.mark.task("5.2", hint="Whose upload is it?")
@pytest.mark.points(1)
def test_only_its_user_finds_an_upload(probe: Probe, book: ProbeObject) -> None:
    add(probe, book, "a")
    book.keep("find", "a", 1)
    check.equal(book.raises("find", "a", 2).type, "UnknownUpload", "what another user hears")
    check.equal(book.raises("find", "b", 1).type, "UnknownUpload", "the error")


@pytest.mark.task("5.2", hint="When has nobody done anything for a day?")
@pytest.mark.points(1)
def test_an_upload_is_abandoned_a_day_after_its_last_byte(probe: Probe, book: ProbeObject) -> None:
    add(probe, book, "idle", now=0.0)
    busy = add(probe, book, "busy", now=0.0)
    busy.call("arrived", 1, 100.0)
    check.equal(len(book.call("abandoned", DAY - 1)), 0, "the abandoned uploads before a day")
    check.equal(len(book.call("abandoned", DAY + 1)), 1, "the abandoned uploads after a day")
    check.equal(len(book.call("abandoned", DAY + 101)), 2, "the abandoned uploads later still")


# What a client may do to one of three uploads: (upload, what, a number).
STEPS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["offer", "piece", "arrived", "take", "cancel", "finish"]),
        st.integers(min_value=-1, max_value=12),
    ),
    max_size=25,
)


class Model:
    """What the book must say, in the simplest words: bytes that are here."""

    def __init__(self) -> None:
        self.received: dict[str, int] = {}


@pytest.mark.task("5.2", hint="Is there an order of events that confuses the bookkeeping?")
@pytest.mark.points(1)
def test_the_book_is_right_after_any_events_in_any_order(
    probe: Probe, dice: Callable[[object], random.Random], count: Callable[[int, int], int]
) -> None:
    @seed(dice("events").getrandbits(64))
    @settings(
        max_examples=count(25, 2000),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS)
    def run(steps: list[tuple[str, str, int]]) -> None:
        book, model = probe.new(f"{MODULE}:TransferBook", 3), Model()
        transfers: dict[str, ProbeObject] = {}
        for upload, what, number in steps:
            play(probe, book, model, transfers, upload, what, number)
            total = 10 * len(model.received)
            check.equal(book.call("announced", 1), total, "the bytes that are announced")

    add(probe, probe.new(f"{MODULE}:TransferBook", 3), "a")  # a book that does not work says why
    run()


def play(
    probe: Probe,
    book: ProbeObject,
    model: Model,
    transfers: dict[str, ProbeObject],
    upload: str,
    what: str,
    number: int,
) -> None:
    """Do one step, and check what it answers: every upload has 10 bytes."""
    here = model.received.get(upload)
    if what == "offer":
        if here is None:
            transfers[upload] = add(probe, book, upload)
            model.received[upload] = 0
        return
    if here is None:
        check.equal(book.raises("find", upload, 1).type, "UnknownUpload", "an upload that is over")
        return
    transfer = transfers[upload]
    if what == "piece":
        outcome = transfer.attempt("check_piece", here, max(number, 0))
        fits = here + max(number, 0) <= 10
        check.equal(outcome.error is None, fits, f"{number} bytes behind {here} of 10")
        if number not in (0, here):
            wrong = transfer.raises("check_piece", number, 0)
            check.equal(wrong.type, "WrongOffset", f"a piece at {number} behind {here}")
    elif what == "arrived":
        model.received[upload] += max(0, min(number, 10 - here))
        transfer.call("arrived", model.received[upload] - here, 1.0)
        check.equal(transfer.get("received"), model.received[upload], "the bytes that are here")
    elif what == "take":
        transfer.call("take", number, 1.0)
        transfer.call("check_holder", number)
        older = transfer.raises("check_holder", number + 1)
        check.equal(older.type, "TakenOver", "what another connection hears")
    elif what == "finish":
        whole = transfer.attempt("check_whole")
        check.equal(whole.error is None, here == 10, f"whole with {here} of 10 bytes")
        if here == 10:
            end(book, model, transfer, upload)
    else:
        end(book, model, transfer, upload)


def end(book: ProbeObject, model: Model, transfer: ProbeObject, upload: str) -> None:
    """End an upload; nothing may be done with it any more."""
    book.call("close", transfer)
    del model.received[upload]
    check.equal(transfer.raises("take", 1, 2.0).type, "UnknownUpload", "after the end")
