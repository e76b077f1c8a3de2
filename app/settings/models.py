"""The operator's models: their list, prices and caps, and what tables may choose of them."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, TypeAlias

from app.errors import SettingsError
from app.settings.home import home_of

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
TABLE_KEYS = {"barriers": list, "temperatures": list}
FILE_KEYS = {"model": list, "caps": dict, "tables": dict, "chat": str}
HOTTEST = 2.0
Door: TypeAlias = Literal["direct", "langchain"]
Barrier: TypeAlias = Literal["strict", "filtered"]
BARRIERS: tuple[Barrier, ...] = ("strict", "filtered")


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
    """The most an account may spend; None is without limit, or the usual one in settings."""

    calls: int | None = None
    tokens: int | None = None
    money: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSetting:
    """One model of the operator's list. Its address and key come from nowhere else."""

    name: str
    base_url: str | None = None
    key: Secret | None = None
    key_env: str = ""
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
class TableChoices:
    """What may be chosen for a model's seat when a table is opened in a browser.

    `temperatures` are the lowest and the highest that may be asked for; None leaves each model
    at the one that Parley plays with.
    """

    barriers: tuple[Barrier, ...] = ("strict",)
    temperatures: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """The operator's allow-list of models, and caps on what they may spend.

    `chat` is the model behind the seats that chat clients talk with; empty for the phrasebook.
    """

    models: tuple[ModelSetting, ...] = ()
    caps: Mapping[str, Cap] = field(default_factory=dict)
    tables: TableChoices = field(default_factory=TableChoices)
    chat: str = ""
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


def models_from(environment: Mapping[str, str] | None = None) -> ModelSettings:
    """The operator's models; reads PARLEY_MODELS and models.toml, creates nothing."""
    env = os.environ if environment is None else environment
    named = env.get("PARLEY_MODELS_FILE", "").strip()
    path = Path(named).expanduser() if named else home_of(env) / MODELS_FILE
    content = _models_file(path) if named or path.exists() else {}
    _only(content, FILE_KEYS, str(path))
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
    chat = env.get("PARLEY_CHAT_MODEL", "").strip() or str(content.get("chat", "")).strip()
    if chat and chat not in held:
        known = ", ".join(sorted(held)) or "none"
        raise SettingsError(
            f"the chat model {chat!r} is not in PARLEY_MODELS or models.toml (configured: {known})"
        )
    return ModelSettings(
        models=tuple(models),
        caps=caps,
        tables=_choices(content.get("tables"), f"{path}: tables"),
        chat=chat,
        environment=env,
    )


def _choices(content: object, place: str) -> TableChoices:
    row = content if isinstance(content, dict) else {}
    _only(row, TABLE_KEYS, place)
    named = row.get("barriers", ["strict"])
    barriers = tuple(barrier for barrier in BARRIERS if barrier in named)
    if not barriers or len(barriers) != len(named):
        raise SettingsError(f'{place}.barriers: expected "strict", "filtered" or both')
    range_ = row.get("temperatures")
    if range_ is None:
        return TableChoices(barriers=barriers)
    good = len(range_) == 2 and all(type(each) in (int, float) for each in range_)
    if not good or not 0 <= range_[0] <= range_[1] <= HOTTEST:
        raise SettingsError(f"{place}.temperatures: expected [lowest, highest] within 0 to 2")
    lowest, highest = range_
    return TableChoices(barriers=barriers, temperatures=(float(lowest), float(highest)))


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
            wanted = "written as [[model]]" if key == "model" else _KIND_WORDS[kind]
            raise SettingsError(f"{place}: {key} has to be {wanted}")


_KIND_WORDS: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    list: "a list in square brackets",
    dict: "a table",
}


def _model(row: Mapping[str, object], place: str, env: Mapping[str, str]) -> ModelSetting:
    _only(row, MODEL_KEYS, place)
    text = {key: str(value).strip() for key, value in row.items()}
    name = text.get("name", "")
    if not MODEL_NAME.fullmatch(name):
        raise SettingsError(f"{place}: {name!r} is not a model; expected provider:model")
    provider = name.partition(":")[0]
    base_url = _address(text, place, env)
    proxy = text.get("proxy") or env.get("PARLEY_PROXY", "").strip()
    if proxy and not re.fullmatch(r"https?://[^\s?#]+", proxy):  # it may hold a password
        raise SettingsError(f"{place}: proxy (or PARLEY_PROXY) has to be http:// or https://")
    door = text.get("door") or ("direct" if provider == "openai" else "langchain")
    if door not in ("direct", "langchain"):
        raise SettingsError(f"{place}: door is {door!r}; expected direct or langchain")
    if door == "direct" and provider != "openai":
        raise SettingsError(f"{place}: only openai: models can take the direct door")
    return ModelSetting(
        name=name,
        base_url=base_url.rstrip("/") or None,
        key=_key(text, place, env),
        key_env=text.get("key_env", ""),
        door="direct" if door == "direct" else "langchain",
        proxy=proxy or None,
        price=_price(text, place),
    )


def _address(text: Mapping[str, str], place: str, env: Mapping[str, str]) -> str:
    """Where the model is asked; empty for the provider's own address."""
    named = f"{place}: base_url"
    base_url = text.get("base_url", "")
    if not base_url and text["name"].startswith("openai:"):
        named, base_url = "OPENAI_BASE_URL", env.get("OPENAI_BASE_URL", "").strip()
    if base_url and not re.fullmatch(r"https?://[^\s?#@]+", base_url):
        raise SettingsError(f"{named} has to be http:// or https:// with no user or query")
    return base_url


def _key(text: Mapping[str, str], place: str, env: Mapping[str, str]) -> Secret | None:
    """The model's key; what is wrong with one is said without it."""
    named = f"{place}: key"
    key = text.get("key", "")
    if not key:
        usual = "OPENAI_API_KEY" if text["name"].startswith("openai:") else ""
        named = text.get("key_env", usual)
        key = env.get(named, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(
            f"{named} holds a character that no key has, such as a line break or an accent: "
            "copy the key again"
        )
    return Secret(key) if key else None


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
    if place.rpartition(".")[2] not in CAP_NAMES:
        raise SettingsError(f"{place} is not known; expected one of {', '.join(CAP_NAMES)}")
    if not isinstance(row, dict):
        raise SettingsError(f"{place} has to be a table with {', '.join(CAP_KEYS)}")
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
