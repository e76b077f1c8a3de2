"""A PostgreSQL server of the tests' own: a fresh folder, loopback only, gone when they end."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.needs import need

OWNER = "parley"
PASSWORD = "a-password-for-tests-only"
ADMIN = "postgres"
CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = '{name}' AND pid <> pg_backend_pid()"
)
PATIENCE = 60
PLACES = "/usr/lib/postgresql"
"""Debian keeps the server's programs here, a folder a version, and not on the PATH."""


def programs() -> Path | None:
    """The folder of the newest `initdb` and `pg_ctl`; None where there are none."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    versions = [each for each in Path(PLACES).glob("*/bin") if each.parent.name.isdigit()]
    folders += sorted(versions, key=lambda each: int(each.parent.name), reverse=True)
    return next((each for each in folders if (each / "pg_ctl").exists()), None)


class Cluster:
    """One server. Databases are owned by an ordinary user with a password, as an operator's are."""

    def __init__(self) -> None:
        found = programs()
        need(found, "PostgreSQL's initdb and pg_ctl are not installed")
        assert found is not None
        self._programs = found
        self._numbers = itertools.count(1)
        self._emptied: list[str] = []
        self._user = _ordinary_user()
        # Not under pytest's own folder, which the server's user could not enter.
        self._folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self.port = _free_port()

    def create(self) -> None:
        """Make the data folder, start the server, and let its ordinary user in."""
        self._run(
            "initdb",
            *("-D", str(self._data), "-U", ADMIN, "--no-sync"),
            *("--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C"),
        )
        settings = {
            "listen_addresses": "'127.0.0.1'",
            "port": self.port,
            "unix_socket_directories": f"'{self._folder}'",
            "log_line_prefix": "'%m [%p] %d '",
            "shared_buffers": "16MB",
            # A machine that loses its power is not tested; what a killed process leaves is whole
            # without a flush too. With it every start and every emptied database takes seconds.
            "fsync": "off",
        }
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()
        self.tell(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        path = self._folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", str(self._folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop this server, by the process id in its data folder; `immediate` is a crash."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-D", str(self._data), "-m", mode)

    def remove(self) -> None:
        """Stop it and take its folder away."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def database(self) -> str:
        """Make an empty database, or take one that was emptied; its name."""
        if self._emptied:
            return self._emptied.pop()
        name = f"log_{next(self._numbers)}"
        self.tell(f"CREATE DATABASE {name} OWNER {OWNER}")
        return name

    def empty(self, name: str) -> None:
        """Make a used database as good as new: a new one is 300 files to write and to remove."""
        self.tell(
            f"{CUT.format(name=name)}; ALTER DATABASE {name} RESET ALL; "
            f"DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION {OWNER}",
            name,
        )
        self._emptied.append(name)

    def cut(self, name: str) -> None:
        """End every other connection to a database, as an administrator may."""
        self.tell(CUT.format(name=name))

    def url(self, name: str, password: str = PASSWORD, user: str = OWNER) -> str:
        """Where a database is found."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{name}"

    def tell(self, words: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Have the server's administrator say something; what it gives."""
        place: dict[str, Any] = {"host": str(self._folder), "port": self.port, "dbname": name}
        writes = "-c default_transaction_read_only=off"
        with psycopg.connect(**place, user=ADMIN, options=writes, autocommit=True) as line:
            cursor = line.execute(words.encode())
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end; its words when it fails."""
        other: dict[str, Any] = {}
        if self._user is not None:  # PostgreSQL refuses to run as root
            gid = self._user.pw_gid
            other = {"user": self._user.pw_uid, "group": gid, "extra_groups": []}
        path = self._folder / "said"
        with path.open("wb") as said:  # a server keeps a pipe open, so no pipe
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=PATIENCE,
                check=False,
                **other,
            )
        assert done.returncode == 0, f"{program}: {path.read_text(errors='replace')}\n{self.log}"


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom the server runs as where the tests run as root; else it is who runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name: each for each in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
