"""A server whose log is in PostgreSQL, by the setting alone: killed, started again, all there."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import from_environment
from tests.eventlog.places import PostgresDatabase
from tests.eventlog.postgres import PASSWORD
from tests.web.service import Service


@pytest.mark.timeout(300)
def test_a_table_in_postgresql_outlives_a_killed_server(
    tmp_path: Path, postgres: PostgresDatabase
) -> None:
    service = Service(tmp_path, PARLEY_DATABASE=postgres.url).start()
    try:
        table = service.open(case="first-offer", seed=1, seats={"candidate": "person"})
        before = service.get(f"/v1/tables/{table}?viewer=candidate")
        service.kill()
        service.start()
        after = service.get(f"/v1/tables/{table}?viewer=candidate")
        assert (after["table"], after["you"]) == (before["table"], before["you"])
        assert after["head"] >= before["head"] > 0
        kept = postgres.rows(f"SELECT count(*) FROM event WHERE table_id = '{table}'")
        assert kept[0][0] > 0
        assert not (tmp_path / "parley.db").exists()
        assert PASSWORD not in service.log
    finally:
        assert service.stop() == 0, service.log


def test_settings_show_no_password(tmp_path: Path) -> None:
    url = "postgresql://parley:very-secret-word@db.invalid/parley"
    settings = from_environment({"PARLEY_HOME": str(tmp_path), "PARLEY_DATABASE": f" {url} "})
    assert settings.database == url
    assert "very-secret-word" not in repr(settings)
