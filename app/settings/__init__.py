"""What an operator may set, from environment variables; frozen, and checked with a remedy.

PARLEY_HOME      folder of all data: the event log, the login token, own tables
PARLEY_DATABASE  where the event log is kept, such as postgresql://user:password@host/name (with
                 the extra `scale`); PARLEY_HOME/parley.db unless set
PARLEY_REDIS     Redis server that tells several servers over one log of each other's events at
                 once, such as redis://user:password@host:6379/0, or rediss:// for TLS (with the
                 extra `scale`); without it they see them at the poll
PARLEY_REDIS_PREFIX   what our channels there begin with, `parley` unless set: one each for
                 installations that share a Redis server
PARLEY_HOST      address to bind, 127.0.0.1 unless set
PARLEY_PORT      port to bind, 8000 unless set; 0 takes any free one
PARLEY_TOKEN     login token, at least 16 characters; else one is kept in PARLEY_HOME/token
PARLEY_HOSTS     further names that browsers may call the server by, with port, by commas
PARLEY_ORIGINS   further origins that pages may come from, such as https://parley.example
PARLEY_MODELS    models that tables may use, as provider:model, by commas
PARLEY_MODELS_FILE   their addresses, keys, prices, the spending caps and what a table's host
                     may choose of them; else PARLEY_HOME/models.toml where it exists; with a
                     key in it, mode 0600
PARLEY_CHAT_MODEL    one of them, to answer chat clients; the phrasebook answers unless set
PARLEY_PROXY     proxy for calls to models; none is taken from other variables
PARLEY_LANGSMITH set to 1 to let LangChain upload traces, briefs included, to LangSmith
OPENAI_API_KEY, OPENAI_BASE_URL   key and address for openai: models that name none
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import SettingsError
from app.settings.home import default_home, home_of
from app.settings.models import (
    HOTTEST,
    Barrier,
    Cap,
    Door,
    ModelSetting,
    ModelSettings,
    Price,
    Secret,
    TableChoices,
    models_from,
)
from app.settings.redis import RedisSetting, redis_from

__all__ = [
    "HOTTEST",
    "TOKEN_FILE",
    "Barrier",
    "Cap",
    "Door",
    "ModelSetting",
    "ModelSettings",
    "Price",
    "RedisSetting",
    "Secret",
    "Settings",
    "TableChoices",
    "default_home",
    "from_environment",
    "home_of",
    "is_loopback",
    "models_from",
    "redis_from",
]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LEAST_TOKEN = 16
TOKEN_FILE = "token"  # noqa: S105 - the name of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the server is told from outside. Its repr shows no token and no password."""

    home: Path
    database: str = field(default="", repr=False)
    redis: RedisSetting | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = field(repr=False)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    behind_proxy: bool = False
    models: ModelSettings = field(default_factory=ModelSettings)

    @property
    def names(self) -> tuple[str, ...]:
        """Host headers that are answered, lower case."""
        own = tuple(f"{_bracketed(name)}:{self.port}" for name in {*LOOPBACK, self.host})
        plain = LOOPBACK if self.port == 80 else ()
        return tuple(name.lower() for name in (*own, *map(_bracketed, plain), *self.hosts))

    @property
    def pages(self) -> tuple[str, ...]:
        """Origins whose pages may speak with the server."""
        return (*(f"http://{name}" for name in self.names if name not in self.hosts), *self.origins)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the server."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        return f"http://{_bracketed(host)}:{self.port}/"


def is_loopback(host: str) -> bool:
    """Whether an address to bind is reached from this machine only."""
    return host in LOOPBACK or host.startswith("127.")


def from_environment(
    environment: Mapping[str, str] | None = None,
    *,
    host: str | None = None,
    port: int | None = None,
    behind_proxy: bool = False,
) -> Settings:
    """Settings for serving; arguments win over variables. Creates the home and its token."""
    env = os.environ if environment is None else environment
    home = home_of(env)
    chosen = host if host is not None else env.get("PARLEY_HOST", "").strip() or "127.0.0.1"
    if not is_loopback(chosen) and not behind_proxy:
        raise SettingsError(
            f"host {chosen!r} can be reached from other machines and Parley speaks plain HTTP: "
            "use 127.0.0.1, or --behind-proxy when a proxy with TLS (or a container) stands before"
        )
    return Settings(
        home=home,
        database=env.get("PARLEY_DATABASE", "").strip(),
        redis=redis_from(env),
        host=chosen,
        port=port if port is not None else _port(env.get("PARLEY_PORT", "").strip()),
        token=_token(env, home),
        hosts=_listed(env.get("PARLEY_HOSTS", "")),
        origins=tuple(each.rstrip("/") for each in _listed(env.get("PARLEY_ORIGINS", ""))),
        behind_proxy=behind_proxy,
        models=models_from(env),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.split(",") if part.strip())


def _port(text: str) -> int:
    if not text:
        return 8000
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise SettingsError(f"PARLEY_PORT is {text!r}: expected a number from 0 to 65535")
    return int(text)


def _token(env: Mapping[str, str], home: Path) -> str:
    """The operator's own token, or one made once and kept where only the owner reads it."""
    given = env.get("PARLEY_TOKEN", "").strip()
    if given:
        if len(given) < LEAST_TOKEN or not given.isascii() or not given.isprintable():
            raise SettingsError(
                f"PARLEY_TOKEN needs at least {LEAST_TOKEN} printable ASCII characters; "
                "unset it and Parley makes one"
            )
        return given
    path = home / TOKEN_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        if path.exists():
            held = path.read_text("ascii").strip()
            if len(held) >= LEAST_TOKEN:
                return held
        made = secrets.token_urlsafe(24)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(made + "\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"PARLEY_HOME {home} cannot be used ({reason}): make it writable or set another folder"
        ) from error
    return made
