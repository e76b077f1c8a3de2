"""What an operator can do about a complaint of a database, or of Redis."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SQLITE = {
    "not a database": "the file is something else: choose another path",
    "malformed": "the file is damaged: restore a copy",
    "readonly": "make the file and its folder writable",
    "read-only": "make the file and its folder writable",
    "full": "make room on the disk",
    "disk I/O": "check the disk",
    "locked": "another process holds it: stop that one, or try again",
    "unable to open": "does its folder exist, and may it be written?",
}
_POSTGRESQL = {
    "password authentication failed": "check user and password in the log's URL",
    "no password supplied": "write the password into the log's URL, or into ~/.pgpass",
    "no pg_hba.conf entry": "let this user and machine in, in the server's pg_hba.conf",
    "Connection refused": "is the server running, at this host and port?",
    "No such file or directory": "is the server running, at this host and port?",
    "resolve host": "check the host in the log's URL",
    "translate host": "check the host in the log's URL",
    "timeout expired": "does the server answer at this host and port?",
    "lock timeout": "another process holds it: stop that one, or try again",
    "permission denied": "make the log's user the owner of its database",
    "read-only transaction": "this server is a copy that cannot be written: name the one that can",
    "starting up": "try again in a moment",
    "shutting down": "try again when the server is back",
    "terminating connection": "try again when the server is back",
    "connection is lost": "try again when the server is back",
    "server closed the connection": "try again when the server is back",
    "connection slots": "the server has no connection left: raise its max_connections",
    "too many": "the server has no connection left: raise its max_connections",
    "No space left": "make room on the server's disk",
    "invalid connection option": "take that option out of the log's URL",
    "does not exist": "create it first, owned by the log's user and with encoding UTF8",
}
_REDIS = {
    "WRONGPASS": "check user and password in PARLEY_REDIS",
    "invalid username-password": "check user and password in PARLEY_REDIS",
    "invalid password": "check user and password in PARLEY_REDIS",
    "without any password configured": "take the password out of PARLEY_REDIS, or set one there",
    "Authentication required": "write the password into PARLEY_REDIS",
    "NOAUTH": "write the password into PARLEY_REDIS",
    "no permissions": "let this user do +@pubsub +@connection on the channels &PREFIX:*",
    "DB index": "the server has fewer databases: name a lower one in PARLEY_REDIS",
    "CERTIFICATE_VERIFY_FAILED": "name who signed its certificate: ?ssl_ca_certs=FILE",
    "SSL": "does this port speak TLS? rediss:// is for TLS, redis:// for none",
    "Connection refused": "is the server running, at this host and port?",
    "Connect call failed": "is the server running, at this host and port?",
    "Name or service not known": "check the host in PARLEY_REDIS",
    "name resolution": "check the host in PARLEY_REDIS",
    "max number of clients": "the server has no connection left: raise its maxclients",
    "unknown command": "is this a Redis server?",
    "Protocol Error": "is this a Redis server?",
    "closed by server": "is the server going, or does this port want TLS (rediss://)?",
    "reset by peer": "is the server going, or does this port want TLS (rediss://)?",
}
_REMEDIES: Mapping[str, Mapping[str, str]] = {
    "sqlite": _SQLITE,
    "postgresql": _POSTGRESQL,
    "redis": _REDIS,
}

_GUESSES = re.compile(r"\n\t(Is the server running|This probably means|before or while)[^\n]*")
_DETAILS = re.compile(r"\n(LINE \d+|DETAIL|CONTEXT|HINT): .*", re.DOTALL)


def complaint(database: str, words: str) -> str:
    """The database's own words in one line, and the remedy where one is known.

    What PostgreSQL adds below its message is left out: it guesses, or quotes statements and rows.
    """
    found = _REMEDIES.get(database, {})
    remedy = next((text for sign, text in found.items() if sign in words), "")
    said = " ".join(_DETAILS.sub("", _GUESSES.sub("", words)).split())
    return f"{said}; {remedy}" if remedy else said
