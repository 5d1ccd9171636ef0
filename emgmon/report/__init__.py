"""Turns a finished session into a page, a terminal summary or JSON; returns text, writes nothing.

``reading`` decides what a set allows to be said, ``finding`` says it in one sentence, and the three writers show it:
``summary`` as HTML, ``text`` for a terminal, ``tidy`` for programs.
"""

from __future__ import annotations

from emgmon.report.summary import session_html
from emgmon.report.text import session_text
from emgmon.report.tidy import session_json

__all__ = ["session_html", "session_json", "session_text"]
