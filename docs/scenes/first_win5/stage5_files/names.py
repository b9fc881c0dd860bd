"""What a file may be called, a first attempt: what comes to mind first."""

REASONS = {
    "name.empty": "a file name has at least 1 character",
    "name.too_long": "a file name has at most 255 characters",
    "name.separator": "a file name has no / and no \\",
    "path.too_long": "a path has at most 1000 characters",
}


def check_filename(name: str) -> str | None:
    if not name:
        return "name.empty"
    if len(name) > 255:
        return "name.too_long"
    return "name.separator" if "/" in name or "\\" in name else None


def check_path(path: str) -> str | None:
    return "path.too_long" if len(path) > 1000 else None


def safe_local_name(name: str) -> str:
    return name.replace("/", "_").replace("\\", "_") or "_"


def numbered_name(name: str, number: int) -> str:
    return f"{name} ({number})"


def safe_local_path(path: str, name: str) -> tuple[str, ...]:
    return (*filter(None, path.split("/")), safe_local_name(name))
