"""See and train who does the work when you extend the hip: glutes, hamstrings or low back.

A script needs only what stands here::

    import emgmon

    summary = emgmon.analyse(emgmon.read_recording("set.mcap"))
    for rep in summary.sets[0].reps:
        print(rep.index, rep.value("share_glute", "hold"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from emgmon.errors import EmgmonError
    from emgmon.model import Mark, Packet, Placement, RepSummary, SessionSummary, SetSummary
    from emgmon.report import session_html, session_json, session_text
    from emgmon.runner import analyse
    from emgmon.storage.recording import read_recording

__all__ = [
    "EmgmonError",
    "Mark",
    "Packet",
    "Placement",
    "RepSummary",
    "SessionSummary",
    "SetSummary",
    "__version__",
    "analyse",
    "read_recording",
    "session_html",
    "session_json",
    "session_text",
]

_HOMES = {
    "EmgmonError": "emgmon.errors",
    "Mark": "emgmon.model",
    "Packet": "emgmon.model",
    "Placement": "emgmon.model",
    "RepSummary": "emgmon.model",
    "SessionSummary": "emgmon.model",
    "SetSummary": "emgmon.model",
    "analyse": "emgmon.runner",
    "read_recording": "emgmon.storage.recording",
    "session_html": "emgmon.report",
    "session_json": "emgmon.report",
    "session_text": "emgmon.report",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``emgmon --help`` loads neither numpy nor Qt."""
    if name not in _HOMES:
        raise AttributeError(f"module 'emgmon' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - that is the point

    return getattr(import_module(_HOMES[name]), name)
