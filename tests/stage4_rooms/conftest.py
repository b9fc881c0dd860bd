"""What the tests of stage 4 share.

Most tests share a chat server for each kind of database and keep apart by users and rooms of their
own. What does not depend on the database is tested on SQLite alone (``sqlite_chat``).
"""

import itertools
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.kit.accounts import Accounts, KeptDatabases, User, new_name
from tests.kit.databases import Database, Databases
from tests.kit.fixtures import Launcher
from tests.kit.programs import Program, Server
from tests.kit.proxy.faults import Faults
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.window import Window
from tests.kit.wire import WireClient

from .device import Device
from .window_steps import SIZE, OpenChat, OpenWindow, flags_for, log_in, log_out

SUITE = "stage4_rooms"
SUITE_COMPLETE = True
QUIET = ("--log-level", "warning")
# What stands for a browser: it notes what it is to open.
_NOTE = "import sys; open(sys.argv[1], 'a', encoding='utf-8').write(sys.argv[2] + '\\n')"

Open = Callable[[Server, str], Device]
OwnChat = Callable[..., "Chat"]

_rooms = itertools.count(1)


def new_room() -> str:
    """Return the name of a room that no other test has."""
    return f"room-{next(_rooms)}"


@dataclass
class Chat:
    """A chat server and an account server on one database, and people who use them."""

    accounts: Accounts
    server: Server
    open: Open
    registrar: WireClient

    def user(self, stem: str = "ann") -> User:
        """Register a user and log in."""
        return self.accounts.new_user(self.registrar, new_name(stem))

    def login(self, user: User) -> User:
        """Log in once more; return the user with the new token."""
        return self.accounts.login(self.registrar, user)

    def enter(self, user: User, label: str = "") -> Device:
        """Connect another device of a user."""
        device = self.open(self.server, label or user.name)
        device.enter(user)
        return device

    def person(self, stem: str = "ann") -> Device:
        """Register a user and connect the first device."""
        return self.enter(self.user(stem))

    def people(self, *stems: str) -> list[Device]:
        """Register users and connect a device of each."""
        return [self.person(stem) for stem in stems]

    def room(self, owner: Device, *others: Device) -> str:
        """Make a room with these members; its pushes are over when this returns."""
        name = new_room()
        owner.create(name)
        for other in others:
            other.join(name)
        for device in (owner, *others):
            device.forget_pushes()
        return name

    @property
    def program(self) -> Program:
        """The chat server as a program that the test may kill."""
        assert isinstance(self.server, Program), "this test needs a server of its own"
        return self.server


@pytest.fixture(scope="session")
def kept_databases(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> KeptDatabases:
    """The databases that tests share."""
    return KeptDatabases(databases, tmp_path_factory.mktemp("codes"))


@pytest.fixture
def open_device() -> Iterator[Open]:
    """Connect a device; it is closed when the test ends."""
    opened: list[Device] = []

    def open_one(server: Server, name: str) -> Device:
        opened.append(Device(server, name))
        return opened[-1]

    yield open_one
    for device in opened:
        device.dispose()


@pytest.fixture
def make_chat(
    kept_databases: KeptDatabases,
    shared_server: Callable[..., Server],
    connect: Callable[..., WireClient],
    open_device: Open,
) -> Callable[..., Chat]:
    """Put a chat together; the account server and, unless one is given, the chat server shared."""

    def make(kind: str, start: Callable[[Database], Server] | None = None) -> Chat:
        database, sms = kept_databases.get(SUITE, kind)
        common = ("--db", database.url, "--limits", "off", *QUIET)
        auth = shared_server("stage3.server", *common, *sms.flags)
        server = shared_server("stage4.server", *common) if start is None else start(database)
        registrar = connect(auth, "the registrar")
        return Chat(Accounts(auth, database, sms), server, open_device, registrar)

    return make


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.parts("mariadb"))])
def kind(request: pytest.FixtureRequest) -> str:
    """Run the test on each kind of database."""
    return str(request.param)


@pytest.fixture
def chat(make_chat: Callable[..., Chat], kind: str) -> Chat:
    """A chat that tests share, on each database; its rate limits are off."""
    return make_chat(kind)


@pytest.fixture
def sqlite_chat(make_chat: Callable[..., Chat]) -> Chat:
    """The chat on SQLite, for what does not depend on the database."""
    return make_chat("sqlite")


@pytest.fixture
def own_chat(make_chat: Callable[..., Chat], launch: Launcher) -> OwnChat:
    """Start a chat server for this test alone, on the shared database of a kind.

    ``own_chat("sqlite", "--idle", "1", limits="on")``; when it was killed,
    ``launch.again(chat.program)`` starts it again on its old port.
    """

    def start_one(kind: str = "sqlite", *flags: str, limits: str = "off") -> Chat:
        def start(database: Database) -> Server:
            basic = ("--db", database.url, "--limits", limits, *QUIET)
            return launch("stage4.server", *basic, *flags)

        return make_chat(kind, start)

    return start_one


@pytest.fixture(scope="session")
def opened_links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the links that windows have opened, a line each."""
    return tmp_path_factory.mktemp("browser") / "opened.txt"


@pytest.fixture
def open_chat(shared_window: OpenWindow, opened_links: Path) -> OpenChat:
    """Log in at a window that tests share; whoever was there before is logged out."""
    browser = (Path(sys.executable).as_posix(), "-c", _NOTE, opened_links.as_posix(), "%s")

    def open_one(chat: Chat, user: User, *, number: int = 1) -> Window:
        shown = shared_window(
            "stage4.chat_window",
            *flags_for(chat),
            number=number,
            env={"BROWSER": shlex.join(browser)},
        )
        if shown.widget("log_out").visible:
            log_out(shown)
        log_in(shown, user)
        shown.resize(*SIZE)
        return shown

    return open_one


@pytest.fixture(scope="module")
def between() -> Iterator[Callable[[Server], ServerProxy]]:
    """Return the proxy before a chat server, in which a test may hold what passes."""
    opened: dict[int, ServerProxy] = {}

    def before(server: Server) -> ServerProxy:
        if server.port not in opened:
            opened[server.port] = ServerProxy(server, Faults())
        return opened[server.port]

    yield before
    for proxy in opened.values():
        proxy.dispose()


@pytest.fixture
def open_second(open_chat: OpenChat, between: Callable[[Server], ServerProxy]) -> OpenChat:
    """Log in at the second window, whose chat server is behind ``between``."""
    return lambda chat, user: open_chat(replace(chat, server=between(chat.server)), user, number=2)


@pytest.fixture
def ann(sqlite_chat: Chat) -> Device:
    """Whoever sits at the window; the device joins rooms for her and is silent."""
    device = sqlite_chat.person("ann")
    device.join("lobby")
    return device


@pytest.fixture
def ben(sqlite_chat: Chat) -> Device:
    """Somebody else, at the other end of a wire."""
    return sqlite_chat.person("ben")
