"""The Review page: a recording seen again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from emgmon.live.near import style
from emgmon.live.pages import empty
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme


class ReviewScreen(QWidget):
    """Says how a recording is opened.

    Attributes
    ----------
    path : Path or None
        The recording that was asked for last.
    """

    def __init__(self, theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("page")
        self.path: Path | None = None
        empty(self, words("review.none"), words("review.none.how"))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        style(theme, self)

    def refresh(self) -> None:
        """Show what is new."""

    def open(self, path: Path) -> None:
        """Take a recording."""
        self.path = path
