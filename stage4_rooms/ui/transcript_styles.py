"""How each style of ``transcript_layout`` looks: tags of a ``Text`` for the theme in force."""

import tkinter as tk
from tkinter import ttk

from stage3_auth.ui.theme import Theme, style_text

AVATAR, PAD = 22, 18  # pixels at 100 %
INDENT = AVATAR + 10  # the column in which names and words begin
BODY_STYLES = ("body", "link", "pending", "refused")  # what somebody wrote
BUTTONS = ("again", "discard")  # what can be done with a message that was refused
RIGHT = "right"  # a paragraph that runs from right to left


def dress_transcript(text: tk.Text, theme: Theme) -> None:
    """Give the transcript and its styles the colours, fonts and distances of a theme."""
    px, tag = theme.px, text.tag_configure
    style_text(text, theme)
    ttk.Style(text).configure("Page.TFrame", background=theme.field)  # what stands around it
    text.configure(padx=px(PAD), pady=px(12), spacing2=px(3), takefocus=1)
    for style in (*BODY_STYLES, "failed"):
        tag(style, lmargin1=px(INDENT), lmargin2=px(INDENT), spacing1=px(2))
    tag("pending", foreground=theme.faint)
    tag("refused", foreground=theme.muted)
    tag("failed", foreground=theme.error, font=theme.small)
    tag("link", foreground=theme.accent, underline=True)
    tag("chosen", background=theme.selection, foreground=theme.selection_text)
    text.tag_bind("link", "<Enter>", lambda _event: text.configure(cursor="hand2"))
    text.tag_bind("link", "<Leave>", lambda _event: text.configure(cursor=""))
    button = {"background": theme.field, "padding": (px(4), 0)}
    ttk.Style(text).configure("Inside.Link.TButton", **button)
    tag("head", spacing1=px(12), spacing3=px(1), tabs=(px(INDENT),))
    tag("sender", font=theme.strong)
    tag("time", foreground=theme.muted, font=theme.small)
    for style, colour, above in (
        ("day", theme.muted, 14),
        ("notice", theme.muted, 8),
        ("new", theme.accent, 10),
    ):
        tag(style, foreground=colour, font=theme.small, justify="center", spacing1=px(above))
        tag(style, spacing3=px(2))
    tag(RIGHT, justify="right")
    text.tag_raise("chosen")
    text.tag_raise("sel")
