"""Recordings that are dropped on the window, or pointed at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from emgmon.live.strings import words


def recording_of(dropped: QMimeData) -> Path | None:
    """Return the first recording among the files that are dragged or dropped, None when there is none."""
    paths = (Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile())
    return next((path for path in paths if path.suffix.lower() == ".mcap"), None)


def asked_for(parent: QWidget) -> Path | None:
    """Let the person point at a recording; None when they do not."""
    folder = str(Path.home() / "Documents" / "emgmon")
    path, _kind = QFileDialog.getOpenFileName(parent, words("review.open"), folder, words("review.kind"))
    return Path(path) if path else None


class Dropping(QObject):
    """Lets recordings be dropped on a widget, and opens them."""

    def __init__(self, on: QWidget, opened: Callable[[Path], None]) -> None:
        super().__init__(on)
        self._opened = opened
        on.setAcceptDrops(True)
        on.installEventFilter(self)

    def eventFilter(self, _on: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take a recording that is dragged over the widget, and open it when it is dropped."""
        if not isinstance(event, QDragEnterEvent | QDropEvent):
            return False
        path = recording_of(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            if event.type() == QEvent.Type.Drop:
                self._opened(path)
        return path is not None
