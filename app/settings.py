"""What an operator may set, from environment variables; frozen, and checked with a remedy.

PARLEY_HOME      folder of all data: the event log, the login token, own tables
PARLEY_HOST      address to bind, 127.0.0.1 unless set
PARLEY_PORT      port to bind, 8000 unless set; 0 takes any free one
PARLEY_TOKEN     login token, at least 16 characters; else one is kept in PARLEY_HOME/token
PARLEY_HOSTS     further names that browsers may call the server by, with port, by commas
PARLEY_ORIGINS   further origins that pages may come from, such as https://parley.example
PARLEY_MODELS    models that tables may use, as provider:model, by commas
PARLEY_MODELS_FILE   their addresses, keys, prices and the spending caps; else
                     PARLEY_HOME/models.toml where it exists; with a key in it, mode 0600
PARLEY_PROXY     proxy for calls to models; none is taken from other variables
PARLEY_LANGSMITH set to 1 to let LangChain upload traces, briefs included, to LangSmith
OPENAI_API_KEY, OPENAI_BASE_URL   key and address for openai: models that name none
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, TypeAlias

from app.errors import SettingsError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LEAST_TOKEN = 16
TOKEN_FILE = "token"  # noqa: S105 - the name of a file
MODELS_FILE = "models.toml"
MODEL_NAME = re.compile(r"[a-z0-9_]{1,40}:[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
MODEL_KEYS = {
    "name": str,
    "base_url": str,
    "key": str,
    "key_env": str,
    "door": str,
    "proxy": str,
    "prompt_price": str,
    "completion_price": str,
    "cached_price": str,
}
CAP_KEYS = {"calls": int, "tokens": int, "money": str}
CAP_NAMES = ("turn", "seat", "table", "day")
Door: TypeAlias = Literal["direct", "langchain"]


class Secret:
    """A text that no repr, format or pickle shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(
            self._text.encode(), other._text.encode()
        )

    def __hash__(self) -> int:
        return hash(("secret", self._text))

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._text


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a million tokens cost in the operator's currency; cached ones where cheaper."""

    prompt: Decimal
    completion: Decimal
    cached: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most an account may spend; None is without limit."""

    calls: int | None = None
    tokens: int | None = None
    money: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSetting:
    """One model of the operator's list. Its address and key come from nowhere else."""

    name: str
    base_url: str | None = None
    key: Secret | None = None
    door: Door = "langchain"
    proxy: str | None = field(default=None, repr=False)
    price: Price | None = None

    @property
    def provider(self) -> str:
        """What stands before the first colon."""
        return self.name.partition(":")[0]

    @property
    def model(self) -> str:
        """The provider's own name for the model."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """The operator's allow-list of models, and caps on what they may spend."""

    models: tuple[ModelSetting, ...] = ()
    caps: Mapping[str, Cap] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def named(self, name: str, *, unlisted: bool = False) -> ModelSetting:
        """A model of the list; with `unlisted` also one the operator names on the spot."""
        for model in self.models:
            if model.name == name:
                return model
        if unlisted:
            return _model({"name": name}, "the command line", self.environment)
        known = ", ".join(model.name for model in self.models) or "none"
        raise SettingsError(
            f"model {name!r} is not in PARLEY_MODELS or models.toml (configured: {known})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the server is told from outside. The token is never shown in its repr."""

    home: Path
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


def default_home(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The data folder by the platform's convention."""
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "parley"
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "parley"
    data = environment.get("XDG_DATA_HOME", "")
    # The specification has relative paths ignored.
    return (Path(data) if data.startswith("/") else Path.home() / ".local" / "share") / "parley"


def home_of(environment: Mapping[str, str] | None = None) -> Path:
    """PARLEY_HOME, or the platform's place; nothing is created."""
    env = os.environ if environment is None else environment
    named = env.get("PARLEY_HOME", "").strip()
    return Path(named).expanduser() if named else default_home(env)


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
        host=chosen,
        port=port if port is not None else _port(env.get("PARLEY_PORT", "").strip()),
        token=_token(env, home),
        hosts=_listed(env.get("PARLEY_HOSTS", "")),
        origins=tuple(each.rstrip("/") for each in _listed(env.get("PARLEY_ORIGINS", ""))),
        behind_proxy=behind_proxy,
        models=models_from(env),
    )


def models_from(environment: Mapping[str, str] | None = None) -> ModelSettings:
    """The operator's models; reads PARLEY_MODELS and models.toml, creates nothing."""
    env = os.environ if environment is None else environment
    named = env.get("PARLEY_MODELS_FILE", "").strip()
    path = Path(named).expanduser() if named else home_of(env) / MODELS_FILE
    content = _models_file(path) if named or path.exists() else {}
    _only(content, {"model": list, "caps": dict}, str(path))
    listed, capped = content.get("model"), content.get("caps")
    listed = listed if isinstance(listed, list) else []
    rows = [row if isinstance(row, dict) else {} for row in listed]
    models = [_model(row, f"{path}: model {at}", env) for at, row in enumerate(rows, 1)]
    held = {model.name for model in models}
    if len(held) != len(models):
        raise SettingsError(f"{path} names a model twice: give each its own entry")
    for part in env.get("PARLEY_MODELS", "").split(","):
        if part.strip() and part.strip() not in held:
            held.add(part.strip())
            models.append(_model({"name": part.strip()}, "PARLEY_MODELS", env))
    capped = capped if isinstance(capped, dict) else {}
    caps = {name: _cap(row, f"{path}: caps.{name}") for name, row in capped.items()}
    return ModelSettings(models=tuple(models), caps=caps, environment=env)


def _models_file(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = tomllib.load(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not TOML"
        raise SettingsError(f"{path} cannot be read ({reason})") from None
    rows = content.get("model")
    holds_key = isinstance(rows, list) and any(isinstance(r, dict) and "key" in r for r in rows)
    if holds_key and os.name == "posix" and mode & 0o077:
        raise SettingsError(f"{path} holds a key and others can read it: chmod 600 {path}")
    return content


def _only(row: Mapping[str, object], keys: Mapping[str, type], place: str) -> None:
    for key, value in row.items():
        kind = keys.get(key)
        if kind is None:
            raise SettingsError(f"{place}: {key!r} is not known; expected {', '.join(keys)}")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise SettingsError(f"{place}: {key} has to be {_KIND_WORDS[kind]}")


_KIND_WORDS: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    list: "written as [[model]]",
    dict: "a table",
}


def _model(row: Mapping[str, object], place: str, env: Mapping[str, str]) -> ModelSetting:
    _only(row, MODEL_KEYS, place)
    text = {key: str(value).strip() for key, value in row.items()}
    name = text.get("name", "")
    if not MODEL_NAME.fullmatch(name):
        raise SettingsError(f"{place}: {name!r} is not a model; expected provider:model")
    provider = name.partition(":")[0]
    base_url = text.get("base_url") or (
        env.get("OPENAI_BASE_URL", "").strip() if provider == "openai" else ""
    )
    if base_url and not re.fullmatch(r"https?://[^\s?#@]+", base_url):
        raise SettingsError(
            f"{place}: base_url has to be http:// or https:// with no user or query"
        )
    door = text.get("door") or ("direct" if provider == "openai" else "langchain")
    if door not in ("direct", "langchain"):
        raise SettingsError(f"{place}: door is {door!r}; expected direct or langchain")
    if door == "direct" and provider != "openai":
        raise SettingsError(f"{place}: only openai: models can take the direct door")
    key = text.get("key") or env.get(text.get("key_env", ""), "").strip()
    if not key and provider == "openai" and "key_env" not in text:
        key = env.get("OPENAI_API_KEY", "").strip()
    return ModelSetting(
        name=name,
        base_url=base_url.rstrip("/") or None,
        key=Secret(key) if key else None,
        door="direct" if door == "direct" else "langchain",
        proxy=text.get("proxy") or env.get("PARLEY_PROXY", "").strip() or None,
        price=_price(text, place),
    )


def _price(text: Mapping[str, str], place: str) -> Price | None:
    held = {
        name: _money(text[f"{name}_price"], f"{place}: {name}_price")
        for name in ("prompt", "completion", "cached")
        if f"{name}_price" in text
    }
    if not held:
        return None
    if not {"prompt", "completion"} <= set(held):
        raise SettingsError(f"{place}: a price needs both prompt_price and completion_price")
    return Price(prompt=held["prompt"], completion=held["completion"], cached=held.get("cached"))


def _money(text: str, place: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise SettingsError(f'{place} is {text!r}; expected an amount such as "0.15"')
    return value


def _cap(row: object, place: str) -> Cap:
    if place.rpartition(".")[2] not in CAP_NAMES or not isinstance(row, dict):
        raise SettingsError(f"{place} is not known; expected a table of {', '.join(CAP_NAMES)}")
    _only(row, CAP_KEYS, place)
    money = row.get("money")
    for key in ("calls", "tokens"):
        if row.get(key, 0) < 0:
            raise SettingsError(f"{place}.{key} is below 0")
    return Cap(
        calls=row.get("calls"),
        tokens=row.get("tokens"),
        money=_money(money, f"{place}.money") if money is not None else None,
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
