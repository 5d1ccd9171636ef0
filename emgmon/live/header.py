"""The strip above the pages: the program's name, a tab for each page, and the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from emgmon.live.theme import font


class Header(QWidget):
    """Tabs; `choose` is called with the place of the one that was clicked.

    Attributes
    ----------
    buttons : list of QPushButton
        In the order of the pages.
    keys : QLabel
    """

    def __init__(self, names: Sequence[str], choose: Callable[[int], None], keys: str) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.name, self.keys = QLabel("emgmon"), QLabel(keys)
        self.buttons = [QPushButton(name) for name in names]
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 4, 18, 4)
        row.addWidget(self.name)
        row.addSpacing(16)
        for place, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, tab=place: choose(tab))
            row.addWidget(button)
        row.addStretch()
        self.keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.keys.setObjectName("keys")
        self.keys.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self.keys, 10)

    def select(self, tab: int) -> None:
        """Show which page is in front."""
        for place, button in enumerate(self.buttons):
            button.setChecked(place == tab)

    def fit(self, unit: float) -> None:
        """Take letters for a window that is `unit` times 1080 pixels high."""
        self.name.setFont(font(24 * unit, 750))
        self.keys.setFont(font(max(14.0, 18 * unit), 450))
        for button in self.buttons:
            button.setFont(font(22 * unit, 600))
