"""A window that moves, for benchmarks: the login window's content, or the cheapest that could be.

``python -m tests.bench.inside.moving_window KIND WIDTH HEIGHT SCALE`` prints READY when the first
seconds are over. Then each line on standard input is a number of seconds to measure; it prints the
frames and the processor seconds of that time as JSON.

KIND is ``bare`` (a Tk loop that shifts a ready picture 30 times a second), ``still`` (the login
window with reduced motion), ``light`` or ``dark`` (the login window as it is).
"""

import json
import sys
import threading
import time
import tkinter as tk
from collections.abc import Callable

from PIL import Image, ImageTk

from stage3_auth.sessions import Session
from stage3_auth.ui.catalog import Catalog
from stage3_auth.ui.login_frame import LoginFrame
from stage3_auth.ui.login_texts import LOGIN_TEXTS
from stage3_auth.ui.theme import Look
from stage3_auth.ui.tk_bridge import TkBridge

RATE = 30.0
SETTLE_SECONDS = 2.0

CountFrames = Callable[[], int]


class NoServer:
    """Stands in for the account server: it is there, and nobody talks to it."""

    address = ("127.0.0.1", 8889)

    def hello(self) -> object:
        return {}

    def use(self, host: str, port: int) -> None:
        raise NotImplementedError("a benchmark logs nobody in")

    def send_code(self, phone: str, purpose: str = "register") -> None:
        raise NotImplementedError("a benchmark logs nobody in")

    def register(
        self, user_name: str, user_pwd: str, phone: str, code: str, email: str = ""
    ) -> int:
        raise NotImplementedError("a benchmark logs nobody in")

    def login(self, user_name: str, user_pwd: str) -> Session:
        raise NotImplementedError("a benchmark logs nobody in")

    def logout(self, token: str) -> None:
        raise NotImplementedError("a benchmark logs nobody in")

    def reset_password(self, phone: str, code: str, new_pwd: str) -> None:
        raise NotImplementedError("a benchmark logs nobody in")


def open_bare(root: tk.Tk, size: tuple[int, int]) -> CountFrames:
    """Shift a picture by a pixel at each frame: Tk draws all of it and nothing is computed."""
    width, height = size
    canvas = tk.Canvas(root, width=width, height=height, highlightthickness=0)
    canvas.place(relwidth=1, relheight=1)
    ground = Image.effect_noise((width + 60, height), 64).convert("RGB")
    picture = ImageTk.PhotoImage(ground, master=root)
    shown = canvas.create_image(0, 0, image=picture, anchor="nw")
    frames = 0
    due = time.monotonic()

    def frame() -> None:
        nonlocal frames, due
        frames += 1
        canvas.coords(shown, -(frames % 60), 0)
        root.update_idletasks()
        due = max(due + 1 / RATE, time.monotonic())
        root.after(max(1, round((due - time.monotonic()) * 1000)), frame)

    canvas.bind("<Destroy>", lambda _event: picture.width())  # Tk does not keep a picture alive
    frame()
    return lambda: frames


def open_login(root: tk.Tk, kind: str, scale: float) -> CountFrames:
    """Show the login window's content; the window is the size that its root has."""
    catalog = Catalog("en").extend(LOGIN_TEXTS)
    login = LoginFrame(
        root,
        auth=NoServer(),
        catalog=catalog,
        look=Look(root, "dark" if kind == "dark" else "light", scale),
        bridge=TkBridge(root),
        on_login=lambda _session: None,
        reduced_motion=kind == "still",
    )
    login.pack(fill="both", expand=True)
    return lambda: login.animator.frames


def measure(root: tk.Tk, seconds: float, frames: CountFrames) -> None:
    """Print what the next ``seconds`` cost."""
    began, used, shown = time.monotonic(), time.process_time(), frames()

    def end() -> None:
        result = {
            "frames": frames() - shown,
            "seconds": time.monotonic() - began,
            "cpu": time.process_time() - used,
        }
        print(json.dumps(result), flush=True)

    root.after(round(seconds * 1000), end)


def main(kind: str, width: int, height: int, scale: float) -> None:
    """Open the window and measure as told, until the end of input."""
    root = tk.Tk()
    root.geometry(f"{width}x{height}+0+0")
    frames = open_bare(root, (width, height)) if kind == "bare" else open_login(root, kind, scale)
    orders: list[str] = []

    def take_orders() -> None:
        while orders:
            measure(root, float(orders.pop(0)), frames)
        root.after(50, take_orders)

    def listen() -> None:
        for line in sys.stdin:
            orders.append(line)  # Tk's thread takes it

    threading.Thread(target=listen, daemon=True).start()
    root.after(round(SETTLE_SECONDS * 1000), lambda: print("READY", flush=True))
    take_orders()
    root.mainloop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
