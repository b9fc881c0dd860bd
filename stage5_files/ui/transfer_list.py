"""The transfers under way and lately over, and all of them together."""

import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk

from stage3_auth.ui.tooltip import Tooltip
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.chat_pictures import ChatPictures
from stage4_rooms.ui.window_widgets import Hairline

from ..transfer_job import TransferJob
from .file_words import duration_text, size_text
from .rows_area import RowsArea
from .transfer_desk import TransferDesk, is_active, is_over
from .transfer_row import TransferRow

LOOK_MS = 100
_MOST_ROWS = 50  # the others wait anyway
_MOST_SHARE = 0.32  # of the height of the window


class TransferList(ttk.Frame):
    """A heading for all, and a row for each.

    In the heading: ``transfers_text``, ``transfers_progress``, ``pause_all`` (it also resumes) and
    ``put_away``. It looks at what moves again and again while something does.
    """

    def __init__(self, master: tk.Misc, parts: WindowParts, desk: TransferDesk) -> None:
        super().__init__(master, name="transfers")
        self._parts, self._desk = parts, desk
        self._rows: dict[int, TransferRow] = {}
        self._jobs: Sequence[TransferJob] = ()
        self._timer: str | None = None
        self.columnconfigure(0, weight=1)
        Hairline(self, parts.look).grid(row=0, column=0, sticky="ew")
        self._build_head().grid(row=1, column=0, sticky="ew")
        self._area = RowsArea(self, parts.look)
        self._area.grid(row=2, column=0, sticky="ew")
        self.bind("<Destroy>", lambda _event: self._stop(), add=True)
        parts.catalog.changed.connect(self._look, owner=self)
        parts.look.changed.connect(self._look, owner=self)

    def show(self, jobs: Sequence[TransferJob], height: int) -> None:
        """Show these transfers: those under way first; ``height`` is that of the window."""
        self._jobs = sorted(jobs, key=_place)
        shown = self._jobs[:_MOST_ROWS]
        numbers = {job.number for job in shown}
        for number in [number for number in self._rows if number not in numbers]:
            self._rows.pop(number).destroy()
        for place, job in enumerate(shown):
            row = self._rows.get(job.number)
            if row is None:
                row = TransferRow(self._area.inside, self._parts, job, self._desk)
                self._rows[job.number] = row
            row.grid(row=place, column=0, sticky="ew")
        self._area.most = round(height * _MOST_SHARE)
        self._look()

    # --- the heading ---------------------------------------------------------------------------

    def _build_head(self) -> ttk.Frame:
        px, parts = self._parts.look.theme.px, self._parts
        head = ttk.Frame(self, padding=(px(16), px(8), px(12), px(2)))
        head.columnconfigure(1, weight=1)
        title = ttk.Label(head, style="Strong.TLabel")
        parts.catalog.label(title, "files.transfers")
        title.grid(row=0, column=0, sticky="w")
        self._text = ttk.Label(head, name="transfers_text", style="Muted.TLabel", width=1)
        self._text.grid(row=0, column=1, sticky="ew", padx=px(10))
        self._pause = ttk.Button(
            head,
            name="pause_all",
            style="Icon.TButton",
            cursor="hand2",
            command=self._desk.pause_or_go_on,
        )
        Tooltip(self._pause, parts.look, lambda: parts.catalog.text(self._pause_key()))
        self._pause.grid(row=0, column=2)
        self._put_away = ttk.Button(
            head,
            name="put_away",
            style="Link.TButton",
            cursor="hand2",
            command=self._desk.put_away,
        )
        parts.catalog.label(self._put_away, "files.put_away")
        self._put_away.grid(row=0, column=3, padx=(px(4), 0))
        self._bar = ttk.Progressbar(head, name="transfers_progress", maximum=1.0)
        self._bar.grid(row=1, column=0, columnspan=4, sticky="ew", pady=(px(4), px(2)))
        return head

    def _pause_key(self) -> str:
        active = any(is_active(job) for job in self._jobs)
        return "files.pause_all" if active else "files.resume_all"

    def _look(self) -> None:
        self._stop()
        for row in self._rows.values():
            row.look()
        self._write_head()
        if any(is_active(job) for job in self._jobs):
            self._timer = self.after(LOOK_MS, self._look)

    def _write_head(self) -> None:
        active = [job for job in self._jobs if is_active(job)]
        held = [job for job in self._jobs if job.state == "paused"]
        self._text.configure(text=self._head_text(active, held))
        icon = ChatPictures(self._parts.look).icon("pause" if active else "play")
        self._pause.configure(image=icon)
        _show_if(self._pause, bool(active or held))
        _show_if(self._put_away, any(is_over(job) for job in self._jobs))
        _show_if(self._bar, len(active) > 1)

    def _head_text(self, active: Sequence[TransferJob], held: Sequence[TransferJob]) -> str:
        words = self._parts.catalog.text
        said = []
        if active:
            done, total, speed, left = self._desk.queue.totals()
            self._bar.configure(value=done / total if total else 0.0)
            shown = {"done": size_text(done), "total": size_text(total)}
            if speed is None or left is None:
                said.append(words("files.transfers.moving", **shown))
            else:
                shown |= {"speed": size_text(round(speed)), "left": duration_text(left, words)}
                said.append(words("files.transfers.speed", **shown))
        elif held:
            said.append(words("files.transfers.paused"))
        failed = sum(job.state == "failed" for job in self._jobs)
        if failed:
            said.append(words("files.transfers.failed", count=failed))
        return " · ".join(said) or words("files.transfers.done")

    def _stop(self) -> None:
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None


_ORDER = {"moving": 0, "failed": 1, "paused": 2, "waiting": 3, "done": 4}


def _place(job: TransferJob) -> tuple[int, int]:
    """Return where a transfer stands: what moves first, and of what is over the latest first."""
    order = _ORDER.get(job.state, 5)
    return order, -job.number if job.state in ("failed", "done") else job.number


def _show_if(widget: tk.Widget, wanted: bool) -> None:
    if bool(widget.grid_info()) != wanted:
        if wanted:
            widget.grid()
        else:
            widget.grid_remove()
