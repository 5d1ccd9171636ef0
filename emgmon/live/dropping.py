"""Recordings that are dropped on the window, or pointed at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
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
