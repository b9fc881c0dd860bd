"""One suite in one run: which tree is judged, how its programs start, what tests share."""

import compileall
import itertools
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from . import confine, story, tree
from .deadlines import Deadline
from .environment import scrubbed
from .failure import CheckFailed, HarnessError, ProgramFailed
from .options import Options
from .patience import AGAIN_SECONDS, Patience
from .probe import Probe
from .programs import Program, Server
from .recipes import FILE_NAME, Recipe, Recipes, read_table
from .window import Window

# A program that was not ready in all its time once is not given it again by every other test.
LOOPBACK = "127.0.0.1"
# Servers that take --host and --port although their key does not end with ".server".
FINAL_SERVERS = {"final.auth", "final.chat", "final.files"}


@dataclass
class Attached:
    """A server that somebody else started, as in a debugger."""

    name: str
    host: str
    port: int

    def assert_alive(self) -> None:
        """Raise ProgramFailed when nothing accepts connections there any more."""
        try:
            socket.create_connection((self.host, self.port), Deadline().seconds).close()
        except OSError as error:
            what = f"nothing answers at {self.host} port {self.port}: {error}"
            raise ProgramFailed(what) from error


@dataclass
class Start:
    """How a program was started, so that it can be started again."""

    key: str
    flags: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    ready: int = 1
    name: str = ""  # in reports; the key if empty


