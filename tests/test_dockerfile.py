"""The Dockerfile's steps, run as plain commands, end in a server that passes its own health check.

No container engine is needed; `tests/image.py` says what this cannot show.
"""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.image import Image, Stage, parse
from tests.needs import need

PORT = "8000"
NO_INDEX = re.compile(r"No matching distribution|Connection|Temporary failure|Name or service")

FAKE_DOCKERFILE = """
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/fake
COPY serve.py ./
RUN printf '#!%s\\n' /opt/fake/bin/python > /opt/fake/bin/fake \\
    && cat serve.py >> /opt/fake/bin/fake && chmod +x /opt/fake/bin/fake

FROM python:3.12-slim
RUN useradd nobody-real
COPY --from=build /opt/fake /opt/fake
ENV PATH=/opt/fake/bin:$PATH FAKE_HOME=/var/lib/fake
USER nobody-real
VOLUME /var/lib/fake
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/')"]
ENTRYPOINT ["fake"]
CMD ["--host", "0.0.0.0", "--port", "8000"]
"""
FAKE_SERVER = """
import http.server, os, sys
os.chdir(os.environ["FAKE_HOME"])
http.server.test(http.server.SimpleHTTPRequestHandler, bind=sys.argv[2], port=int(sys.argv[4]))
"""


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def starts_and_is_healthy(stage: Stage) -> None:
    """Start the image's command on a free loopback port and ask its own health check."""
    port = free_port()
    env = stage.environment(str(stage.folder))
    cwd = stage.inside(".")
    command = [
        {"0.0.0.0": "127.0.0.1", PORT: port}.get(word, word)
        for word in (*stage.entry, *stage.command)
    ]
    health = [word.replace(f":{PORT}/", f":{port}/") for word in stage.health]
    assert health != stage.health
    command[0] = shutil.which(command[0], path=env["PATH"]) or command[0]
    health[0] = shutil.which(health[0], path=env["PATH"]) or health[0]
    assert Path(command[0]).is_relative_to(stage.folder), "the command is not the image's own"

    log = stage.folder / "server.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=out) as server,
    ):
        try:
            last = ask(health, server, env)
            assert last.returncode == 0, last.stderr + log.read_text()
        finally:
            server.terminate()
            code = server.wait(timeout=20)
    assert code in {0, -15}, log.read_text()


def ask(
    health: list[str], server: subprocess.Popen[bytes], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Repeat the health check as an engine would, until it passes, the server ends or 60 s go."""
    until = time.monotonic() + 60
    while True:
        last = subprocess.run(health, env=env, capture_output=True, text=True, check=False)
        if last.returncode == 0 or server.poll() is not None or time.monotonic() > until:
            return last
        time.sleep(0.2)


def test_a_small_image_is_built_and_serves(tmp_path: Path) -> None:
    """The runner itself, on two stages without a package index."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "serve.py").write_text(FAKE_SERVER)
    image = Image(context=context, folder=tmp_path / "image")
    stage = image.build(FAKE_DOCKERFILE)
    shutil.rmtree(image.stages[0].folder)
    starts_and_is_healthy(stage)


def test_a_failing_step_fails_the_build(tmp_path: Path) -> None:
    image = Image(context=tmp_path, folder=tmp_path / "image")
    with pytest.raises(RuntimeError, match="RUN false"):
        image.build("FROM x\nRUN false && true\n")


def test_the_image_is_small_in_rights_and_holds_no_secret(root: Path) -> None:
    steps = parse((root / "Dockerfile").read_text("utf-8"))
    words = [word for word, _ in steps]
    assert words.count("FROM") == 2
    assert [rest for word, rest in steps if word == "USER"][-1] not in {"root", "0"}
    assert "HEALTHCHECK" in words
    text = " ".join(rest for word, rest in steps if word == "ENV")
    assert not re.search(r"KEY|TOKEN|SECRET|PASSWORD", text)


def test_the_context_holds_only_what_is_copied(root: Path) -> None:
    allowed = (root / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in allowed
    copied = {
        source
        for word, rest in parse((root / "Dockerfile").read_text("utf-8"))
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    assert {line[1:] for line in allowed if line.startswith("!")} == copied
    assert [source for source in sorted(copied) if not (root / source).exists()] == []


@pytest.mark.timeout(900)
def test_the_image_is_built_and_serves(root: Path, tmp_path: Path) -> None:
    image = Image(context=root, folder=tmp_path / "image")
    try:
        stage = image.build((root / "Dockerfile").read_text("utf-8"))
    except RuntimeError as error:
        need(not NO_INDEX.search(str(error)), "the package index is not reachable")
        raise
    shutil.rmtree(image.stages[0].folder)
    starts_and_is_healthy(stage)
