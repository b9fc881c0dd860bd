"""A peer for file transfers: pyftpdlib, and ftplib as its client, with an md5 on either side.

``python -m tests.bench.inside.ftp_peer serve FOLDER`` prints READY with its address.
``… use HOST PORT FOLDER DOWN CONNECTIONS`` prints READY; then each line on standard input is
a command, answered with DONE: ``put FILE`` and ``get FILE``, each followed by the md5 on one side,
then on the other (FOLDER is the server's; FTP verifies nothing); ``put_all DIR`` (each time into a
new folder of the server); ``clear`` (the server's folder) and ``drop`` (what was fetched).
"""

import ftplib
import hashlib
import shutil
import sys
import threading
from pathlib import Path

PIECE = 1 << 18
USER = "bench"


def serve(folder: Path) -> None:
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.log import config_logging
    from pyftpdlib.servers import FTPServer

    config_logging(level=40)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, USER, str(folder), perm="elradfmwMT")
    FTPHandler.authorizer = authorizer
    server = FTPServer(("127.0.0.1", 0), FTPHandler)
    print("READY ftp", *server.socket.getsockname(), flush=True)
    server.serve_forever()


def md5(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "md5").hexdigest()


class FtpUser:
    def __init__(self, host: str, port: int, folder: Path, down: Path, connections: int) -> None:
        self._sessions = [self._session(host, port) for _ in range(connections)]
        self._folder, self._down = folder, down
        self._rounds = 0

    @staticmethod
    def _session(host: str, port: int) -> ftplib.FTP:
        ftp = ftplib.FTP()
        ftp.connect(host, port)
        ftp.login(USER, USER)
        return ftp

    def put(self, name: str) -> None:
        path = Path(name)
        with path.open("rb") as file:
            self._sessions[0].storbinary(f"STOR {path.name}", file, PIECE)
        self._compare(path)

    def get(self, name: str) -> None:
        path = self._down / Path(name).name
        with path.open("wb") as file:
            self._sessions[0].retrbinary(f"RETR {path.name}", file.write, PIECE)
        self._compare(path)

    def put_all(self, name: str) -> None:
        paths = sorted(Path(name).iterdir())
        self._rounds += 1
        target = f"/{self._rounds}"
        self._sessions[0].mkd(target)
        for session in self._sessions:
            session.cwd(target)
        threads = [
            threading.Thread(
                target=self._put_some, args=(ftp, paths[number :: len(self._sessions)])
            )
            for number, ftp in enumerate(self._sessions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(list((self._folder / target[1:]).iterdir())) != len(paths):
            raise RuntimeError("files are missing")

    @staticmethod
    def _put_some(ftp: ftplib.FTP, paths: list[Path]) -> None:
        for path in paths:
            with path.open("rb") as file:
                ftp.storbinary(f"STOR {path.name}", file)

    def clear(self) -> None:
        _empty(self._folder)

    def drop(self) -> None:
        _empty(self._down)

    def _compare(self, path: Path) -> None:
        if md5(path) != md5(self._folder / path.name):
            raise RuntimeError("the md5 differs")


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def main() -> None:
    if sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
        return
    host, port, folder, down, connections = sys.argv[2:]
    user = FtpUser(host, int(port), Path(folder), Path(down), int(connections))
    print("READY", flush=True)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        call = getattr(user, command)
        call(argument) if argument else call()
        print("DONE", flush=True)


if __name__ == "__main__":
    main()
