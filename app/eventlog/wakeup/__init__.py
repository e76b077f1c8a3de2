"""Wake-ups: hints that a table's log grew, within one process or, over Redis, between several.

Redis comes in by `app.eventlog.wakeup.redis`, which nothing imports before an operator names a
server, so importing this package costs nothing.
"""

from __future__ import annotations

from app.eventlog.wakeup.local import LocalBell, LocalWakeup

__all__ = ["LocalBell", "LocalWakeup"]
