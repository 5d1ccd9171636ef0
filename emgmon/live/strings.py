"""Every word that the window shows, by a short name: one table, so that it can be translated in one place.

A sentence of another room (a notice of the runner, a remedy, the title of an exercise) comes as it is from there.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # pages and header
    "page.sensors": "Sensors",
    "page.calibrate": "Calibrate",
    "page.train": "Train",
    "page.signals": "Signals",
    "page.review": "Review",
    "page.history": "History",
    "review.none": "No recording is open",
    "review.none.how": "Open a recording (O), or drop one here.",
    "review.cannot": "{name} cannot be opened: {why}",
    "review.open": "Open a recording",
    "review.kind": "Recordings (*.mcap)",
    "history.none": "No history yet",
    "history.none.how": "After two sessions of one exercise this page shows what changed between them, "
    "and whether the change is larger than the noise of the measurement.",
}


def words(key: str, **values: object) -> str:
    """Return the text of one name in the person's language, with `values` filled in."""
    text = ENGLISH[key]
    return text.format(**values) if values else text
