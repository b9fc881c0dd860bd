"""sv-ttk at other scales than 100 %: its pictures and paddings are made for 96 dots an inch.

sv-ttk describes each widget as a stretched picture with ``-border``, ``-padding``, ``-width`` and
``-height`` in pixels. While it loads, a Tcl procedure stands in for ``ttk::style`` and multiplies
those numbers; afterwards the pictures are enlarged in place. Nothing of sv-ttk is copied or edited.
"""

import io
import tkinter as tk
from pathlib import Path

import sv_ttk
from PIL import Image

_STAND_IN = """
rename ::ttk::style ::ttk::style_unscaled
proc ::ttk::style {args} {
    set scaled {}
    set option ""
    foreach word $args {
        if {$option in {-border -padding -width -height -sashthickness}} {
            set word [lmap number $word {expr {round($number * %s)}}]
        }
        lappend scaled $word
        set option $word
    }
    uplevel 1 [list ::ttk::style_unscaled {*}$scaled]
}
"""
_RESTORE = "rename ::ttk::style {}; rename ::ttk::style_unscaled ::ttk::style"


def load_scaled(root: tk.Tk, scale: float) -> None:
    """Load sv-ttk into ``root`` at ``scale``; to be called once, before its first ``set_theme``."""
    if scale == 1.0:
        sv_ttk.get_theme(root)
        return
    root.tk.eval(_STAND_IN % scale)
    try:
        sv_ttk.get_theme(root)  # asking loads it
    finally:
        root.tk.eval(_RESTORE)
    for mode in ("light", "dark"):
        _enlarge_pictures(root, mode, scale)


def _enlarge_pictures(root: tk.Tk, mode: str, scale: float) -> None:
    sheet_path = Path(sv_ttk.__file__).parent / "theme" / f"spritesheet_{mode}.png"
    with Image.open(sheet_path) as opened:
        sheet = opened.convert("RGBA")
    variable = f"::ttk::theme::sv_{mode}::I"
    # The sheet is laid out alike in both modes; ``spriteinfo`` is a flat list of five a picture.
    words = root.tk.splitlist(root.tk.call("set", "::spriteinfo"))
    for at in range(0, len(words), 5):
        name, x, y, width, height = words[at], *(int(word) for word in words[at + 1 : at + 5])
        size = round(width * scale), round(height * scale)
        large = sheet.crop((x, y, x + width, y + height)).resize(size, Image.Resampling.LANCZOS)
        data = io.BytesIO()
        large.save(data, "PNG")
        picture = root.tk.call("set", f"{variable}({name})")
        root.tk.call(picture, "configure", "-width", size[0], "-height", size[1])
        root.tk.call(picture, "configure", "-data", data.getvalue())
