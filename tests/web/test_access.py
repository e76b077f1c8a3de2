"""Host, Origin and credentials in all combinations; the login; what may be bound."""

from __future__ import annotations

import http.client
import json
import stat
from itertools import product
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings, default_home, from_environment
from app.web.access import Access
from tests.web.service import TOKEN, Service

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def handshake(service: Service, host: list[str], origin: str | None, credential: str) -> int:
    """The status of a websocket handshake."""
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    line.putrequest("GET", "/v1/tables/none/ws", skip_host=True, skip_accept_encoding=True)
    for name in host:
        line.putheader("Host", name)
    for name, value in headers(service, origin, credential):
        line.putheader(name, value)
    for name, value in (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", KEY),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "parley.v1"),
    ):
        line.putheader(name, value)
    line.endheaders()
    try:
        return line.getresponse().status
    finally:
        line.close()


def headers(service: Service, origin: str | None, credential: str) -> list[tuple[str, str]]:
    """Origin and credentials as headers."""
    found = [("Origin", origin)] if origin is not None else []
    if credential in ("bearer", "both"):
        found.append(("Authorization", f"Bearer {TOKEN}"))
    if credential in ("cookie", "both"):
        settings = Settings(home=Path(), token=TOKEN, port=service.port)
        access = Access(settings)
        found.append(("Cookie", f"{access.cookie}={access.login(TOKEN)}"))
    return found


def hosts(service: Service) -> dict[str, list[str]]:
    port = service.port
    return {
        "good": [f"127.0.0.1:{port}"],
        "name": [f"LocalHost:{port}"],
        "evil": [f"evil.example:{port}"],
        "suffix": [f"127.0.0.1:{port}.evil.example"],
        "other port": [f"127.0.0.1:{port + 1}"],
        "absent": [],
        "twice": [f"127.0.0.1:{port}", "evil.example"],
    }


def origins(service: Service) -> dict[str, str | None]:
    good = f"http://127.0.0.1:{service.port}"
    return {
        "none": None,
        "good": good,
        "null": "null",
        "evil": "https://evil.example",
        "prefix": f"{good}.evil.example",
        "suffix": "http://evil127.0.0.1",
        "other port": f"http://127.0.0.1:{service.port + 1}",
        "other scheme": f"https://127.0.0.1:{service.port}",
        "upper": good.upper(),
        "dot": good.replace("127.0.0.1", "127.0.0.1."),
        "empty": "",
    }


def test_handshakes_in_all_combinations(service: Service) -> None:
    wrong = []
    for (h, host), (o, origin), credential in product(
        hosts(service).items(), origins(service).items(), ("none", "cookie", "bearer", "both")
    ):
        status = handshake(service, host, origin, credential)
        welcome = h in ("good", "name") and (
            o == "good" or (o == "none" and credential in ("bearer", "both"))
        )
        # Without a credential the handshake is accepted and closed with 4401, so a page can tell.
        if (status == 101) != welcome:
            wrong.append((h, o, credential, status))
    assert wrong == []


def test_posts_in_all_combinations(service: Service) -> None:
    wrong: list[tuple[object, ...]] = []
    for (h, host), (o, origin), credential in product(
        hosts(service).items(), origins(service).items(), ("none", "cookie", "bearer", "both")
    ):
        line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        line.putrequest("POST", "/v1/tables", skip_host=True)
        for name in host:
            line.putheader("Host", name)
        for name, value in headers(service, origin, credential):
            line.putheader(name, value)
        line.putheader("Content-Type", "application/json")
        line.putheader("Content-Length", "2")
        line.endheaders(b"{}")
        answer = line.getresponse()
        body = json.loads(answer.read()) if answer.status != 400 else {}
        line.close()
        passed = h in ("good", "name") and (
            o == "good" or (o == "none" and credential in ("bearer", "both"))
        )
        # 422: it reached the route, which finds no case in {}.
        expected = (401 if credential == "none" else 422) if passed else None
        if expected is not None and answer.status != expected:
            wrong.append((h, o, credential, answer.status))
        if expected is None and answer.status not in (400, 403, 421):
            wrong.append((h, o, credential, answer.status))
        if body and set(body) != {"code", "message", "place", "remedy"}:
            wrong.append((h, o, credential, body))
    assert wrong == []


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/tables", "/v1/me", "/v1/tables/x/record"])
def test_nobody_known_gets_nothing(service: Service, path: str) -> None:
    for token in (None, "wrong", f"operator~{'0' * 64}", "x~watcher~", "~~"):
        status, body = service.raw(path, token=token)
        assert status == 401
        assert json.loads(body)["code"] == "not-logged-in"


