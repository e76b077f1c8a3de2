"""`parley serve`: the service on this machine, with the address to open."""

from __future__ import annotations

import sys
from dataclasses import replace

from app.errors import ParleyError
from app.settings import Settings, from_environment


def run(host: str | None = None, port: int | None = None, *, behind_proxy: bool = False) -> int:
    """Serve until Ctrl-C; 0 then, 2 when it cannot start."""
    from app.main import listen, serve

    try:
        settings = from_environment(host=host, port=port, behind_proxy=behind_proxy)
        sock = listen(settings.host, settings.port)
    except ParleyError as error:
        print(f"parley serve: {error}", file=sys.stderr)
        return 2
    settings = replace(settings, port=sock.getsockname()[1])
    try:
        print("Parley: a rehearsal table. Everything played here is fiction.")
        print(f"Open     {settings.address}#token={settings.token}")
        print(f"Data in  {settings.home}")
        if settings.redis is not None:
            print(f"Wake-ups {settings.redis.place}, channels {settings.redis.channels}*")
        for line in models_told(settings):
            print(line)
        print("Stop with Ctrl-C; open tables go on at the next start.", flush=True)
        serve(settings, sock)
    except KeyboardInterrupt:
        pass
    except ParleyError as error:
        print(f"parley serve: {error}", file=sys.stderr)
        return 2
    finally:
        sock.close()
    print("Stopped. Nothing is lost.")
    return 0


def models_told(settings: Settings) -> list[str]:
    """Which models tables may use, and what each lacks; nothing where none is listed."""
    from app.delegates.llm.models import lacking

    told = []
    for setting in settings.models.models:
        missing = lacking(setting)
        told.append(f"Model    {setting.name}{f': {missing}' if missing else ''}")
    if settings.models.chat:
        told.append(f"Chat     {settings.models.chat} answers chat clients")
    return told
