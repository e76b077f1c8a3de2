"""A Dockerfile run as plain commands: each stage is a folder, absolute paths are moved into it.

What this cannot show: the base image itself, and the steps in `SKIPPED`.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

SKIPPED = {
    r"(apt-get|apk)\b": "system packages would be installed on the machine that runs the tests",
    r"(useradd|groupadd|adduser|addgroup)\b": "a user would be made on that machine",
}
# The image keeps no package cache; here the cache saves a download, and bytecode is not needed.
LEFT_OUT = {"PIP_NO_CACHE_DIR"}
MOVED = re.compile(r"(?<![\w./$}~-])(/(?:opt|src|srv|var|home|app|data)\b)")
WORDS = re.compile(
    r"^(FROM|ENV|WORKDIR|COPY|RUN|USER|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD)\s+(.*)$",
    re.DOTALL,
)


@dataclass(kw_only=True)
class Stage:
    """One stage of the build, standing in a folder."""

    name: str
    folder: Path
    workdir: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    user: str = "root"
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """Give the real path of a path in the image."""
        return self.folder / os.path.normpath(os.path.join(self.workdir, path)).lstrip("/")

    def moved(self, text: str) -> str:
        """Rewrite the absolute paths in a command."""
        return MOVED.sub(lambda found: f"{self.folder}{found.group(1)}", text)

    def environment(self, home: str) -> dict[str, str]:
        """Give the variables that a command of this stage sees."""
        passed = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "SSL_CERT")) or name.lower().endswith("_proxy")
        }
        path = f"{self.folder}/shims:/usr/bin:/bin"
        own = {
            name: self.moved(value).replace("$PATH", path)
            for name, value in self.env.items()
            if name not in LEFT_OUT
        }
        return {"PATH": path, "PIP_NO_COMPILE": "1", **passed, "HOME": home, **own}


def parse(text: str) -> list[tuple[str, str]]:
    """Split a Dockerfile into its steps; a word that is not known here is an error."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    steps = []
    for line in filter(str.strip, joined.splitlines()):
        found = WORDS.match(line.strip())
        if not found:
            raise ValueError(f"not understood: {line}")
        steps.append((found.group(1), found.group(2).strip()))
    return steps


def skipped(command: str) -> str | None:
    """Give the reason why a RUN step is not run here, if there is one."""
    reasons = [why for pattern, why in SKIPPED.items() if re.match(pattern, command)]
    return reasons[0] if reasons else None


@dataclass(kw_only=True)
class Image:
    """The build: a context folder, and the stages made so far."""

    context: Path
    folder: Path
    stages: list[Stage] = field(default_factory=list)

    def build(self, text: str) -> Stage:
        """Carry out all steps and give the last stage."""
        for word, rest in parse(text):
            getattr(self, f"do_{word.lower()}")(rest)
        return self.stages[-1]

    @property
    def stage(self) -> Stage:
        """The stage that is being built."""
        return self.stages[-1]

    def do_from(self, rest: str) -> None:
        name = rest.split(" AS ")[1] if " AS " in rest else str(len(self.stages))
        stage = Stage(name=name, folder=self.folder / f"stage-{len(self.stages)}")
        shims = stage.folder / "shims"
        shims.mkdir(parents=True)
        base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        for alias in ("python", "python3"):
            (shims / alias).write_text(f'#!/bin/sh\nexec {shlex.quote(str(base))} "$@"\n')
            (shims / alias).chmod(0o755)
        self.stages.append(stage)

    def do_env(self, rest: str) -> None:
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            self.stage.env[name] = value

    def do_workdir(self, rest: str) -> None:
        self.stage.workdir = rest
        self.stage.inside(".").mkdir(parents=True, exist_ok=True)

    def do_copy(self, rest: str) -> None:
        words = rest.split()
        flags = [word for word in words if word.startswith("--")]
        *sources, target = [word for word in words if not word.startswith("--")]
        origin = next((flag[7:] for flag in flags if flag.startswith("--from=")), None)
        giver = next((stage for stage in self.stages if stage.name == origin), None)
        for source in sources:
            path = giver.inside(source) if giver else self.context / source
            place = self.stage.inside(target)
            if path.is_dir():
                shutil.copytree(
                    path,
                    place,
                    symlinks=True,
                    dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__"),
                )
            else:
                place = place / path.name if target.endswith("/") else place
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)
            if giver:
                self.settle(place, giver)

    def settle(self, place: Path, giver: Stage) -> None:
        """Let copied scripts name this stage's folder; in an image both are the same path."""
        for script in place.glob("bin/*"):
            if script.is_symlink():
                continue
            text = script.read_bytes()
            script.write_bytes(text.replace(bytes(giver.folder), bytes(self.stage.folder)))

    def do_run(self, rest: str) -> None:
        reason = skipped(rest)
        print(f"RUN {rest}" + (f"\n  skipped: {reason}" if reason else ""))
        if reason:
            return
        done = subprocess.run(
            ["/bin/sh", "-euc", self.stage.moved(rest)],
            cwd=self.stage.inside("."),
            env=self.stage.environment(os.path.expanduser("~")),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"RUN {rest}\n{done.stdout}\n{done.stderr}")

    def do_user(self, rest: str) -> None:
        self.stage.user = rest

    def do_volume(self, rest: str) -> None:
        self.stage.inside(rest).mkdir(parents=True, exist_ok=True)

    def do_expose(self, rest: str) -> None:
        assert rest.isdigit()

    def do_healthcheck(self, rest: str) -> None:
        self.stage.health = json.loads(rest.partition("CMD ")[2])

    def do_entrypoint(self, rest: str) -> None:
        self.stage.entry = json.loads(rest)

    def do_cmd(self, rest: str) -> None:
        self.stage.command = json.loads(rest)
