"""The colours of a row of the Signals page, as the columns are painted with them."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor

from emgmon.live.columns import Inks
from emgmon.live.theme import Theme, blend


@cache
def inks_of(theme: Theme, group: str) -> Inks:
    """Return the colours of a row."""
    return Inks(
        ground=QColor(theme.panel).rgb(),
        lost=blend(theme.panel, theme.lost, 0.18).rgb(),
        second=QColor(theme.track).rgb(),
        middle=QColor(theme.line).rgb(),
        trace=QColor(theme.group(group)).rgb(),
        amber=QColor(theme.hamstrings).rgb(),
        red=QColor(theme.lost).rgb(),
    )
