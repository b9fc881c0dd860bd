"""One transfer as a row: what it is, how far it is, and what can be done with it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Protocol

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import icon_button

from ..mime import mime_type
from ..transfer_job import TransferJob
from .file_pictures import FilePictures
from .file_words import Words, duration_text, file_trouble, kind_of, size_text

Act = Callable[[TransferJob], object]
_ROOMY = 520  # pixels at 100 %: below that the figures have a line of their own


class RowActions(Protocol):
    """What the buttons of a row do."""

    def pause(self, job: TransferJob) -> None: ...
    def resume(self, job: TransferJob) -> None: ...
    def retry(self, job: TransferJob) -> None: ...
    def cancel(self, job: TransferJob) -> None: ...
    def open(self, job: TransferJob) -> None: ...
    def show(self, job: TransferJob) -> None: ...


# The buttons that make sense in each state; ``cancel`` is always there.
_BUTTONS = {
    "waiting": ("pause",),
    "moving": ("pause",),
    "paused": ("resume",),
    "failed": ("retry",),
    "done": ("open", "show"),
}
_ICONS = {
    "pause": "pause",
    "resume": "play",
    "retry": "files.retry",
    "open": "files.open",
    "show": "files.open_folder",
    "cancel": "close",
}
_TIPS = {
    "pause": "files.pause",
    "resume": "files.resume",
    "retry": "files.retry",
    "open": "files.open",
    "show": "files.show_in_folder",
    "cancel": "files.cancel",
}


class TransferRow(ttk.Frame):
    """The labels ``transfer_name`` and ``transfer_text``, ``progress``, and the buttons.

    These are ``pause_transfer``, ``resume_transfer``, ``retry_transfer``, ``open_transfer``,
    ``show_transfer`` and ``cancel_transfer``, as far as they make sense.
    """

    def __init__(
        self, master: tk.Misc, parts: WindowParts, job: TransferJob, actions: RowActions
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, name=f"transfer{job.number}", padding=(0, px(6)))
        self._parts, self._job, self._actions = parts, job, actions
        self._pictures = FilePictures(parts.look)
        self._shown: tuple[object, ...] = ()
        self.columnconfigure(1, weight=1)
        for line in (0, 2):  # without a bar, what is left stands in the middle
            self.rowconfigure(line, weight=1)
        self._sign = ttk.Label(self)
        self._sign.grid(row=0, column=0, rowspan=3, padx=(0, px(10)))
        self._title = ttk.Label(self, name="transfer_name", text=_name_of(job), width=1)
        self._title.grid(row=0, column=1, sticky="ew")
        self._bar = ttk.Progressbar(self, name="progress", maximum=1.0)
        self._bar.grid(row=1, column=1, columnspan=2, sticky="ew", pady=px(3))
        self._text = ttk.Label(self, name="transfer_text", style="Muted.TLabel")
        self._buttons = {name: self._button(name) for name in _ICONS}
        self._width = 0
        self.bind("<Configure>", self._resized)
        self.look()

    def look(self) -> None:
        """Show how far the transfer is now."""
        job, words = self._job, self._parts.catalog.text
        self._bar.configure(value=job.done / job.total if job.total else 0.0)
        text = transfer_text(job, words)
        if self._text.cget("text") != text:
            self._text.configure(text=text)
        theme = self._parts.look.theme
        shown = (job.state, theme.mode, job.is_upload, _kind_of(job))
        if shown != self._shown:
            self._shown = shown
            self._show_state()

    def _show_state(self) -> None:
        job = self._job
        picture = self._pictures.moving(_kind_of(job), up=job.is_upload)
        self._sign.configure(image=picture)
        self._text.configure(style="Error.TLabel" if job.state == "failed" else "Muted.TLabel")
        if job.state in ("waiting", "moving", "paused"):
            self._bar.grid()
        else:
            self._bar.grid_remove()
        self._place_text()
        wanted = _BUTTONS.get(job.state, ())
        if job.is_upload:
            wanted = tuple(name for name in wanted if name not in ("open", "show"))
        for name, button in self._buttons.items():
            if name == "cancel" or name in wanted:
                button.grid()
            else:
                button.grid_remove()

    def _button(self, name: str) -> ttk.Button:
        act: Act = getattr(self._actions, name)
        button = icon_button(
            self,
            self._parts,
            _ICONS[name],
            _TIPS[name],
            lambda: act(self._job),
            name=f"{name}_transfer",
        )
        px = self._parts.look.theme.px
        column = 3 + list(_ICONS).index(name)
        button.grid(row=0, column=column, rowspan=3, padx=(px(4), 0))
        return button

    def _resized(self, event: "tk.Event[tk.Misc]") -> None:
        if event.width != self._width:
            self._width = event.width
            self._place_text()

    def _place_text(self) -> None:
        """Put the figures beside the name where there is room; what went wrong needs a line."""
        px = self._parts.look.theme.px
        beside = self._width >= px(_ROOMY) and self._job.state != "failed"
        wrap = 0 if beside else max(px(120), self._width - px(126))
        self._text.configure(wraplength=wrap)
        if beside:
            self._text.grid(row=0, column=2, columnspan=1, sticky="e", padx=(px(10), 0))
        else:
            self._text.grid(row=2, column=1, columnspan=2, sticky="w", padx=0)


def transfer_text(job: TransferJob, words: Words) -> str:
    """Return how it stands with a transfer, in a line."""
    done, total = size_text(job.done), size_text(job.total)
    if job.state == "failed":
        return _failure(job, words)
    if job.state in ("waiting", "paused"):
        key = "files.waiting" if job.state == "waiting" else "files.paused"
        text = words(key, done=done, total=total) if job.total else words(f"{key}.new")
    elif job.state == "done":
        text = words("files.sent" if job.is_upload else "files.saved", total=total)
    else:
        text = _pace(job, done, total, words)
    if job.files_total > 1 and job.state != "waiting":
        counts = {"files_done": job.files_done, "files_total": job.files_total}
        text = words("files.part_of", text=text, **counts)
    return text


def _pace(job: TransferJob, done: str, total: str, words: Words) -> str:
    speed, left = job.speed, job.seconds_left
    if speed is None or left is None:
        return words("files.moving", done=done, total=total)
    shown = {"speed": size_text(round(speed)), "left": duration_text(left, words)}
    return words("files.speed", done=done, total=total, **shown)


def _failure(job: TransferJob, words: Words) -> str:
    if job.error is None:
        return ""
    trouble = file_trouble(job.error)
    text = words(trouble.key, **trouble.values)
    failed = sum(result.error is not None for result in list(job.results))
    if job.files_total > 1 and failed:
        return words("files.failed_some", count=failed, files_total=job.files_total, text=text)
    return text


def _name_of(job: TransferJob) -> str:
    return safe_text(job.name)


def _kind_of(job: TransferJob) -> str:
    if job.files_total > 1 or job.task.kind == "download_folder":
        return "folder"
    return kind_of(mime_type(job.name, b""))
