"""The operator's list, its file and variables, and what a probe says about a server."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from app.delegates.base import Ask, Completion
from app.delegates.llm import CODES, CallFailed
from app.delegates.llm.faults import Fault
from app.delegates.llm.models import NUMBER, WORD, Models, Report, configured, probe
from app.errors import SettingsError
from app.settings import Cap, ModelSetting, ModelSettings, Price, Secret, from_environment
from app.settings import models_from as read
from tests.llm import misbehaviour as do
from tests.llm.rig import Clock
from tests.llm.server import KEY, Behaviour, Exchange, ModelServer

NAME = "openai:mock"
READY = json.dumps({"word": WORD, "number": NUMBER})
PROMPT = f"Fill in the form: the word {WORD} and the number {NUMBER}."


def env(home: Path, **more: str) -> dict[str, str]:
    return {"PARLEY_HOME": str(home), **more}


def write(home: Path, text: str, mode: int = 0o600) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "models.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_list_by_variables(tmp_path: Path) -> None:
    listed = " openai:gpt-x, ollama:llama3:8b ,openai:gpt-x,"
    found = read(env(tmp_path, PARLEY_MODELS=listed, OPENAI_API_KEY="k" * 20))
    assert [m.name for m in found.models] == ["openai:gpt-x", "ollama:llama3:8b"]
    first, second = found.models
    assert (first.provider, first.model, first.door) == ("openai", "gpt-x", "direct")
    assert (second.provider, second.model, second.door) == ("ollama", "llama3:8b", "langchain")
    assert first.key == Secret("k" * 20)
    assert second.key is None
    assert not tmp_path.joinpath("models.toml").exists()


def test_a_list_by_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[[model]]\nname = "openai:qwen"\nbase_url = "http://127.0.0.1:8080/v1/"\n'
        'key_env = "QWEN"\nprompt_price = "0.15"\ncompletion_price = "0.60"\n'
        '[[model]]\nname = "openai:gpt-x"\ndoor = "langchain"\n'
        '[caps.day]\ntokens = 5000\nmoney = "2.50"\n',
        0o644,  # no key in it, so others may read it
    )
    found = read(env(tmp_path, QWEN="q" * 20, PARLEY_MODELS="openai:qwen,openai:more"))
    assert [m.name for m in found.models] == ["openai:qwen", "openai:gpt-x", "openai:more"]
    qwen = found.models[0]
    assert (qwen.base_url, qwen.key) == ("http://127.0.0.1:8080/v1", Secret("q" * 20))
    assert qwen.price == Price(prompt=Decimal("0.15"), completion=Decimal("0.60"))
    assert found.models[1].door == "langchain"
    assert found.caps == {"day": Cap(tokens=5000, money=Decimal("2.50"))}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[model]]\nname = "gpt-x"', "provider:model"),
        ('[[model]]\nname = "openai:x"\nurl = "http://x"', "'url' is not known"),
        ('[[model]]\nname = "openai:x"\nbase_url = "file:///x"', "base_url"),
        ('[[model]]\nname = "openai:x"\nbase_url = "http://me:pw@x/"', "base_url"),
        ('[[model]]\nname = "openai:x"\nproxy = "socks5://me:pw@x:1"', "proxy .* http"),
        ('[[model]]\nname = "openai:x"\nproxy = "127.0.0.1:3128"', "proxy .* http"),
        ('[[model]]\nname = "openai:x"\ndoor = "back"', "direct or langchain"),
        ('[[model]]\nname = "ollama:x"\ndoor = "direct"', "only openai"),
        ('[[model]]\nname = "openai:x"\nprompt_price = "1"', "both"),
        ('[[model]]\nname = "openai:x"\nprompt_price = 1.5', "a text in quotes"),
        (
            '[[model]]\nname = "openai:x"\nprompt_price = "nan"\ncompletion_price = "1"',
            "prompt_price",
        ),
        ('[[model]]\nname = "openai:x"\n[[model]]\nname = "openai:x"', "twice"),
        ("model = 3", "model"),
        ("[caps.week]\ncalls = 3", "caps.week"),
        ("[caps.day]\ncalls = -3", "below 0"),
        ("[caps.day]\ncalls = true", "whole number"),
        ("nonsense", "not TOML"),
        ("[caps]\nturn = 3", "caps.turn has to be a table with calls"),
        ('[tables]\nbarriers = "strict"', "barriers has to be a list"),
        ('[[model]]\nname = "openai:x"\nkey = "kkkk\\nkkkk"', "model 1: key holds a character"),
    ],
)
def test_a_wrong_file_names_place_and_remedy(tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=words):
        read(env(tmp_path))


def test_a_file_with_a_key_is_the_owners_alone(tmp_path: Path) -> None:
    write(tmp_path, '[[model]]\nname = "openai:x"\nkey = "kkkkkkkk"', 0o640)
    with pytest.raises(SettingsError, match="chmod 600") as found:
        read(env(tmp_path))
    assert "kkkkkkkk" not in str(found.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "sk-canary\nsk-other"),
        ("OPENAI_API_KEY", "sk-canary-\u00e9"),
        ("OPENAI_BASE_URL", "127.0.0.1:8080/v1"),
        ("OPENAI_BASE_URL", "http://me:sk-canary@127.0.0.1/v1"),
    ],
)
def test_a_wrong_variable_is_named_without_what_it_holds(
    tmp_path: Path, name: str, value: str
) -> None:
    found = read(env(tmp_path, **{name: value}))
    with pytest.raises(SettingsError, match=f"^{name} ") as wrong:
        found.named(NAME, unlisted=True)
    assert "canary" not in str(wrong.value)


def test_a_named_file_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read(env(tmp_path, PARLEY_MODELS_FILE=str(tmp_path / "none.toml")))


def test_people_choose_from_the_list_and_the_operator_may_type(tmp_path: Path) -> None:
    found = read(env(tmp_path, PARLEY_MODELS=NAME))
    assert found.named(NAME).name == NAME
    with pytest.raises(SettingsError, match=f"configured: {NAME}"):
        found.named("openai:other")
    assert found.named("openai:other", unlisted=True).name == "openai:other"
    with pytest.raises(SettingsError, match="provider:model"):
        found.named("other", unlisted=True)


def test_the_servers_settings_carry_the_list(tmp_path: Path) -> None:
    found = from_environment(env(tmp_path, PARLEY_MODELS=NAME))
    assert [m.name for m in found.models.models] == [NAME]


def test_a_list_says_what_is_missing() -> None:
    rows = configured(
        ModelSettings(
            models=(
                ModelSetting(name="openai:gpt-x", door="direct"),
                ModelSetting(name="openai:gpt-x", door="direct", key=Secret("k")),
                ModelSetting(name="nowhere_ai:x"),
                ModelSetting(name="bedrock:x"),
                ModelSetting(name="openai:y", base_url="http://127.0.0.1:1/v1", key_env="ABSENT"),
            )
        )
    )
    assert "no key" in rows[0].missing
    assert rows[1].is_ready
    assert rows[4].missing == "no key: set ABSENT in the environment"
    assert rows[2].missing == "the package is missing: pip install langchain-nowhere-ai"
    assert rows[3].missing == "the package is missing: pip install langchain-aws"


PROBES: list[tuple[str, Behaviour | str, str, str]] = [
    ("good", READY, "", "ready"),
    ("wrong key", do.status(401), "key", "wrong key"),
    ("not allowed", do.status(403), "forbidden", "may not use"),
    ("no credit", do.status(429, do.error("insufficient_quota")), "quota", "credit"),
    ("no model", do.status(404), "absent", "does not know"),
    ("a web page", do.body(b"<html>", "text/html"), "media", "web page"),
    (
        "redirect",
        do.status(308, headers={"location": "http://127.0.0.1:9/"}),
        "redirect",
        "another",
    ),
    ("prose", "Yes, I am ready.", "not-json", "no structured output"),
    ("fenced", f"```json\n{READY}\n```", "not-json", "no structured output"),
    ("another word", '{"word": "x", "number": 7}', "not-asked", "not filled in as asked"),
    ("other JSON", '{"ok": 1}', "not-schema", "not in the form"),
    (
        "schema refused",
        do.status(400, {"error": {"message": "response_format is not supported"}}),
        "no-structured-output",
        "no structured output",
    ),
    ("half", do.message("length", content='{"rea'), "length", "token limit"),
    ("refuses", do.message(refusal="no", content=None), "refused", "refuses"),
]


async def probed(url: str, door: str, key: str = KEY, name: str = NAME) -> Report:
    setting = ModelSetting(
        name=name,
        base_url=url,
        key=Secret(key) if key else None,
        door="direct" if door == "direct" else "langchain",
    )
    models = Models(ModelSettings(models=(setting,)), clock=Clock().work())
    try:
        return await models.probe(name, PROMPT)
    finally:
        await models.aclose()


@pytest.mark.parametrize("door", ["direct", "langchain"])
@pytest.mark.parametrize(("name", "given", "code", "words"), PROBES, ids=[p[0] for p in PROBES])
async def test_a_probe_says_what_is_wrong(
    door: str, name: str, given: Behaviour | str, code: str, words: str
) -> None:
    async with ModelServer() as server:
        if isinstance(given, str):
            server.reply = lambda _: given
        else:
            server.always = given
        report = await probed(server.url, door)
        assert (report.code, report.ok) == (code, not code)
        assert words in report.says
        again = code in CODES and CODES[code].retry
        assert len(server.requests) == (3 if again else 1)
        body = server.requests[0].body
        assert body["response_format"]["json_schema"]["strict"] is True
        assert KEY not in repr(report)


async def test_a_probe_of_silence_says_how_long_it_waited() -> None:
    async def silent(ask: Ask, on_text: object = None) -> Completion:
        raise CallFailed(Fault(code="deadline"), NAME, tries=1)

    report = await probe(silent, ModelSetting(name=NAME), PROMPT)
    assert report.says == "no answer within 60 seconds"
    assert "still loads" in report.remedy


@pytest.mark.parametrize("door", ["direct", "langchain"])
async def test_a_probe_of_nothing(door: str) -> None:
    report = await probed("http://127.0.0.1:9/v1", door)
    assert (report.code, report.ok) == ("unreachable", False)
    assert "base_url" in report.remedy


@pytest.mark.parametrize("door", ["direct", "langchain"])
async def test_a_probe_notes_a_missing_usage(door: str) -> None:
    async def silent(x: Exchange) -> None:
        whole = x.completion({"content": READY})
        del whole["usage"]
        await x.answer(200, whole)

    async with ModelServer() as server:
        server.always = silent
        report = await probed(server.url, door)
        assert report.ok
        assert any("no usage" in note for note in report.notes)


async def test_a_probe_without_a_key_or_a_package_sends_nothing() -> None:
    settings = ModelSettings(models=(ModelSetting(name=NAME, door="direct"),))
    models = Models(settings)
    assert (await models.probe(NAME, PROMPT)).code == "key"
    missing = await models.probe("nowhere_ai:x", PROMPT, unlisted=True)
    assert (missing.code, missing.remedy) == ("package", "pip install langchain-nowhere-ai")


async def test_one_door_for_each_model_and_one_crowd_for_each_address() -> None:
    async with ModelServer() as server:
        rows = tuple(
            ModelSetting(name=f"openai:{n}", base_url=server.url, door="direct") for n in "ab"
        )
        models = Models(ModelSettings(models=rows))
        first, second = models.complete("openai:a"), models.complete("openai:b")
        assert models.complete("openai:a") is first
        assert first.endpoint.lanes is second.endpoint.lanes  # type: ignore[attr-defined]
        with pytest.raises(SettingsError):
            models.complete("openai:c")
        await models.aclose()


def test_importing_the_doors_loads_no_vendor() -> None:
    code = (
        "import sys\n"
        "import app.delegates.llm, app.delegates.llm.models\n"
        "from app.settings import ModelSetting, ModelSettings\n"
        "rows = (ModelSetting(name='openai:x'), ModelSetting(name='openai:y', door='direct'))\n"
        "models = app.delegates.llm.models.Models(ModelSettings(models=rows))\n"
        "models.complete('openai:x'), models.complete('openai:y')\n"
        "app.delegates.llm.models.configured(models.settings)\n"
        "heavy = {'openai', 'langchain', 'langchain_core', 'langchain_openai', 'langsmith',\n"
        "         'aiohttp', 'httpx', 'httpx2', 'pydantic', 'langgraph'}\n"
        "import json\n"
        "print(json.dumps(sorted(heavy & {name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
