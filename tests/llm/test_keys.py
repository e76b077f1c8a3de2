"""A canary key, through every fault at debug level, is found nowhere but in the request."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.delegates.base import Message
from app.delegates.llm.faults import CallFailed
from app.delegates.llm.models import Models, configured
from app.settings import ModelSetting, ModelSettings, Secret, models_from
from tests.llm.fault_cases import CASES, Case
from tests.llm.misbehaviour import message, status
from tests.llm.rig import HASTY, KINDS, PATIENT, ask, door, outcome
from tests.llm.server import ModelServer

CANARY = "sk-canary-Zq7WmXv20pLrT9hK"
BRIEF = "CANARYBRIEFxv81"


def traces(text: str) -> list[str]:
    """Every part of the key, plain or in base64, that a text gives away."""
    shapes = [CANARY, base64.b64encode(CANARY.encode()).decode(), CANARY[::-1], BRIEF]
    parts = [CANARY[at : at + 8] for at in range(3, len(CANARY) - 7)]
    return [part for part in (*shapes, *parts) if part in text]


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """All logging of the process at debug level, with tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def told(error: BaseException) -> str:
    """Everything an exception can tell, with all that hangs on it."""
    parts = ["".join(traceback.format_exception(error)), repr(error), repr(error.__dict__)]
    linked: BaseException | None = error.__cause__ or error.__context__
    while linked is not None:
        parts.append(repr(linked) + repr(linked.__dict__))
        linked = linked.__cause__ or linked.__context__
    return "\n".join(parts)


def written(folder: Path) -> list[str]:
    """What was left on disk, and what the process list shows."""
    texts = [path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    shown = Path("/proc/self/cmdline")
    return [*texts, shown.read_text("utf-8")] if shown.exists() else texts


ECHO = {"error": {"message": f"Incorrect API key: {CANARY}", "code": CANARY, "param": CANARY}}
ECHOES = [
    Case(name=f"{number} that echoes the key", behave=status(number, ECHO, {"x-key": CANARY}))
    for number in (400, 401, 403, 404, 429, 500)
]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_key_is_nowhere(
    kind: str,
    everything_logged: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    said: list[str] = []
    secret = ask(messages=(Message(role="user", text=BRIEF),))
    for case in (*CASES, *ECHOES):
        policy = HASTY if case.hasty else PATIENT
        async with (
            ModelServer() as server,
            door(kind, server.url, key=CANARY, policy=policy) as made,
        ):
            server.script.append(case.behave)
            got = await outcome(made, secret, case.modes[0])
            sent = server.requests[0].headers["authorization"] if server.requests else ""
            assert sent in ("", f"Bearer {CANARY}")
            said += [repr(got), repr(made), repr(made.endpoint), repr(made.setting)]
            if isinstance(got, CallFailed):
                said.append(told(got))
    out = capsys.readouterr()
    said += [everything_logged.getvalue(), out.out, out.err]
    said += written(tmp_path)
    assert len(said) > 200
    assert traces("\n".join(said)) == []


@pytest.mark.parametrize("mode", ["whole", "streamed"])
@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_with_the_key_is_none(kind: str, mode: str) -> None:
    for says, model in ((f"The reference is {CANARY} for all of us.", "m"), ("Good.", CANARY)):
        async with ModelServer() as server:
            server.model = model
            server.script.append(message(content=says))
            async with door(kind, server.url, key=CANARY) as made:
                got = await outcome(made, ask(), mode)
        assert isinstance(got, CallFailed)
        assert (got.code, got.tries) == ("key-sent", 1)
        assert traces(told(got)) == []


async def test_a_word_for_a_key_is_no_secret() -> None:
    async with (
        ModelServer(lambda _: "The list is EMPTY for now.") as server,
        door("direct", server.url, key="EMPTY") as made,
    ):
        assert not isinstance(await outcome(made, ask(), "whole"), CallFailed)


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(CANARY)
    setting = ModelSetting(name="openai:m", key=secret)
    shown = [repr(secret), str(secret), f"{secret}", repr(setting), repr(ModelSettings())]
    assert traces("\n".join(shown)) == []
    assert secret.reveal() == CANARY
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_lists_and_errors_do_not_show_it(own_home: Path) -> None:
    own_home.mkdir()
    path = own_home / "models.toml"
    path.write_text(f'[[model]]\nname = "openai:m"\nkey = "{CANARY}"\n')
    path.chmod(0o600)
    settings = models_from()
    assert settings.models[0].key == Secret(CANARY)
    assert traces(repr(settings) + repr(configured(settings)) + repr(Models(settings))) == []

    path.write_text(f'[[model]]\nname = "openai:m"\nkey = "{CANARY}" oops\n')
    code = "from app.settings import models_from\nmodels_from()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode
    assert traces(done.stdout + done.stderr) == []
