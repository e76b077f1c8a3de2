"""The operator's models: a door for each, what is configured, and a test that says what is wrong.

models = Models(settings.models)
complete = models.complete("openai:gpt-4.1-mini")   # a Complete, kept for the next table
report = await models.probe("openai:gpt-4.1-mini")  # one cheap structured call
"""

from __future__ import annotations

import importlib.util
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.delegates.base import Ask, Complete, Message
from app.delegates.llm import LangChainDoor, OpenAIDoor, parse
from app.delegates.llm.budget import Budget, Spent, capped
from app.delegates.llm.calls import Clockwork, Endpoint
from app.delegates.llm.daybook import DayBook
from app.delegates.llm.faults import CODES, CallFailed
from app.delegates.llm.lanes import Lanes
from app.delegates.llm.policy import Policy
from app.settings import ModelSetting, ModelSettings

# Providers whose package is not named after them.
PACKAGES = {
    "azure_openai": "langchain-openai",
    "bedrock": "langchain-aws",
    "bedrock_converse": "langchain-aws",
    "google_genai": "langchain-google-genai",
    "google_vertexai": "langchain-google-vertexai",
    "mistralai": "langchain-mistralai",
    "azure_ai": "langchain-azure-ai",
}
FORM = {
    "type": "object",
    "properties": {"word": {"type": "string"}, "number": {"type": "integer"}},
    "required": ["word", "number"],
    "additionalProperties": False,
}
FORM_FIELDS = ("word", "number")
WORD, NUMBER = "harbour", 7
SECONDS = 60.0
"""What a test may take."""
REMEDIES = {
    "unreachable": "check base_url and that the server runs",
    "tls": "check the address, or the machine's list of certificate authorities",
    "slow-connect": "check the network and PARLEY_PROXY",
    "slow-first": "the server is loaded or still loads the model; try again",
    "slow-whole": "the server is loaded or still loads the model; try again",
    "redirect": "set base_url to the final address",
    "absent": "check the model's name and that base_url ends in the interface's root, as in /v1",
    "forbidden": "ask the provider to allow this model for the key",
    "quota": "add credit at the provider",
    "rate": "wait, or raise the account's limits",
    "media": "base_url leads to a web page or a proxy; as a rule it ends in /v1",
    "malformed": "the server does not speak chat completions at this base_url",
    "incomplete": "the server ends its answers without a finish_reason",
    "key-sent": "do not use this server: it gives the key to whoever reads its answers",
    "budget": "raise the cap in models.toml",
    "length": "the model thinks longer than the test allows; it may still work at a table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A configured model, as a list shows it; never its key."""

    name: str
    door: str
    address: str
    has_key: bool
    has_price: bool
    missing: str

    @property
    def is_ready(self) -> bool:
        """Whether everything that can be known without a call is there."""
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one cheap structured call to a model showed. `code` is empty when all is well."""

    model: str
    ok: bool
    code: str
    says: str
    remedy: str = ""
    notes: tuple[str, ...] = ()


def configured(settings: ModelSettings) -> tuple[Listing, ...]:
    """Every model of the allow-list and what it lacks."""
    return tuple(
        Listing(
            name=model.name,
            door=model.door,
            address=model.base_url or "the provider's own",
            has_key=model.key is not None,
            has_price=model.price is not None,
            missing=lacking(model),
        )
        for model in settings.models
    )


def lacking(model: ModelSetting) -> str:
    """What keeps a model from working that can be seen without a call; empty if nothing."""
    package = package_for(model)
    if importlib.util.find_spec(package.replace("-", "_")) is None:
        return f"the package is missing: pip install {package}"
    if model.key_env and model.key is None:
        return f"no key: set {model.key_env} in the environment"
    if model.provider == "openai" and model.base_url is None and model.key is None:
        return "no key: set OPENAI_API_KEY, or key_env in models.toml"
    return ""


def package_for(model: ModelSetting) -> str:
    """The package that speaks with a provider, as pip knows it."""
    if model.door == "direct":
        return "openai"
    provider = model.provider
    return PACKAGES.get(provider, f"langchain-{provider.replace('_', '-')}")


class Models:
    """The doors to all models in one process: one budget, and places shared by address."""

    def __init__(
        self,
        settings: ModelSettings,
        *,
        policy: Policy | None = None,
        clock: Clockwork | None = None,
        wall: Callable[[], float] = time.time,
        verify: ssl.SSLContext | bool = True,
        book: DayBook | None = None,
    ) -> None:
        """`book` shares the day's cap with other processes."""
        self.settings = settings
        self.policy = policy or Policy()
        self.clock = clock or Clockwork()
        self.budget = Budget(capped(settings.caps), wall=wall, book=book)
        self._verify = verify
        self._lanes: dict[str, Lanes] = {}
        self._doors: dict[str, OpenAIDoor | LangChainDoor] = {}

    def complete(self, name: str, *, unlisted: bool = False) -> Complete:
        """The door to a model of the list; with `unlisted` also to one the operator types."""
        found = self._doors.get(name)
        if found is None:
            found = self._doors[name] = self._door(self.settings.named(name, unlisted=unlisted))
        return found

    def spent(self, *, table: str, seat: str = "") -> Spent:
        """What a table, or one seat of it, has spent."""
        return self.budget.spent(f"seat:{table}/{seat}" if seat else f"table:{table}")

    async def probe(self, name: str, prompt: str, *, unlisted: bool = True) -> Report:
        """Try a model with one cheap structured call; `prompt` has WORD in it."""
        setting = self.settings.named(name, unlisted=unlisted)
        missing = lacking(setting)
        if missing:
            code = "key" if missing.startswith("no key") else "package"
            says, _, remedy = missing.partition(": ")
            return Report(model=name, ok=False, code=code, says=says, remedy=remedy)
        return await probe(self.complete(name, unlisted=unlisted), setting, prompt)

    async def aclose(self) -> None:
        """Close every connection."""
        for door in self._doors.values():
            await door.aclose()
        self._doors.clear()
        if self.budget.book is not None:
            self.budget.book.close()

    def _door(self, setting: ModelSetting) -> OpenAIDoor | LangChainDoor:
        place = setting.base_url or setting.provider
        lanes = self._lanes.setdefault(place, Lanes(self.policy.at_once))
        endpoint = Endpoint(
            name=setting.name,
            policy=self.policy,
            price=setting.price,
            budget=self.budget,
            lanes=lanes,
            clock=self.clock,
        )
        kind = OpenAIDoor if setting.door == "direct" else LangChainDoor
        return kind(setting, endpoint, self._verify)


async def probe(complete: Complete, setting: ModelSetting, prompt: str) -> Report:
    """One cheap structured call through a door, and plain words on what it showed."""
    ask = Ask(
        messages=(Message(role="user", text=prompt),),
        purpose="probe",
        schema=FORM,
        max_tokens=400,
        temperature=0.0,
        seconds=SECONDS,
        lane="doctor",
        account=("doctor:probe",),
    )
    try:
        done = await complete(ask)
    except CallFailed as failed:
        return _wrong(failed, setting)
    try:
        value = parse(done.text)
    except ValueError as error:
        return Report(
            model=setting.name,
            ok=False,
            code="not-json",
            says=f"no structured output: {error}",
            remedy="use a model or server that supports response_format json_schema",
        )
    if set(value) != set(FORM_FIELDS) or type(value["number"]) is not int:
        return Report(
            model=setting.name,
            ok=False,
            code="not-schema",
            says="no structured output: JSON came, but not in the form that was asked for",
            remedy="use a model or server that supports response_format json_schema",
        )
    if value["word"] != WORD or value["number"] != NUMBER:
        return Report(
            model=setting.name,
            ok=False,
            code="not-asked",
            says="the form is right but not filled in as asked: a weak model, or a wrong template",
            remedy="use a stronger model, or check the server's chat template",
        )
    return Report(
        model=setting.name,
        ok=True,
        code="",
        says="ready",
        notes=_notes(setting, done.usage.reported),
    )


def _wrong(failed: CallFailed, setting: ModelSetting) -> Report:
    code, parameter = failed.code, failed.fault.parameter
    says, remedy = CODES[code].meaning, REMEDIES.get(code, "")
    if code == "invalid" and parameter == "response_format":
        code, says = "no-structured-output", "no structured output: the server refuses the schema"
        remedy = "use a model or server that supports response_format json_schema"
    elif code == "key":
        says = "no key" if setting.key is None else "wrong key"
        remedy = "set the key in the environment or models.toml"
    elif code == "deadline":
        says, remedy = f"no answer within {SECONDS:g} seconds", REMEDIES["slow-whole"]
    elif code == "package":
        says, remedy = "the provider's package is missing", f"pip install {parameter}"
    elif code == "unexpected" and parameter:
        says = f"{says} ({parameter})"
    if failed.fault.status:
        says = f"{says} (status {failed.fault.status})"
    return Report(model=setting.name, ok=False, code=code, says=says, remedy=remedy)


def _notes(setting: ModelSetting, reported: bool) -> tuple[str, ...]:
    notes = []
    if not reported:
        notes.append("no usage, or one that cannot be true: every call is charged at its most")
    if setting.price is None:
        notes.append("no price in models.toml: caps count tokens, not money")
    if setting.provider != "openai":
        notes.append(
            "redirects, sizes and content types are this provider package's own affair; "
            "they are checked here for OpenAI-compatible addresses only"
        )
    return tuple(notes)
