"""The strip above the pages: the program's name, a tab for each page, and the way to the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from emgmon.live.near import lettered


class Header(QWidget):
    """Tabs; `choose` is called with the place of the one that was clicked.

    Attributes
    ----------
    buttons : list of QPushButton
        In the order of the pages.
    keys : QPushButton
        For the list of keys.
    """

    def __init__(self, names: Sequence[str], choose: Callable[[int], None], hint: str) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        name, self.keys = QLabel("emgmon"), QPushButton(hint)
        lettered(name, 26, 750)
        self.buttons = [QPushButton(name) for name in names]
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 4, 18, 4)
        row.addWidget(name)
        row.addSpacing(16)
        for place, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, tab=place: choose(tab))
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.keys)
        for button in (*self.buttons, self.keys):
            lettered(button, 22, 600)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def select(self, tab: int) -> None:
        """Show which page is in front."""
        for place, button in enumerate(self.buttons):
            button.setChecked(place == tab)
