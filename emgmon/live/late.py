"""Pages that are made when they are first asked for: a window is there sooner without them, and the store's database.

What each needs is loaded with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from PySide6.QtWidgets import QWidget

from emgmon.live.pages import HISTORY, PROGRAMME, REVIEW, Page
from emgmon.live.sound import SILENT
from emgmon.live.theme import Theme

if TYPE_CHECKING:
    from emgmon.live.history import HistoryScreen
    from emgmon.live.programme import ProgrammeScreen
    from emgmon.live.review import ReviewScreen
    from emgmon.live.window import Window

Made = TypeVar("Made")


class Blank(QWidget):
    """Where a page will be."""

    def set_theme(self, theme: Theme) -> None:
        """Wait: the page is made in the theme of its moment."""

    def refresh(self) -> None:
        """Wait."""


class Late(Generic[Made]):
    """A page as an attribute of the window: whoever asks for it has it made."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, window: Window, _kind: object = None) -> Made:
        """Return the page."""
        make(window, self._name)
        return cast("Made", window.pages[self._name].widget)


def late_pages() -> list[Page]:
    """Return the pages that are made later, in the order of their tabs."""
    return [Page(name, blank, blank, lively=False) for name in MAKERS if (blank := Blank())]


def is_made(window: Window, name: str) -> bool:
    """Say whether a page was asked for already."""
    return not isinstance(window.pages[name].widget, Blank)


def make(window: Window, name: str) -> None:
    """Put a page where its blank is, if that is still there."""
    page = window.pages[name]
    if not isinstance(page.widget, Blank):
        return
    made = MAKERS[name](window)
    window.pages[name] = replace(page, widget=made, screen=made)
    window.screens.insertWidget(window.screens.indexOf(page.widget), made)
    window.screens.removeWidget(page.widget)
    page.widget.deleteLater()


def _review(window: Window) -> ReviewScreen:
    from emgmon.live.review import ReviewScreen  # noqa: PLC0415 - see the module's docstring, as in the others

    return ReviewScreen(window.theme, window.player.settings if window.player else SILENT)


def _history(window: Window) -> HistoryScreen:
    from emgmon.live.history import HistoryScreen  # noqa: PLC0415

    return HistoryScreen(window.theme, window.store)


def _programme(window: Window) -> ProgrammeScreen:
    from emgmon.live.programme import ProgrammeScreen  # noqa: PLC0415

    cue = window.player.cue if window.player else None
    return ProgrammeScreen(window.theme, store=window.store, board=window.board, go=window.show_page, cue=cue)


Maker = Callable[["Window"], "ReviewScreen | HistoryScreen | ProgrammeScreen"]
MAKERS: dict[str, Maker] = {REVIEW: _review, HISTORY: _history, PROGRAMME: _programme}
