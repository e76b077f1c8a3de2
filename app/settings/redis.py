"""The Redis server that carries wake-ups between servers: its address, checked and kept quiet."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from app.errors import SettingsError
from app.settings.models import Secret

VARIABLE = "PARLEY_REDIS"
PREFIX_VARIABLE = "PARLEY_REDIS_PREFIX"
PREFIX = "parley"
PORT = 6379
MAX_DATABASE = 65_535
EXPECTED = (
    "expected redis://user:password@host:6379/0, or rediss:// for TLS; "
    "@ : / ? # in a password are written %40 %3A %2F %3F %23"
)
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
"""Options of a rediss:// URL: who is trusted, and our own certificate with its key; files."""

_PREFIX = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSetting:
    """Where Redis is and how we log in there. Its repr and its `place` show no password."""

    host: str
    port: int = PORT
    database: int = 0
    user: str = ""
    password: Secret | None = None
    tls: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    prefix: str = PREFIX

    @property
    def place(self) -> str:
        """The address without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'rediss' if self.tls else 'redis'}://{host}:{self.port}/{self.database}"

    @property
    def channels(self) -> str:
        """How our channels begin. Redis knows no database for a channel, so its number is there."""
        return f"{self.prefix}:{self.database}:"


def redis_from(environment: Mapping[str, str] | None = None) -> RedisSetting | None:
    """What PARLEY_REDIS and PARLEY_REDIS_PREFIX say; None where the first is not set.

    SettingsError names the variable and what is expected. It quotes nothing of the URL, since
    what cannot be read may hold the password anywhere.
    """
    env = os.environ if environment is None else environment
    text = env.get(VARIABLE, "").strip()
    prefix = env.get(PREFIX_VARIABLE, "").strip() or PREFIX
    if not _PREFIX.fullmatch(prefix):
        raise SettingsError(
            f"{PREFIX_VARIABLE} cannot be used: write 1 to 64 letters, digits, dots, dashes "
            "or underscores"
        )
    if not text:
        return None
    if not text.isprintable() or " " in text:
        raise _unusable("it holds a blank or a control character")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _unusable("host or port cannot be read") from None
    _check(parts, host, port, text)
    password = unquote(parts.password or "")
    return RedisSetting(
        host=unquote(host),
        port=PORT if port is None else port,
        database=_database(parts.path),
        user=unquote(parts.username or ""),
        password=Secret(password) if password else None,
        tls=parts.scheme == "rediss",
        files=_files(parts),
        prefix=prefix,
    )


def _check(parts: SplitResult, host: str, port: int | None, text: str) -> None:
    """What an address has to have, and what it must not."""
    if parts.scheme not in ("redis", "rediss"):
        raise _unusable("it does not begin with redis:// or rediss://")
    if "#" in text or parts.netloc.count("@") > 1:
        raise _unusable("it holds # or more than one @")
    if not host:
        raise _unusable("it names no host")
    if port == 0:
        raise _unusable("a port is a number from 1 to 65535")
    if parts.username and not parts.password:
        raise _unusable("it names a user and no password")


def _database(path: str) -> int:
    number = path.removeprefix("/")
    if not number:
        return 0
    if not number.isascii() or not number.isdigit() or int(number) > MAX_DATABASE:
        raise _unusable("what stands behind the host is not the number of a database")
    return int(number)


def _files(parts: SplitResult) -> Mapping[str, str]:
    """The files that a rediss:// URL names."""
    if not parts.query:
        return {}
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    known = {key: value for key, value in pairs if key in FILES and value}
    if parts.scheme != "rediss" or not pairs or len(known) != len(pairs):
        raise _unusable(
            f"options behind the ? are for rediss:// alone, each once: {', '.join(FILES)}"
        )
    if ("ssl_keyfile" in known) != ("ssl_certfile" in known):
        raise _unusable("ssl_certfile and ssl_keyfile go together")
    absent = [key for key, value in known.items() if not Path(value).is_file()]
    if absent:
        raise _unusable(f"the file of {', '.join(absent)} is not there")
    return known


def _unusable(problem: str) -> SettingsError:
    return SettingsError(f"{VARIABLE} cannot be used: {problem}; {EXPECTED}")
