"""What is dropped on the window: a recording, or nothing that it takes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData


def recording_of(dropped: QMimeData) -> Path | None:
    """Return the first recording among the files that are dragged or dropped, None when there is none."""
    paths = (Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile())
    return next((path for path in paths if path.suffix.lower() == ".mcap"), None)
