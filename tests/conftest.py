"""What every test stands on: no network but loopback, no keys, and a home of its own."""

import ipaddress
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
LOCAL_NAMES = {"", "localhost"}
KEY_PREFIXES = ("OPENAI_", "ANTHROPIC_", "AZURE_", "GOOGLE_", "LANGSMITH_", "LANGCHAIN_", "PARLEY_")


class NetworkUsedError(RuntimeError):
    """A test tried to reach another machine."""


def stays_here(host: object) -> bool:
    """Tell whether a host, as given to a socket call, is this machine."""
    if host is None:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def guard_sockets(event: str, args: tuple[object, ...]) -> None:
    """Refuse what would leave the machine; an audit hook, so no library can go round it."""
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        if not isinstance(address, tuple):  # AF_UNIX, or a socket that is already connected
            return
        host = address[0]
    else:
        return
    if not stays_here(host):
        raise NetworkUsedError(f"{event} to {host!r}: tests speak with this machine only")


sys.addaudithook(guard_sockets)

# A loaded machine is no fault of the code: how long an example takes is measured in bench/.
settings.register_profile("parley", settings(), deadline=None)
settings.load_profile("parley")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty PARLEY_HOME and none of the operator's settings or keys."""
    for name in list(os.environ):
        if name.startswith(KEY_PREFIXES) and name != "PARLEY_TEST_DATA":
            monkeypatch.delenv(name)
    home = tmp_path / "parley-home"
    monkeypatch.setenv("PARLEY_HOME", str(home))
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    return home


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, the only loop the server runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Give the folder of public negotiation data, which is not part of the repository."""
    folder = os.environ.get("PARLEY_TEST_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("public data not found; set PARLEY_TEST_DATA")
    return Path(folder)