class Judge:
    """What all tests of one suite share. ``folder`` is an empty folder for its files."""

    def __init__(self, options: Options, suite: str, folder: Path) -> None:
        self.options = options
        self.suite = suite
        self.folder = confine.keep(folder)
        with confine.kept():
            self.tree = self._build_tree()
        self.recipes = Recipes(self.tree, self._read_table())
        self._numbers = itertools.count(1)
        self._kept: dict[tuple[str, ...], Program] = {}
        self._windows: dict[tuple[str, ...], Window] = {}
        self._probe: Probe | None = None
        self._ready = Patience()

    # --- the tree ---

    def _build_tree(self) -> tree.Tree:
        submission = self.options.submission
        if submission is None or self.suite not in tree.STAGES:
            return tree.reference()
        made = tree.assemble(submission, self.suite, self.folder, self.options.own_earlier)
        if confine.level() and not self.options.own_earlier:
            # Programs that are shut in may not write there, and each would compile it all again.
            # The submission's own stage stays as it is: what strangers wrote is not compiled here.
            for earlier in tree.STAGES[: tree.STAGES.index(self.suite)]:
                compileall.compile_dir(made.root / earlier, quiet=2)
        return made

    def _read_table(self) -> dict[str, Recipe]:
        path = self.options.programs
        if path is None and self.options.submission is not None:
            path = self.tree.home / FILE_NAME
        if path is None or not path.is_file():
            return {}
        table = read_table(path, self.tree)
        if self.options.submission is None or self.options.own_earlier:
            return table
        # Earlier stages are the reference's, so its programs are too.
        stage = self.stage
        return {key: recipe for key, recipe in table.items() if key.split(".")[0] == stage}

    @property
    def stage(self) -> str:
        """The first part of the keys of this suite's own programs: stage2, final."""
        return self.suite.split("_")[0]

    def require_code(self, key: str) -> None:
        """Raise CheckFailed when the submission lacks the stage that ``key`` belongs to."""
        missing = self.tree.missing
        if missing and missing.split("_")[0] == key.split(".")[0] and self.recipes.is_usual(key):
            raise CheckFailed(f"the submission has no folder {missing}")

    # --- programs ---

    def start(self, how: Start) -> Program:
        """Start a program and, if it is a server, wait until it is ready."""
        self.require_code(how.key)
        recipe = self.recipes.find(how.key)
        folder = self.new_folder(how.key)
        home = folder / "home"
        home.mkdir()
        env = {**scrubbed(home, PYTHONPATH=str(self.tree.root)), **how.env}
        program = Program(
            how.name or how.key,
            [*recipe.argv, *how.flags],
            cwd=recipe.cwd or home,
            env=env,
            folder=folder,
            own_env={name: v for name, v in recipe.env.items() if name not in how.env},
        )
        if how.ready:
            self.wait_ready(program, how.key, recipe.ready_seconds, how.ready)
        return program

    def wait_ready(self, program: Program, key: str, seconds: float, count: int = 1) -> None:
        """Wait for READY; what was never ready in this run is not waited for again and again."""
        again = min(seconds, AGAIN_SECONDS)
        try:
            program.wait_ready(self._ready.seconds(key, seconds, again), count)
        except BaseException:
            if program.exit_code is None:
                self._ready.in_vain(key)
            program.dispose()
            raise
        self._ready.worked(key)

    def new_folder(self, name: str) -> Path:
        """Return a new, empty folder for the files of one program."""
        folder = self.folder / f"{next(self._numbers):03}-{name}"
        with confine.kept():
            folder.mkdir()
        return folder

    def attached(self, key: str) -> Attached | None:
        """Return the running server that stands for ``key``, if --attach names one."""
        own = "" if key == f"{self.stage}.server" else key
        address = self.options.attach.get(key) or self.options.attach.get(own)
        return None if address is None else Attached(key, *address)

    def has_foreign_server(self) -> bool:
        """Whether the suite's server is not the tree's own: another language, or attached."""
        key = f"{self.stage}.server"
        return self.attached(key) is not None or not self.recipes.is_usual(key)

    def keep(self, how: Start, flags_matter: bool = True) -> Server:
        """Return a server that is kept between tests; a new one if the last one is gone.

        An attached server stands for it unless the test relies on flags that it may not have.
        """
        own_flags = how.flags[len(listening_flags(how.key, 0)) :]
        if self.options.attach and own_flags and flags_matter:
            skip_attached(f"{how.key} with {' '.join(own_flags)}")
        if (running := self.attached(how.key)) is not None:
            story.current().tell(how.key, f"runs already at {running.host}:{running.port}")
            return running
        if self.options.attach:
            skip_attached(how.key)
        name = (how.key, *how.flags, *sorted(f"{key}={value}" for key, value in how.env.items()))
        program = self._kept.get(name)
        if program is None or program.exit_code is not None:
            program = self._kept[name] = self.start(how)
        else:
            story.current().tell(how.key, f"runs already at {program.host}:{program.port}")
            program.join()
        return program

    def keep_window(self, name: tuple[str, ...], open_one: Callable[[], Window]) -> Window:
        """Return the window that is kept between tests as ``name``; a new one if it is gone."""
        shown = self._windows.get(name)
        if shown is None or not shown.running:
            shown = self._windows[name] = open_one()
        else:
            story.current().tell(shown.name, "is open already")
            shown.lift()
        return shown

    def drop_kept(self) -> None:
        """End what is kept: after a failure nobody knows what state it is in."""
        for program in self._kept.values():
            program.dispose()
        for shown in self._windows.values():
            shown.dispose()
        self._kept.clear()
        self._windows.clear()

    # --- functions ---

    @property
    def probe(self) -> Probe:
        """A child process in which functions of the tree can be called."""
        if self.tree.missing:
            raise CheckFailed(f"the submission has no folder {self.tree.missing}")
        if self._probe is None:
            home = self.folder / "probe"
            home.mkdir()
            confine.give(home)
            self._probe = Probe(self.tree.root, home)
        return self._probe

    def close(self) -> None:
        """End everything that is still kept."""
        self.drop_kept()
        if self._probe is not None:
            self._probe.close()
        if self.options.submission is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def is_server(key: str) -> bool:
    """Whether the program ``key`` takes --host and --port and says READY."""
    return key.endswith(".server") or key in FINAL_SERVERS


def skip_attached(key: str) -> None:
    """Skip a test that needs a server which --attach does not give."""
    pytest.skip(f"needs its own {key}; with --attach only servers that already run are used")


def listening_flags(key: str, port: int) -> tuple[str, ...]:
    """Return the flags with which a server is told where to listen; others get none."""
    if not is_server(key):
        if port:
            raise HarnessError(f"{key} is no server, it has no port")
        return ()
    return ("--host", LOOPBACK, "--port", str(port))
