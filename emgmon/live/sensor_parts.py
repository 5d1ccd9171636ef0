"""Two parts of the Sensors page: the strip of the test contraction, and what to do while nothing is heard."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from emgmon.live.cards import TimeBar
from emgmon.live.near import button, label
from emgmon.live.sensor_state import name_of
from emgmon.live.strings import words
from emgmon.model import Placement
from emgmon.runner.board import SCANNING, View
from emgmon.runner.squeezing import Finding


class TestStrip(QFrame):
    """Says what to tense while the test runs, and afterwards what it found; hidden otherwise.

    Parameters
    ----------
    swap : callable
        Takes two places that are to be exchanged.

    Attributes
    ----------
    text : QLabel
    swaps : list of QPushButton
    """

    __test__ = False

    def __init__(self, swap: Callable[[Placement, Placement], None]) -> None:
        super().__init__()
        self.setObjectName("cardnow")
        self.swaps: list[QPushButton] = []
        self._swap = swap
        self._findings: tuple[Finding, ...] | None = None
        self.text, self.count = label("", 34, 700, wraps=True), label("", 24, 500, name="second")
        self.bar = TimeBar()
        self._row = QHBoxLayout()
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 14, 22, 14)
        column.addLayout(self._row)
        column.addWidget(self.bar)

    def refresh(self, view: View) -> None:
        """Show the stretch that runs, or the findings."""
        stretch = view.squeeze
        self.setVisible(stretch is not None or view.tested)
        self.count.setVisible(stretch is not None)
        self.bar.setVisible(stretch is not None)
        if view.findings != self._findings:
            self._findings = view.findings
            self._offer(view.findings)
        if stretch is not None:
            what = words("sensors.test.rest")
            if stretch.place is not None:
                what = words("sensors.test.squeeze", place=name_of(stretch.place))
            left_s = max(0.0, stretch.until_s - view.now_s)
            count = words("sensors.test.left", number=stretch.number, count=stretch.count, seconds=math.ceil(left_s))
            self.text.setText(what)
            self.count.setText(count)
            self.bar.show_part(1.0 - left_s / (stretch.until_s - stretch.since_s))
            self._frame("cardnow")
        elif view.tested:
            found = "\n".join(item.text for item in view.findings)
            self.text.setText(found or words("sensors.test.good"))
            self._frame("cardwarn" if view.findings else "cardnow")

    def _frame(self, kind: str) -> None:
        if self.objectName() != kind:
            self.setObjectName(kind)
            self.style().polish(self)

    def _offer(self, findings: tuple[Finding, ...]) -> None:
        for old in self.swaps:
            self._row.removeWidget(old)
            old.deleteLater()
        self.swaps = []
        for item in findings:
            if item.swap is not None:
                made = button(words("sensors.swap"), main=True, size=22)
                made.setAccessibleName(f"{words('sensors.swap')}: {item.text}")
                made.clicked.connect(lambda _c=False, pair=item.swap: self._swap(*pair))
                self._row.addWidget(made)
                self.swaps.append(made)


class Nothing(QFrame):
    """Says what to do while no sensor is heard, or Bluetooth cannot be used; hidden otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.title = label("", 34, 700, wraps=True)
        self.how = label(words("empty.how"), 24, 450, name="second", wraps=True)
        self.retry = label(words("empty.retry"), 22, 450, name="faint", wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(30, 26, 30, 26)
        column.setSpacing(16)
        for part in (self.title, self.how, self.retry):
            column.addWidget(part)
        column.addStretch(1)

    def refresh(self, view: View) -> None:
        """Show it where nothing is heard."""
        self.setVisible(view.stage == SCANNING and not view.heard)
        blocked = "Bluetooth" in view.problem
        self.title.setText(view.problem or words("empty.listening"))
        self.how.setVisible(not blocked)
        self.retry.setVisible(blocked)
