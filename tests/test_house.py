"""The house rules of the tests hold: nothing leaves the machine, and each test has its own home."""

import os
import socket
from pathlib import Path

import pytest

from tests.conftest import NetworkUsedError, stays_here


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "", None, "0.0.0.0"]
)
def test_this_machine_is_allowed(host: str | None) -> None:
    assert stays_here(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "example.org", b"a.test"])
def test_another_machine_is_not(host: str | bytes) -> None:
    assert not stays_here(host)


def test_a_connection_to_another_machine_is_refused() -> None:
    with (
        socket.socket() as tcp,
        pytest.raises(NetworkUsedError, match=r"192\.0\.2\.1"),
    ):
        tcp.connect(("192.0.2.1", 9))


def test_a_datagram_to_another_machine_is_refused() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        pytest.raises(NetworkUsedError),
    ):
        udp.sendto(b"hello", ("192.0.2.1", 9))


def test_a_look_up_of_a_name_is_refused() -> None:
    with pytest.raises(NetworkUsedError):
        socket.getaddrinfo("example.org", 443)


def test_loopback_and_unix_sockets_work(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
    with (
        socket.socket(socket.AF_UNIX) as server,
        socket.socket(socket.AF_UNIX) as client,
    ):
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


async def test_asynchronous_tests_run_on_asyncio(anyio_backend_name: str) -> None:
    assert anyio_backend_name == "asyncio"


def test_home_is_redirected_and_no_key_is_seen(own_home: Path, tmp_path: Path) -> None:
    assert own_home.is_relative_to(tmp_path)
    assert os.environ["PARLEY_HOME"] == str(own_home)
    assert not [name for name in os.environ if name.endswith("_API_KEY") and "OPENAI" in name]
