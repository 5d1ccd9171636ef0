"""Saves what a widget shows as a picture: PNG, or SVG that stays sharp at any size."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

KINDS = (".png", ".svg")


def with_kind(path: Path, chosen: str) -> Path:
    """Give a name without a known ending that of the filter that was chosen in a file dialog."""
    if path.suffix.lower() in KINDS:
        return path
    return path.with_name(path.name + next((kind for kind in KINDS if kind in chosen), KINDS[0]))


def save_picture(widget: QWidget, path: Path) -> None:
    """Write what `widget` shows; the ending of the name chooses the kind.

    Raises
    ------
    OSError
        When the file cannot be written; nothing is left behind then.
    """
    picture = _svg(widget) if path.suffix.lower() == ".svg" else _png(widget)
    with path.open("wb") as file:
        file.write(picture)


def _png(widget: QWidget) -> bytes:
    into = QBuffer()
    into.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(into, "PNG")
    return bytes(into.data().data())


def _svg(widget: QWidget) -> bytes:
    into = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(into)
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    generator.setTitle("emgmon")
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
    return bytes(into.data().data())
