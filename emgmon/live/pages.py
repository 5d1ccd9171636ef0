"""The pages of the window as a table: a name on a tab, a widget below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from emgmon.live.near import label
from emgmon.live.theme import Theme

SENSORS, CALIBRATE, TRAIN, SIGNALS, REVIEW, HISTORY = "Sensors", "Calibrate", "Train", "Signals", "Review", "History"
PROGRAMME = "Programme"
"""The tabs, in their order."""


class Screen(Protocol):
    """What the window asks of a page; each is a `QWidget` as well, and keeps what it knows while another is seen."""

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""

    def refresh(self) -> None:
        """Show what is new: called when the page comes to the front, and there with everything new."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes
    ----------
    name : str
        On its tab.
    widget : QWidget
        Below it.
    screen : Screen
        The same object, as what the window speaks to.
    lively : bool
        It is refreshed at each tick that told something, not only when the board changed.
    flows : bool
        It is refreshed at each tick that brought anything, signals too.
    every : int
        Ticks of the session's timer from one refresh to the next: 1 where the delay of a picture matters most.
    """

    name: str
    widget: QWidget
    screen: Screen
    lively: bool = True
    flows: bool = False
    every: int = 2


def empty(page: QWidget, title: str, how: str) -> None:
    """Fill a page that has nothing to show: what will be here, and how to get it."""
    column = QVBoxLayout(page)
    column.setContentsMargins(26, 16, 26, 16)
    column.addStretch(2)
    heading, text = label(title, 44, 700, wraps=True), label(how, 24, 450, name="second", wraps=True)
    for part in (heading, text):
        part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(part)
    column.addStretch(3)
