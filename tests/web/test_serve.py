"""`parley serve`: what it prints, how it refuses, and what the service says of itself."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from app.commands import serve
from tests.web.service import TOKEN, Service


def test_a_busy_port_is_named_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert serve.run(port=port) == 2
    said = capsys.readouterr().err
    assert f"port {port}" in said
    assert "--port 0" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_another_address_than_loopback_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    assert serve.run(host=host, port=0) == 2
    assert "--behind-proxy" in capsys.readouterr().err


def test_a_damaged_log_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    (tmp_path / "parley.db").write_bytes(b"this is no database, " * 100)
    assert serve.run(port=0) == 2
    assert "parley.db" in capsys.readouterr().err


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(tmp_path: Path, sign: int) -> None:
    server = Service(tmp_path / "home").start()
    server.open(case="first-offer", seats={"candidate": "person"})
    assert server.stop(sign) in (0, -signal.SIGTERM)
    assert "Traceback" not in server.log
    assert f"#token={TOKEN}" in server.log
    assert "fiction" in server.log


def test_the_description_has_examples_and_the_one_shape_of_errors(service: Service) -> None:
    told = service.get("/openapi.json")
    assert "examples" in json.dumps(told["components"]["schemas"]["NewTable"])
    assert "examples" in json.dumps(told["components"]["schemas"]["Handed"])
    for path, item in told["paths"].items():
        for method, route in item.items():
            # The chat interface answers in the shape of the interface that it imitates.
            ours = path.startswith("/v1/") and not path.startswith(("/v1/models", "/v1/chat/"))
            if ours:
                shape = route["responses"]["409"]["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/Problem"}, (path, method)
    assert set(told["components"]["schemas"]["Problem"]["properties"]) == {
        "code",
        "message",
        "place",
        "remedy",
    }


def test_the_list_and_the_state_of_a_table(service: Service) -> None:
    table = service.open(case="first-offer", seed=6, preset="guided", seats={"firm": "person"})
    row = next(row for row in service.get("/v1/tables") if row["id"] == table)
    assert row["preset"] == "guided"
    assert {seat["id"]: seat["occupant"] for seat in row["seats"]}["firm"] == "person"
    watching = service.get(f"/v1/tables/{table}")
    assert watching["you"] == {"viewer": "watcher", "role": "watcher"}
    own = service.get(f"/v1/tables/{table}?viewer=firm")
    package = {i["id"]: i["options"][0]["id"] for i in own["table"]["issues"]}
    worth = service.post(f"/v1/tables/{table}/worth", {"viewer": "firm", "package": package})
    sheet = own["you"]["sheet"]
    assert worth["total"] == sum(sum(sheet[i][o]) for i, o in package.items())
    names = [case["name"] for case in service.get("/v1/cases")]
    assert "table-for-five" in names


def test_options_are_shown_in_an_order_of_ones_own(service: Service) -> None:
    orders = set()
    for seed in range(4):
        table = service.open(case="first-offer", seed=seed)
        issues = service.get(f"/v1/tables/{table}?viewer=firm")["table"]["issues"]
        orders.add(tuple(option["id"] for issue in issues for option in issue["options"]))
    assert len(orders) == 4
