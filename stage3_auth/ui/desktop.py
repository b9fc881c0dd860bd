"""What the desktop already knows about its user: dark or light, motion, language, screen scale.

Every question has an answer on every system; where nothing can be found out cheaply it is the
plain default. Nothing here needs a window except ``display_scale``.
"""

from __future__ import annotations

import locale
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter as tk


def prefers_dark() -> bool:
    """Tell whether the desktop is set to dark."""
    if sys.platform == "win32":
        key = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        return _registry(key, "AppsUseLightTheme") == 0
    if sys.platform == "darwin":
        return _ask("defaults", "read", "-g", "AppleInterfaceStyle") == "Dark"
    return "dark" in _ask("gsettings", "get", "org.gnome.desktop.interface", "color-scheme")


def prefers_reduced_motion() -> bool:
    """Tell whether the desktop asks programs not to animate."""
    if sys.platform == "win32":
        import ctypes

        animate = ctypes.c_int(1)
        spi_get_client_area_animation = 0x1042
        ctypes.windll.user32.SystemParametersInfoW(
            spi_get_client_area_animation, 0, ctypes.byref(animate), 0
        )
        return not animate.value
    if sys.platform == "darwin":
        return _ask("defaults", "read", "com.apple.universalaccess", "reduceMotion") == "1"
    answer = _ask("gsettings", "get", "org.gnome.desktop.interface", "enable-animations")
    return answer == "false"


def preferred_language() -> str:
    """Return ``"zh"`` where the desktop speaks Chinese, else ``"en"``."""
    if sys.platform == "win32":
        import ctypes

        chinese = 0x04  # the primary language, the low ten bits of a LANGID
        language = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return "zh" if language & 0x3FF == chinese else "en"
    if sys.platform == "darwin":
        first = _ask("defaults", "read", "-g", "AppleLanguages").strip('()" \n,')
        return "zh" if first.startswith("zh") else "en"
    # The order of POSIX; LANGUAGE is GNU's list of preferences and may name several.
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").startswith("zh") else "en"


def enable_sharp_pixels() -> None:
    """Tell Windows, before the first window, that this program scales itself; elsewhere nothing."""
    if sys.platform == "win32":
        import ctypes

        system_dpi_aware = 1
        ctypes.windll.shcore.SetProcessDpiAwareness(system_dpi_aware)


def display_scale(root: tk.Misc) -> float:
    """Return the screen's scale, 1.0 to 2.0 in quarters, 1.0 being 96 dots an inch.

    On macOS a Tk pixel is a point, which the system scales itself: always 1.0.
    """
    if root.tk.call("tk", "windowingsystem") == "aqua":
        return 1.0
    dots = float(root.winfo_fpixels("1i"))
    # A window of ours is up to 720 pixels high at 100 %: it must fit, whatever the dots say.
    fits = root.winfo_screenheight() * 0.92 / 720
    return max(1.0, min(2.0, round(dots / 96 * 4) / 4, int(fits * 4) / 4))


def _ask(*command: str) -> str:
    """Return what a small system tool prints; nothing when it is absent, fails or dawdles."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=1
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _registry(key: str, name: str) -> object:
    if sys.platform != "win32":
        return None
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
            return winreg.QueryValueEx(opened, name)[0]
    except OSError:
        return None
