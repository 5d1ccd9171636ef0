"""Finds the session that somebody means."""

from __future__ import annotations

from pathlib import Path

from emgmon.errors import StoreError
from emgmon.storage.sessions.reading import Listed, listed
from emgmon.storage.sessions.store import Store

SHORT = 8
"""Letters of a session's name that lists show."""
LAST = "last"


def found(store: Store, wanted: str) -> Listed:
    """Return the session of a name: the beginning of its SHA-256, its recording's path or file name, or ``last``.

    Raises
    ------
    StoreError
        When there is none, or more than one.
    """
    every = listed(store)
    if not every:
        raise StoreError("The store is empty; 'emgmon sessions add RECORDING' or 'emgmon sessions rebuild' fills it.")
    if wanted == LAST:
        return every[-1]
    matches = [item for item in every if wanted and item.sha256.startswith(wanted.lower())]
    matches = matches or [item for item in every if wanted in {item.path, Path(item.path).name, Path(item.path).stem}]
    matches = matches or [item for item in every if wanted and Path(item.path) == Path(wanted).resolve()]
    if not matches:
        raise StoreError(f"No session is called {wanted!r}; 'emgmon sessions list' shows their names.")
    if len(matches) > 1:
        names = ", ".join(item.sha256[:SHORT] for item in matches[:4])
        raise StoreError(f"{wanted!r} may be {names}{' or more' if len(matches) > 4 else ''}; write more of the name.")
    return matches[0]
