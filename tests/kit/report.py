"""A failure as text for the terminal, made from the JSON that the report carries."""

import json
from collections.abc import Sequence
from typing import Any

from .marks import task_number
from .told_steps import told
from .view import escape, indent, shorten

STEPS_SHOWN = 25
LONGEST_VALUE = 1500
# A student's log may hold whole messages; three rows of a terminal show what a line is about.
LONGEST_LOG_LINE = 240


def render(data: dict[str, Any]) -> str:
    """Return the text of one failure: question, steps, what was wrong, logs.

    ``data`` is what ``plugin.py`` stores in the report: the fields of ``CheckFailed.as_data`` and
    ``Story.as_data`` and, where the test gives them, ``task``, ``title`` and ``hint``.
    """
    parts = [
        _heading(data),
        _question(data),
        _not_written(data.get("not_written"), data.get("task", "")),
        _steps(data.get("steps", [])),
        _wrong(data),
        *(_program(program) for program in data.get("programs", [])),
        _seed(data.get("seed")),
        _hurried(data),
        f"The check stands in {data['place']}" if data.get("place") else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(data: dict[str, Any]) -> str:
    task = f"Task {data['task']}: " if data.get("task") else ""
    return escape(f"{task}{data.get('title', '')}")


def _question(data: dict[str, Any]) -> str:
    return f"A question to start from: {data['hint']}" if data.get("hint") else ""


def _not_written(stub: dict[str, str] | None, task: str) -> str:
    if not stub:
        return ""
    name = f"{stub['name']}, task {stub['task']}"
    if is_later(stub, task):
        # A program tells of it in passing, at each disconnect perhaps: the fault may be another.
        return f"Not written yet, and perhaps why: {name}"
    return f"Not written yet: {name}"


def is_later(stub: dict[str, str], task: str) -> bool:
    """Whether what is not written belongs to a later task than the check that met it."""
    return bool(task) and task_number(stub["task"]) > task_number(task)


def _seed(seed: int | None) -> str:
    if seed is None:
        return ""
    return f"What it chose at random it chose by seed {seed}: --replay {seed} chooses the same"


def _hurried(data: dict[str, Any]) -> str:
    if not data.get("hurried"):
        return ""
    return (
        "It had less time than usual: another check of this task, or of one that it builds on, had "
        "failed before. --patient gives each check its whole time."
    )


def _steps(steps: Sequence[dict[str, Any]]) -> str:
    if not steps:
        return ""
    lines = ["What was done:"]
    for step in told(steps, STEPS_SHOWN):
        said = f"… {step}" if isinstance(step, str) else escape(step["text"], keep="")
        lines.append(f"  {said}")
    return "\n".join(lines)


def _wrong(data: dict[str, Any]) -> str:
    if not data.get("message"):
        return ""
    lines = [f"What was wrong: {escape(data['message'])}"]
    if data.get("bytes"):
        lines += _bytes(data["bytes"])
    for difference in data.get("differences", []):
        lines.append(f"  field     {escape(difference['path'], keep='')}")
        lines.append(f"    expected  {difference['expected']}")
        lines.append(f"    received  {difference['received']}")
    if data.get("expected") is not None:
        lines.append(f"  expected  {_json(data['expected'])}")
    if data.get("received") is not None:
        lines.append(f"  received  {_json(data['received'])}")
    lines += [f"  {escape(line, keep='')}" for line in data.get("lines", [])]
    return "\n".join(lines)


def _json(value: object) -> str:
    if isinstance(value, str):
        return shorten(escape(value), LONGEST_VALUE)
    return shorten(escape(json.dumps(value, ensure_ascii=False), keep=""), LONGEST_VALUE)


def _bytes(compared: dict[str, Any]) -> list[str]:
    index = compared["first_wrong"]
    lines = [
        f"  the first wrong byte is number {index:,}, counted from 0: "
        f"expected {compared['expected_byte']}, received {compared['received_byte']}"
    ]
    for side in ("expected", "received"):
        lines.append(f"  {side}, {compared[f'{side}_total']:,} bytes:")
        lines.append(indent(compared[f"{side}_hex"]))
    return lines


def _program(program: dict[str, Any]) -> str:
    lines = [f"{program['name']} ({program['state']})"]
    for stream, words in (("stdout", "standard output"), ("stderr", "log on standard error")):
        if text := program.get(stream):
            shown = "\n".join(shorten(line, LONGEST_LOG_LINE) for line in text.split("\n"))
            lines += [f"  the end of its {words}:", indent(shown, "  | ")]
    return "\n".join(lines)
