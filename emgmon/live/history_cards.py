"""The small cards of the History page, and the table of two days side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from emgmon.live.history_plot import WeeksPlot
from emgmon.live.near import label
from emgmon.live.strings import words
from emgmon.live.theme import Theme
from emgmon.metrics.comparison import Comparison
from emgmon.report.axes import day_text, value_text
from emgmon.report.compare import SideRow
from emgmon.report.telling import name_of

MOST_ROWS = 5


class SmallCard(QFrame):
    """One number beside the chosen one: its chart, where it is now, where it was, and the word."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.plot = WeeksPlot(theme, small=True)
        self._title, self._now = label("", 22, 650), label("", 40, 700)
        self._was, self._word = label("", 18, 450, name="second"), label("", 18, 450, name="second", wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 16, 10)
        column.addWidget(self._title)
        row = QHBoxLayout()
        row.addWidget(self.plot, 3)
        beside = QVBoxLayout()
        for part in (self._now, self._was, self._word):
            beside.addWidget(part)
        beside.addStretch(1)
        row.addLayout(beside, 2)
        column.addLayout(row, 1)

    def show_comparison(self, found: Comparison) -> None:
        """Show another number."""
        name = name_of(found.asked)
        self._title.setText(name)
        self.plot.show_comparison(found)
        used = [day for day in found.days if day.used] or list(found.days)
        first, last = found.ends if found.word else (used[0].value, used[-1].value)
        self._now.setText(value_text(last, found.unit))
        self._was.setText(words("history.was", value=value_text(first, found.unit)) if found.word else "")
        self._word.setText(found.word)
        self.plot.setAccessibleName(name)
        self.plot.setAccessibleDescription(f"{self._now.text()} {self._was.text()} {found.word}")


class Beside(QFrame):
    """Two days side by side: values, change, and the change that is more than error."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._title = label("", 22, 650)
        self._warning = label("", 18, 500, name="warn", wraps=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(36)
        self._cells = [
            [label("", 20, 600 if column == 0 else 500) for column in range(6)] for _row in range(MOST_ROWS + 1)
        ]
        keys = (
            "",
            "history.beside.first",
            "history.beside.second",
            "history.beside.change",
            "history.beside.needed",
            "",
        )
        for column, key in enumerate(keys):
            self._cells[0][column].setText(words(key) if key else "")
            self._cells[0][column].setObjectName("second")
        for line, cells in enumerate(self._cells):
            for column, cell in enumerate(cells):
                self._grid.addWidget(
                    cell, line, column, Qt.AlignmentFlag.AlignLeft if column in {0, 5} else Qt.AlignmentFlag.AlignRight
                )
        self._grid.setColumnStretch(5, 1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(20, 12, 16, 10)
        column_.addWidget(self._title)
        column_.addLayout(self._grid)
        column_.addWidget(self._warning)
        column_.addStretch(1)

    def show_rows(self, first: str, second: str, rows: Sequence[SideRow], warnings: Sequence[str]) -> None:
        """Show two days."""
        self._title.setText(words("history.beside", first=day_text(first), second=day_text(second)))
        for place, cells in enumerate(self._cells[1:]):
            row = rows[place] if place < len(rows) else None
            more = words("history.beside.more") if row and row.beyond else ""
            texts = (row.name, row.first, row.second, row.difference, row.needed, more) if row else ("",) * 6
            for cell, text in zip(cells, texts, strict=True):
                cell.setText(text)
        self._warning.setText(" ".join(warnings))
        self._warning.setVisible(bool(warnings))