def test_the_login_gives_a_cookie_that_no_script_reads(service: Service) -> None:
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    body = json.dumps({"token": TOKEN})
    line.request("POST", "/api/login", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    answer.read()
    cookie = answer.headers["set-cookie"]
    assert answer.status == 204
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    line.request("GET", "/v1/me", headers={"Cookie": cookie.split(";")[0]})
    answer = line.getresponse()
    assert json.loads(answer.read()) == {"role": "operator"}
    for wrong in ("", "no", TOKEN + "x", TOKEN.upper()):
        body = json.dumps({"token": wrong})
        line.request("POST", "/api/login", body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        answer.read()
        assert answer.status in (401, 422)
        assert "set-cookie" not in answer.headers
    line.close()


def test_answers_carry_the_security_headers(service: Service) -> None:
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    for path in ("/", "/static/table.js", "/v1/tables", "/nowhere", "/openapi.json"):
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers
    line.close()


def test_a_body_too_large_and_a_bad_one_get_the_one_shape(service: Service) -> None:
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    line.putrequest("POST", "/v1/tables")
    line.putheader("Authorization", f"Bearer {TOKEN}")
    line.putheader("Content-Length", "1100000")
    line.endheaders()
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "too-large")
    line.close()
    status, body = service.raw("/v1/tables", {"case": "first-offer", "preset": 7})
    assert status == 422
    assert json.loads(body)["place"] == "body.preset"
    status, body = service.raw("/v1/tables", {"case": "../../etc"})
    assert (status, json.loads(body)["code"]) == (404, "no-such-case")
    status, body = service.raw("/v1/tables", {"case": "first-offer", "preset": "no"})
    assert (status, json.loads(body)["code"]) == (409, "bad-session")
    status, body = service.raw("/nowhere")
    assert (status, json.loads(body)["code"]) == (404, "not-found")


def test_the_log_holds_no_token(service: Service) -> None:
    printed = [line for line in service.said if TOKEN.encode() in line]
    assert [line.split()[0] for line in printed] == [b"Open"]


def test_only_loopback_is_bound_without_a_word(tmp_path: Path) -> None:
    env = {"PARLEY_HOME": str(tmp_path)}
    with pytest.raises(SettingsError, match="--behind-proxy"):
        from_environment(env, host="0.0.0.0")
    assert from_environment(env, host="0.0.0.0", behind_proxy=True).behind_proxy
    assert from_environment(env, host="::1").host == "::1"


def test_the_token_is_made_once_and_kept_private(tmp_path: Path) -> None:
    env = {"PARLEY_HOME": str(tmp_path / "deep" / "home")}
    first = from_environment(env)
    assert len(first.token) >= 32
    assert from_environment(env).token == first.token
    mode = stat.S_IMODE((tmp_path / "deep" / "home" / "token").stat().st_mode)
    assert mode == 0o600
    assert first.token not in repr(first)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PARLEY_PORT", "eighty"), ("PARLEY_PORT", "70000"), ("PARLEY_TOKEN", "short")],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        from_environment({"PARLEY_HOME": str(tmp_path), name: value})


def test_the_home_follows_the_platform() -> None:
    assert default_home({"XDG_DATA_HOME": "/data"}, "linux") == Path("/data/parley")
    assert default_home({"XDG_DATA_HOME": "relative"}, "linux").name == "parley"
    assert default_home({}, "darwin").parts[-2:] == ("Application Support", "parley")
    assert default_home({"LOCALAPPDATA": "/local"}, "win32") == Path("/local/parley")
