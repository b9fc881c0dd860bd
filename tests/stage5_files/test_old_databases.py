"""Databases that the model made are opened, and lose nothing. The rule: docs/stage5.md."""

import pytest

from tests.kit import check

from .world import FETCH, SPELLING, World

LONG = "a name of more than twenty characters.docx"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.task("5.5", hint="What did the model call the column, and is it spelt so in each?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_the_models_files_are_listed_and_new_ones_join_them(apart: World) -> None:
    ann = apart.user()
    uid = ann.store(LONG, b"x", path="p")
    entries = {entry["uid"]: entry for entry in ann.listed()}
    old = {"filename": "old.txt", "own": "somebody", "data": "2019-05-01 12:00:00"}
    check.matches(entries.get(1), old, "the model's file in the list")
    new = {"filename": LONG, "own": ann.name, "lx": DOCX}
    check.matches(entries.get(uid), new, "the new file in the list")
    ann.ask(FETCH, test=104, uid=1)
    name = SPELLING[apart.database.kind]
    rows = apart.database.rows(f"SELECT {name}, own, lx FROM file WHERE uid = {uid}")
    check.equal(rows, [(LONG[:20], ann.name, DOCX[:32])], "the new row in the model's columns")


@pytest.mark.task("5.5", hint="Which columns does the model's table have?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_new_table_has_the_models_columns(world: World) -> None:
    uid = world.user().store("short.txt", b"x")
    sql = f"SELECT uid, filename, own, data, lx FROM file WHERE uid = {uid}"
    (row,) = world.database.rows(sql)
    check.equal((row[1], row[4]), ("short.txt", "text/plain"), "the row")
    check.that(0 < len(row[3]) <= 50, f"data should be a time of at most 50 characters: {row[3]}")
