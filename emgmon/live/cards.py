"""Small painted parts of the near pages: a disc with letters, a light, a figure over its caption, a ring that counts.

Each has the size of its letters, so that `emgmon.live.near.fit` scales it with the window.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from emgmon.live.marks import Light
from emgmon.live.near import lettered
from emgmon.live.strokes import CENTRE, arc, box, sensor_light, write
from emgmon.live.theme import DARK, Theme, veil


class Painted(QWidget):
    """A widget of `wide` by `high` letters that paints itself; set `theme` and call `update`."""

    def __init__(self, size: float, wide: float, high: float, weight: int = 650) -> None:
        super().__init__()
        self.theme: Theme = DARK
        self._wide, self._high = wide, high
        lettered(self, size, weight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def letter(self) -> float:
        """Size of a letter in pixels."""
        return float(self.font().pixelSize())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size that suits the letters."""
        return QSize(round(self._wide * self.letter), round(self._high * self.letter))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take the size of new letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """Paint it with a painter that is ready."""
        raise NotImplementedError


class Disc(Painted):
    """A disc in the colour of a group, with the letters of a place."""

    def __init__(self) -> None:
        super().__init__(24, 2.7, 2.7, 700)
        self.text, self.group = "", ""

    def show_place(self, text: str, group: str) -> None:
        """Show the letters of another place."""
        if (text, group) != (self.text, self.group):
            self.text, self.group = text, group
            self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint disc and letters."""
        colour = self.theme.group(self.group)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil(colour, 64))
        painter.drawEllipse(self.rect())
        write(painter, self.rect().toRectF(), self.text, self.letter, colour, 700, CENTRE)


class LightMark(Painted):
    """A sensor's light: disc, triangle or crossed ring."""

    def __init__(self) -> None:
        super().__init__(22, 1.2, 1.2)
        self.light = Light.GOOD

    def show_light(self, light: Light) -> None:
        """Show another light."""
        if light is not self.light:
            self.light = light
            self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the light."""
        sensor_light(painter, self.rect().toRectF().center(), 0.86 * self.letter, self.light, self.theme)


class Figure(Painted):
    """A number with its unit over a small caption."""

    def __init__(self, caption: str, wide: float = 4.3) -> None:
        super().__init__(27, wide, 2.4)
        self.caption, self.text, self.warns = caption, "", False

    def show_text(self, text: str, *, warns: bool = False) -> None:
        """Show another number; nothing at all for an empty text."""
        if (text, warns) != (self.text, self.warns):
            self.text, self.warns = text, warns
            self.setAccessibleName(f"{self.caption} {text}")
            self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint number and caption."""
        if not self.text:
            return
        wide, letter = float(self.width()), self.letter
        colour = self.theme.hamstrings if self.warns else self.theme.text
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        write(painter, QRectF(0, 0, wide, 1.35 * letter), self.text, letter, colour, 700, left)
        size = max(13.0, 0.68 * letter)
        write(painter, QRectF(0, 1.35 * letter, wide, letter), self.caption, size, self.theme.faint, 450, left)


class CountRing(Painted):
    """A ring that empties as time passes, with seconds in it and a word below."""

    THICK = 0.13

    def __init__(self, size: float = 64) -> None:
        super().__init__(size, 4.1, 4.1, 750)
        self.number, self.word, self.full, self.colour = "", "", 0.0, ""

    def show_count(self, number: str, word: str, full: float, colour: str) -> None:
        """Show a number and how much of the ring is left, 0 to 1."""
        self.number, self.word, self.full, self.colour = number, word, full, colour
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the ring."""
        side = float(min(self.width(), self.height()))
        centre, radius = QPointF(self.width() / 2, self.height() / 2), 0.5 * side * (1 - self.THICK)
        thick = self.THICK * side * 0.8
        arc(painter, centre, radius, thick, 0.0, 360.0, self.theme.track)
        if self.full > 0.0:
            painter.setPen(QPen(QColor(self.colour), thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            around = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
            painter.drawArc(around, 90 * 16, -round(360 * 16 * min(1.0, self.full)))
        letter = self.letter
        middle = QRectF(0, centre.y() - 0.85 * letter, self.width(), 1.2 * letter)
        write(painter, middle, self.number, letter, self.theme.text, 750, CENTRE)
        below = QRectF(0, centre.y() + 0.35 * letter, self.width(), 0.6 * letter)
        write(painter, below, self.word, max(13.0, 0.34 * letter), self.theme.second, 550, CENTRE)


class TimeBar(Painted):
    """A thin bar of how far something is."""

    def __init__(self) -> None:
        super().__init__(10, 10, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.full = 0.0

    def show_part(self, full: float) -> None:
        """Show how much is done, 0 to 1."""
        self.full = full
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the bar."""
        rect = self.rect().toRectF()
        box(painter, rect, rect.height() / 2, self.theme.track)
        rect.setWidth(rect.width() * min(1.0, max(0.0, self.full)))
        box(painter, rect, rect.height() / 2, self.theme.glutes)


class Card(QFrame):
    """A panel that is as high as a few lines at most, and whose frame says how it is."""

    LINES = 6.0

    def __init__(self, kind: str = "card") -> None:
        super().__init__()
        self.setObjectName(kind)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        lettered(self, 24, 500)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take the height of new letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setMaximumHeight(round(self.LINES * self.font().pixelSize()))

    def show_kind(self, kind: str) -> None:
        """Change the frame: ``card``, ``cardnow``, ``cardwarn`` or ``cardlost``."""
        if self.objectName() != kind:
            self.setObjectName(kind)
            self.style().polish(self)


def themed(of: QWidget, theme: Theme) -> None:
    """Give all painted parts of a widget a theme."""
    for part in of.findChildren(Painted):
        part.theme = theme
        part.update()


def thin_bars(theme: Theme) -> str:
    """Return the style of scroll bars that do not shout."""
    return (
        "QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }"
        f"QScrollBar::handle:vertical {{ background: {theme.line}; border-radius: 5px; min-height: 40px; }}"
        "QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }"
        "QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }"
    )
