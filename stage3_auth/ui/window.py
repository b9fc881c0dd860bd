"""What every program with a window begins with: flags, root, texts, looks, bridge, icon, place."""

import argparse
import tkinter as tk
from dataclasses import dataclass

from PIL import ImageTk

from .catalog import LANGUAGES, Catalog, Texts
from .collector import Collector
from .desktop import enable_sharp_pixels, prefers_reduced_motion
from .drawing import mark
from .preferences import Memory, Preferences
from .theme import Look
from .tk_bridge import TkBridge


@dataclass(frozen=True)
class WindowParts:
    """What all of a program's windows share."""

    root: tk.Tk
    catalog: Catalog
    look: Look
    bridge: TkBridge


def add_window_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how a window looks."""
    parser.add_argument("--lang", choices=sorted(LANGUAGES), help="None: as the desktop")
    parser.add_argument("--theme", choices=["light", "dark"], help="None: as the desktop")
    parser.add_argument("--scale", type=scale_factor, help="1.0 to 2.0; None: as the screen")
    parser.add_argument(
        "--reduced-motion",
        action="store_true",
        help="let nothing move; also if the desktop says so",
    )


def scale_factor(text: str) -> float:
    """Read a scale from the command line, 1.0 to 2.0."""
    number = float(text)
    if not 1.0 <= number <= 2.0:
        raise argparse.ArgumentTypeError(f"got {text}, a scale is 1.0 to 2.0")
    return number


def wants_less_motion(options: argparse.Namespace, memory: Memory | None = None) -> bool:
    """Tell whether the flags, the person's last choice or the desktop ask that nothing moves."""
    chosen = memory is not None and memory.preferences.reduced_motion
    return bool(options.reduced_motion) or chosen or prefers_reduced_motion()


def open_window(
    options: argparse.Namespace, *texts: Texts, memory: Memory | None = None
) -> WindowParts:
    """Make the root window, still hidden, in the looks and language that the flags ask for.

    What the flags leave open is as in ``memory``, which then keeps each change of the two.
    """
    enable_sharp_pixels()
    root = tk.Tk(className="EchoToChat")
    root.withdraw()
    Collector(root)
    remembered = memory.preferences if memory is not None else Preferences()
    catalog = Catalog(options.lang or remembered.lang)
    for one in texts:
        catalog.extend(one)
    mode = options.theme or remembered.theme
    look = Look(root, mode, options.scale, catalog.language)
    if memory is not None:
        memory.follow(catalog, look)
    give_icon(root)
    return WindowParts(root, catalog, look, TkBridge(root))


def give_icon(root: tk.Tk) -> None:
    """Give the window the program's mark, in the sizes that desktops ask for."""
    icons = [ImageTk.PhotoImage(mark(size), master=root) for size in (256, 64, 48, 32, 16)]
    root.iconphoto(True, *icons)  # type: ignore[arg-type]  # Pillow's are photo images to Tk
    root._course_icons = icons  # type: ignore[attr-defined]  # Tk does not keep them alive


def place_window(root: tk.Tk, width: int, height: int) -> None:
    """Give the window a size, in the middle of the screen and never larger than it."""
    screen = root.winfo_screenwidth(), root.winfo_screenheight()
    width, height = min(width, screen[0]), min(height, round(screen[1] * 0.92))
    x, y = (screen[0] - width) // 2, max(0, (screen[1] - height) // 2 - round(screen[1] * 0.02))
    root.geometry(f"{width}x{height}+{x}+{y}")
