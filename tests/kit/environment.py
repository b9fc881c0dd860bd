"""The environment that programs under test get: what they need to run, and nothing of ours."""

import os
from pathlib import Path

# Without these, programs do not start (Windows), find no interpreter, or cannot show text.
KEPT = (
    "PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS",
    "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TCL_LIBRARY", "TK_LIBRARY", "FONTCONFIG_PATH",
)  # fmt: skip


def scrubbed(home: Path, **more: str) -> dict[str, str]:
    """Return an environment for a child: no secrets, no PYTEST_*, a home folder of its own.

    ``home`` must exist; whatever a program keeps in the user's folders lands there.
    """
    # By name, not from a list of all: another thread, as pytest's, may change one meanwhile.
    found = ((name, os.environ.get(name)) for name in KEPT)
    kept = {name: value for name, value in found if value is not None}
    folder = str(home)
    return {
        **kept,
        "HOME": folder,
        "USERPROFILE": folder,
        "APPDATA": folder,
        "LOCALAPPDATA": folder,
        "XDG_DATA_HOME": folder,
        "XDG_CONFIG_HOME": folder,
        "XDG_CACHE_HOME": folder,
        "XDG_STATE_HOME": folder,
        "TMPDIR": folder,
        "TEMP": folder,
        "TMP": folder,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        # Logs are read in reports, not on a terminal: no colours, no narrow wrapping.
        "NO_COLOR": "1",
        "COLUMNS": "160",
        **more,
    }
