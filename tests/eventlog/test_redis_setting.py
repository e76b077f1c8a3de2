"""PARLEY_REDIS: what it may say, and that an error names it, the remedy and no password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import doctor
from app.errors import SettingsError
from app.eventlog.wakeup import LocalWakeup
from app.main import create_app, open_wakeup
from app.settings import from_environment, redis_from
from tests.eventlog.redis_server import PASSWORD, RedisServer, free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "pa55word"


@pytest.mark.parametrize(
    ("text", "place", "login"),
    [
        ("redis://db.example", "redis://db.example:6379/0", ("", None)),
        ("redis://db.example:7000/3", "redis://db.example:7000/3", ("", None)),
        (f"redis://:{SECRET}@10.0.0.1/", "redis://10.0.0.1:6379/0", ("", SECRET)),
        (f"rediss://ann:{SECRET}@[::1]:6380/1", "rediss://[::1]:6380/1", ("ann", SECRET)),
        (" redis://:a%40b%3Ac%2F@h ", "redis://h:6379/0", ("", "a@b:c/")),
        (f"rediss://h?ssl_ca_certs={__file__}", "rediss://h:6379/0", ("", None)),
    ],
)
def test_addresses(text: str, place: str, login: tuple[str, str | None]) -> None:
    setting = redis_from({"PARLEY_REDIS": text})
    assert setting is not None
    assert setting.place == place
    password = None if setting.password is None else setting.password.reveal()
    assert (setting.user, password) == login
    assert SECRET not in repr(setting)


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET}",
        f"http://:{SECRET}@h",
        f"redis:/{SECRET}",
        f"redis://:{SECRET}@",
        f"redis://:{SECRET}@h:0",
        f"redis://:{SECRET}@h:70000",
        f"redis://:{SECRET}@h:port",
        f"redis://:{SECRET}@h/one",
        f"redis://:{SECRET}@h/99999999",
        f"redis://:a@{SECRET}@h",
        f"redis://:a/{SECRET}@h",
        f"redis://:1/{SECRET}@h",
        f"redis://:a?{SECRET}@h",
        f"redis://u:1?{SECRET}@h",
        f"redis://:a#{SECRET}@h",
        f"redis://{SECRET}@h",
        f"redis://:{SECRET} x@h",
        f"redis://:{SECRET}\x1b@h",
        f"redis://:{SECRET}@[::1",
        f"redis://:{SECRET}@h?db=1",
        f"redis://:{SECRET}@h?ssl_ca_certs=/f",
        f"rediss://:{SECRET}@h?ssl_cert_reqs=none",
        f"rediss://:{SECRET}@h?ssl_ca_certs=",
        f"rediss://:{SECRET}@h?ssl_certfile={__file__}",
        f"rediss://:{SECRET}@h?ssl_ca_certs=/not/there",
        f"unix:///{SECRET}",
    ],
)
def test_what_cannot_be_used_is_said_without_quoting_it(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^PARLEY_REDIS cannot be used: .*redis://") as error:
        redis_from({"PARLEY_REDIS": text})
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("prefix", ["a b", "x" * 65, "a:b", "*", "ü", "a\nb"])
def test_a_prefix_is_letters_and_digits(prefix: str) -> None:
    with pytest.raises(SettingsError, match="PARLEY_REDIS_PREFIX"):
        redis_from({"PARLEY_REDIS": "redis://h", "PARLEY_REDIS_PREFIX": prefix})


def test_channels_are_apart_by_prefix_and_by_database() -> None:
    named = [
        redis_from({"PARLEY_REDIS": f"redis://h/{number}", "PARLEY_REDIS_PREFIX": prefix})
        for number, prefix in ((0, ""), (1, ""), (0, "ours"))
    ]
    assert [each and each.channels for each in named] == ["parley:0:", "parley:1:", "ours:0:"]


def test_settings_show_no_password(tmp_path: Path) -> None:
    named = {"PARLEY_HOME": str(tmp_path), "PARLEY_REDIS": f"redis://:{SECRET}@h"}
    assert SECRET not in repr(from_environment(named))


def test_without_the_setting_it_is_not_loaded(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from app.main import create_app\n"
        "from app.settings import from_environment\n"
        "create_app(from_environment())\n"
        "assert 'app.eventlog.wakeup' in sys.modules\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'redis'])\n"
    )
    env = {**os.environ, "PARLEY_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_without_the_setting_wake_ups_stay_in_this_process(tmp_path: Path) -> None:
    settings = from_environment({"PARLEY_HOME": str(tmp_path)})
    assert isinstance(open_wakeup(settings), LocalWakeup)


def test_without_the_client_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "app.eventlog.wakeup.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    named = {"PARLEY_HOME": str(tmp_path), "PARLEY_REDIS": f"redis://:{SECRET}@h"}
    with pytest.raises(SettingsError, match=r"parley\[scale\]"):
        create_app(from_environment(named))
    assert not (tmp_path / "parley.db").exists(), "said before anything is opened"


def test_doctor_sends_a_ring(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLEY_REDIS", redis.url())
    assert doctor.run([]) == 0
    assert (
        f"redis://127.0.0.1:{redis.port}/0: wake-ups: a ring came back" in capsys.readouterr().out
    )
    assert doctor.run([], json=True) == 0
    assert '"ok": true' in capsys.readouterr().out


def test_doctor_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLEY_REDIS", f"redis://:{PASSWORD}@127.0.0.1:{free_port()}")
    assert doctor.run([]) == 1
    said = capsys.readouterr()
    assert "is the server running, at this host and port?" in said.out
    monkeypatch.setenv("PARLEY_REDIS", f"redis://:{PASSWORD}@127.0.0.1:port")
    assert doctor.run([]) == 2
    wrong = capsys.readouterr()
    assert "PARLEY_REDIS cannot be used" in wrong.err
    assert PASSWORD not in said.out + said.err + wrong.out + wrong.err
