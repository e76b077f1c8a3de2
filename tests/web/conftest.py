"""One server for the tests that do not harm it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.service import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server of this test run."""
    server = Service(tmp_path_factory.mktemp("service"))
    server.start()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log
