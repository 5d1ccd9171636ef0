"""The signals screen: every channel as it comes, ten seconds in a sweep; paused, it can be looked at closely.

One image is painted, and of it only the columns that are new: about a third of a millisecond a frame for eight
channels at 2 kHz, where a plot library needs ten.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from emgmon.live.columns import GOOD, GRADES, Sheet, paint_columns, sheet_of
from emgmon.live.inks import inks_of
from emgmon.live.near import button, style
from emgmon.live.signal_rows import Row
from emgmon.live.signals_words import UNITS
from emgmon.live.state import TrainState, rank
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, LEFT, RIGHT, box, elided, fitting, sensor_light, write
from emgmon.live.theme import DARK, Theme
from emgmon.model import Placement, SignalSeen

if TYPE_CHECKING:
    from emgmon.live.inspecting import Inspector

SPAN_S = 10.0
AHEAD_S = 0.15
"""Free room ahead of the newest column."""


class SignalsScreen(QWidget):
    """Paints the signals that `take` was given; call `refresh` once a tick.

    Parameters
    ----------
    state : TrainState
        For the lights beside the names.
    theme : Theme

    Attributes
    ----------
    raw : bool
        Samples are shown as the sensors sent them, around their mean; filtered otherwise, as the analysis sees them.
    form : QPushButton
        Says which, and changes it.
    paused : bool
        The picture stands and can be looked at closely; signals are kept and are there when it goes on.
    inspector : Inspector or None
        What is seen instead while it is paused.
    """

    def __init__(self, state: TrainState, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.state, self.theme = state, theme
        self.paused = self.raw = False
        self.inspector: Inspector | None = None
        self.form = button(words("signals.filtered"), size=18)
        self.form.setParent(self)
        self.form.clicked.connect(lambda _checked=False: self.set_raw(raw=not self.raw))
        self._channels: dict[Placement, Row] = {}
        self._pixels = np.zeros((1, 1), np.uint32)
        self._sheet: Sheet | None = None
        self._head = -1
        self._drawn = -1
        self._whole = True
        self._told: tuple[object, ...] = ()

    def take(self, block: SignalSeen) -> None:
        """Add the signal of one channel."""
        channel = self._channels.get(block.placement)
        if channel is None:
            channel = Row(self._columns(), SPAN_S, block.unit, raw=self.raw)
            self._channels[block.placement] = channel
            self._channels = {place: self._channels[place] for place in sorted(self._channels, key=rank)}
            self._whole = True
        quality = self.state.quality.get(block.placement)
        channel.add(block, GRADES[quality.state] if quality is not None else GOOD)

    def forget(self) -> None:
        """Drop all channels."""
        self.set_paused(paused=False)
        self._channels.clear()
        self._head = self._drawn = -1
        self._whole = True

    def scales(self) -> dict[Placement, float]:
        """Return the end of each channel's axis."""
        return {placement: channel.scale for placement, channel in self._channels.items()}

    def refresh(self) -> None:
        """Draw what is new into the image and ask Qt to show it."""
        if self.paused:
            return
        self._settle()
        told = tuple((self.state.light(place), self._wrong(place)) for place in self._channels)
        if told != self._told:
            self._told = told
            self.update(0, 0, self._plot().left(), self.height())
        for channel in self._channels.values():
            self._whole |= channel.rescale(self._head)
        columns = self._columns()
        if self._whole or self._head - self._drawn >= columns:
            self._draw_all()
        elif self._head >= 0:
            self._draw_new(columns)

    def _settle(self) -> None:
        """Take up what waited while nobody looked."""
        self._head = max((channel.settle() for channel in self._channels.values()), default=-1)

    def set_paused(self, paused: bool) -> None:
        """Stop, and show what was seen with every sample; or go on."""
        if self.inspector is not None:
            self.inspector.hide()
            self.inspector.deleteLater()
            self.inspector = None
        self.paused = paused
        self._whole = True
        if paused and self._channels:
            from emgmon.live.inspecting import Inspector  # noqa: PLC0415 - pyqtgraph is loaded for who looks closely

            stretches = {place: channel.stretch() for place, channel in self._channels.items()}
            form = words("signals.form.raw" if self.raw else "signals.form.filtered")
            self.inspector = Inspector(stretches, self.theme, lambda: self.set_paused(paused=False), self, form)
            self.inspector.setGeometry(self.rect())
            self.inspector.show()
            self.inspector.setFocus()
        self.update()

    def set_raw(self, *, raw: bool) -> None:
        """Show the samples as the sensors sent them, or filtered."""
        self.raw = raw
        self.form.setText(words("signals.raw" if raw else "signals.filtered"))
        for channel in self._channels.values():
            channel.show(raw=raw)
        self._settle()
        self._drawn, self._whole = self._head, True
        if self.paused:
            self.set_paused(paused=True)
        self.refresh()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = theme
        style(theme, self.form)
        if self.inspector is not None:
            self.inspector.set_theme(theme)
        self._draw_all()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Go over to columns that are as wide as a pixel."""
        super().resizeEvent(event)
        if self.inspector is not None:
            self.inspector.setGeometry(self.rect())
        for channel in self._channels.values():
            channel.resize(self._columns())
        self.form.setGeometry(16, self.height() - 40, self._plot().left() - 28, 34)
        self._settle()
        self._draw_all()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Show the image, and names and axis where they are to be shown again."""
        painter = QPainter(self)
        plot, dirty = self._plot(), event.rect()
        if not plot.contains(dirty):
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
            painter.fillRect(dirty, QColor(self.theme.background))
            self._names(painter, plot)
            self._axis(painter, plot)
        if self._channels:
            high, wide = self._pixels.shape
            image = QImage(self._pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(plot.topLeft(), image)
        else:
            self._nothing(painter)
        if self.paused:
            self._pill(painter, plot)
        painter.end()

    def _plot(self) -> QRect:
        """Return where the traces are, in pixels of the window."""
        left = round(min(270.0, max(140.0, 0.14 * self.width())))
        return QRect(left, 12, max(20, self.width() - left - 20), max(20, self.height() - 12 - 40))

    def _columns(self) -> int:
        return round(self._plot().width() * self.devicePixelRatioF())

    def _rows(self, high: int) -> list[tuple[int, int]]:
        """Return first and last line of each channel's row in a picture `high` lines high."""
        count = len(self._channels)
        ends = [round(place * high / count) for place in range(count + 1)] if count else []
        return [(top, max(top + 2, end - 4)) for top, end in pairwise(ends)]

    def _draw_all(self) -> None:
        """Draw every channel's last sweep."""
        plot, ratio, columns = self._plot(), self.devicePixelRatioF(), self._columns()
        high, ground = round(plot.height() * ratio), QColor(self.theme.background).rgb()
        self._pixels = np.full((high, columns), ground, np.uint32)
        inks = [inks_of(self.theme, place.group) for place in self._channels]
        self._sheet = sheet_of(self._rows(high), inks, high, ground)
        last = self._head + ahead_of(columns)
        self._draw(last - columns + 1, last)
        self.update()

    def _draw_new(self, columns: int) -> None:
        """Draw the columns that changed, and clear the room ahead of them."""
        last = self._head + ahead_of(columns)
        oldest = last - columns + 1
        changed = (channel.dirty[0] for channel in self._channels.values() if channel.dirty)
        first = max(oldest, min(self._drawn + 1, *changed, last))
        self._draw(first, last)
        self._show_columns(first, last)

    def _draw(self, first: int, last: int) -> None:
        """Draw columns `first` to `last` of all channels into the image."""
        rows = list(self._channels.values())
        if rows and self._sheet is not None:
            sweeps, scales = [row.sweep for row in rows], [row.scale for row in rows]
            paint_columns(self._pixels, self._sheet, sweeps, scales, first, last, self._pixels.shape[1] / SPAN_S)
        for row in rows:
            row.dirty = None
        self._drawn, self._whole = self._head, False

    def _show_columns(self, first: int, last: int) -> None:
        """Ask Qt for a strip of the picture, or for two where it goes over the edge."""
        plot, columns, ratio = self._plot(), self._pixels.shape[1], self.devicePixelRatioF()
        left, right = first % columns, last % columns
        for a, b in [(left, right)] if left <= right else [(left, columns - 1), (0, right)]:
            self.update(plot.left() + int(a / ratio), plot.top(), int((b - a) / ratio) + 2, plot.height())

    def _names(self, painter: QPainter, plot: QRect) -> None:
        """Write the name, the end of the axis and the light of each row."""
        for (top, end), (placement, channel) in zip(self._rows(plot.height()), self._channels.items(), strict=True):
            row = QRectF(20, plot.top() + top, plot.left() - 40, end - top)
            size = min(22.0, max(11.0, 0.2 * row.height()), row.width() / 8.5)
            title, side = placement.title.split(", ")
            wrong = self._wrong(placement)
            name = fitting(title, row.width() - 1.6 * size, size, 650)
            unit = UNITS.get(channel.unit, channel.unit)
            colour = self.theme.group(placement.group)
            up = 0.7 * size * (2.0 if wrong else 1.0)
            upper, lower = row.translated(0, -up), row.translated(0, 1.5 * size - up)
            write(painter, upper.adjusted(1.6 * size, 0, 0, 0), title, name, colour, 650, LEFT)
            key = "signals.channel.raw" if self.raw else "signals.channel"
            scale = words(key, side=side, scale=channel.scale, unit=unit)
            small = fitting(scale, row.width() - 1.6 * size, 0.9 * size, 500)
            write(painter, lower.adjusted(1.6 * size, 0, 0, 0), scale, small, self.theme.second, 500, LEFT)
            if wrong:
                said, last = elided(wrong, row.width(), 0.9 * size, 500), row.translated(0, 3.0 * size - up)
                write(painter, last, said, 0.9 * size, self.theme.second, 500, LEFT)
            light = self.state.light(placement)
            sensor_light(painter, QPointF(row.left() + 0.5 * size, upper.center().y()), 0.9 * size, light, self.theme)

    def _axis(self, painter: QPainter, plot: QRect) -> None:
        """Write the seconds of the sweep."""
        for second in range(int(SPAN_S) + 1):
            x = plot.left() + plot.width() * second / SPAN_S
            label = words("signals.second", second=second) if second == SPAN_S else f"{second}"
            align = RIGHT if second == SPAN_S else CENTRE
            place = QRectF(x - 60, plot.bottom() + 6, 60 if second == SPAN_S else 120, 28)
            write(painter, place, label, 16, self.theme.second, 500, align)

    def _nothing(self, painter: QPainter) -> None:
        """Say what will be here."""
        page = self.rect().toRectF()
        write(painter, page.translated(0, -30), words("signals.none"), 44, self.theme.text, 700, CENTRE)
        write(painter, page.translated(0, 30), words("signals.none.how"), 24, self.theme.second, 500, CENTRE)

    def _wrong(self, placement: Placement) -> str:
        """Say in few words what is wrong with a channel, empty when nothing is; the status line says the remedy."""
        quality = self.state.quality.get(placement)
        return words(f"signals.{quality.code}") if quality is not None else ""

    def _pill(self, painter: QPainter, plot: QRect) -> None:
        place = QRectF(plot.center().x() - 80, plot.top() + 12, 160, 44)
        box(painter, place, 22, self.theme.raised, self.theme.line, 2)
        write(painter, place, words("signals.paused"), 20, self.theme.text, 700, CENTRE, 4)


def ahead_of(columns: int) -> int:
    """Return how many columns are free ahead of the newest."""
    return max(1, round(AHEAD_S / SPAN_S * columns))
