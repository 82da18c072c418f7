"""Database servers of a test's own: a free loopback port, a data folder that goes with them."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
import grp
import os
from pathlib import Path
import pwd
import shutil
import socket
import subprocess
from tempfile import mkdtemp
from typing import IO, Any

# PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody"


def program(name: str) -> str:
    """Return where a program is, also where Debian keeps it off the PATH.

    Raises:
        FileNotFoundError: it is not installed.
    """
    folders = [
        os.environ.get("PATH", ""),
        "/usr/sbin",
        *(str(each) for each in sorted(Path("/usr/lib/postgresql").glob("*/bin"))),
    ]
    if (found := shutil.which(name, path=os.pathsep.join(folders))) is None:
        message = f"{name} is not installed: scripts/test --databases installs it"
        raise FileNotFoundError(message)
    return found


@contextmanager
def folder() -> Iterator[Path]:
    """Make a data folder that the server may use, and remove it in the end."""
    path = Path(mkdtemp(prefix="podero-"))
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(path, user.pw_uid, user.pw_gid)
        yield path
    finally:
        shutil.rmtree(path)


def unprivileged() -> dict[str, Any]:
    """Return how to start a process so that it is not root's."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(UNPRIVILEGED)
    return {
        "user": user.pw_uid,
        "group": grp.getgrgid(user.pw_gid).gr_gid,
        "extra_groups": [],
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], ready: str, at: Path) -> Iterator[None]:
    """Run a server from when it says that it is ready until the end.

    Raises:
        RuntimeError: it ended before that; its last lines tell why.
    """
    with subprocess.Popen(
        command,
        cwd=at,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **unprivileged(),
    ) as process:
        try:
            assert process.stderr is not None
            said = list(read_until(process.stderr, ready))
            if ready not in said[-1]:
                raise RuntimeError("".join(said[-20:]))
            yield
        finally:
            process.terminate()


def read_until(stream: IO[str], ready: str) -> Generator[str]:
    """Yield the lines up to the one that holds a text."""
    yield "it said nothing"
    for line in stream:
        yield line
        if ready in line:
            return


def prepare(command: list[str], at: Path) -> None:
    """Run what makes an empty data folder a database's."""
    subprocess.run(command, cwd=at, check=True, capture_output=True, **unprivileged())


@contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL; gives the address of an empty database."""
    with folder() as path:
        data, port = path / "data", free_port()
        prepare(
            [
                program("initdb"),
                f"--pgdata={data}",
                *("--username=podero", "--auth=trust", "--encoding=UTF8", "--no-sync"),
            ],
            path,
        )
        with running(
            [
                program("postgres"),
                *("-D", str(data), "-p", str(port), "-k", str(path), "-F"),
                *("-c", "listen_addresses=127.0.0.1"),
            ],
            "ready to accept connections",
            path,
        ):
            yield f"postgresql://podero@127.0.0.1:{port}/postgres"


@contextmanager
def mariadb() -> Iterator[str]:
    """Run MariaDB; gives the address of an empty database."""
    with folder() as path:
        data, port = path / "data", free_port()
        # The folder of an empty database. Nobody signs in: no other tables are needed.
        prepare(["mkdir", "-p", str(data / "podero")], path)
        with running(
            [
                program("mariadbd"),
                *("--no-defaults", f"--datadir={data}", f"--port={port}"),
                *("--bind-address=127.0.0.1", f"--socket={path}/socket"),
                *("--character-set-server=utf8mb4", "--skip-grant-tables"),
                f"--pid-file={path}/pid",
            ],
            "ready for connections",
            path,
        ):
            yield f"mysql+pymysql://root@127.0.0.1:{port}/podero?charset=utf8mb4"


@contextmanager
def sqlite() -> Iterator[str]:
    """Give the address of a database file that does not exist yet."""
    path = Path(mkdtemp(prefix="podero-"))
    yield f"sqlite:///{path}/home.db"
    shutil.rmtree(path)


SERVERS = {"sqlite": sqlite, "postgresql": postgresql, "mariadb": mariadb}
