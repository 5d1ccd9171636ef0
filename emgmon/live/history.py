"""The History page: what changed from session to session."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from emgmon.live.near import style
from emgmon.live.pages import empty
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme


class HistoryScreen(QWidget):
    """Says what will be here after some sessions."""

    def __init__(self, theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("page")
        empty(self, words("history.none"), words("history.none.how"))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        style(theme, self)

    def refresh(self) -> None:
        """Show what is new."""
