"""The training screen: read from two metres, often from the floor.

All sizes are in units of a screen that is 1080 high; on a narrow window it is at least 1780 wide and the rest is
left free above and below, so that it scales as one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QPixmap, QRadialGradient, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from emgmon.live import readout
from emgmon.live.bars import kinds, paint_levels, paint_tracks
from emgmon.live.gauge import fill_ring, paint_cue, paint_number, paint_ring_ground
from emgmon.live.panels import paint_hold, paint_reps, paint_top
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.strokes import elided, write
from emgmon.live.theme import DARK, Theme, veil

HEIGHT, LEAST_WIDTH = 1080.0, 1780.0
FRAME = 14.0
SIDE, SIDES_TOP = 72.0, 190.0
MIDDLE, BARS_TOP = 508.0, 872.0
REPS = QRectF(SIDE - 20, SIDES_TOP - 10, 460, 590)
GROUND = "ground"


class Part(NamedTuple):
    """A part of the screen: what it shows, where it is, and how it is painted; `cached` when it seldom changes."""

    name: str
    record: Any
    area: QRectF
    draw: Callable[[QPainter], None]
    cached: bool = False


class Layer(NamedTuple):
    """What was painted of a part, and where; `key` holds all that it depends on."""

    part: Part
    key: object
    place: QRect
    pixmap: QPixmap


class TrainingScreen(QWidget):
    """Paints a `TrainState`; call `update` when it has changed.

    Parameters
    ----------
    state : TrainState
    theme : Theme

    Attributes
    ----------
    shows_notice : bool
        Notices are written under the top bar, because the window has no status line now.
    """

    def __init__(self, state: TrainState, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(480, 270)
        self.setAccessibleName(words("page.train"))
        self.state, self.theme = state, theme
        self.shows_notice = False
        self._layers: dict[str, Layer] = {}
        self._ground: tuple[object, QPixmap] | None = None
        self._back: tuple[object, QPixmap] | None = None
        self._seen: dict[str, Part] = {}
        self._fresh: list[Part] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme, self._fresh = theme, None
        self._seen.clear()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place everything anew."""
        super().resizeEvent(event)
        self._fresh = None
        self._seen.clear()

    def refresh(self) -> None:
        """Paint what changed at the next opportunity, and tell a screen reader."""
        if QAccessible.isActive() and self.accessibleDescription() != (said := readout.spoken(self.state)):
            self.setAccessibleDescription(said)
        parts, changed = [], []
        for part in self._parts():
            seen = self._seen.get(part.name, part)
            if seen is part or seen.record != part.record:
                changed.append(part)
                seen = self._seen[part.name] = part
            parts.append(seen)
        self._fresh = parts if self.isVisible() else None
        if self.shows_notice or any(part.name == GROUND for part in changed):
            self.update()
            return
        for part in changed:
            self.update(self._pixels(part.area))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is asked for; what seldom changes comes from one pixmap."""
        parts, self._fresh = self._fresh or self._parts(), None
        asked = event.region()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._backed(parts))
        self._enter_units(painter)
        for part in parts:
            if not part.cached and asked.intersects(self._pixels(part.area)):
                part.draw(painter)
        if self.shows_notice:
            _, wide, _ = self._measures()
            notice = elided(readout.notice(self.state), wide / 2 - 340, 26, 500)
            write(painter, QRectF(56, 106, wide, 40), notice, 26, self.theme.second, 500)
        painter.end()

    def _parts(self) -> list[Part]:
        """Return what the screen is made of, from back to front."""
        state, theme = self.state, self.theme
        _, wide, _ = self._measures()
        middle = QPointF(wide / 2, MIDDLE)
        ring, hold, cue = readout.ring(state), readout.hold(state), readout.cue(state)
        top, reps = readout.top_bar(state), readout.reps(state)
        bars, bright = readout.bars(state), readout.at_work(state)
        number = replace(ring, share=(), mark=None, last=None, needle=None, band=0.0, group="")
        side, room = wide - SIDE - 380, wide - 2 * SIDE
        foot = QRectF(wide / 2 - 860, BARS_TOP - 14, 1720, 190)
        return [
            Part(GROUND, (readout.leader(state), ring.mark), QRectF(0, 0, wide, HEIGHT), lambda _on: None),
            Part("top", top, QRectF(0, 30, wide, 72), lambda on: paint_top(on, theme, top, wide), cached=True),
            Part("reps", reps, REPS, lambda on: paint_reps(on, theme, reps, SIDE, SIDES_TOP), cached=True),
            Part(
                "hold",
                hold,
                QRectF(side - 20, SIDES_TOP - 10, 472, 590),
                lambda on: paint_hold(on, theme, hold, side, SIDES_TOP),
                cached=True,
            ),
            Part(
                "number",
                number,
                QRectF(wide / 2 - 290, MIDDLE - 240, 580, 400),
                lambda on: paint_number(on, theme, ring, middle),
                cached=True,
            ),
            Part(
                "cue",
                cue,
                QRectF(SIDE, MIDDLE + 204, room, 138),
                lambda on: paint_cue(on, theme, cue, middle, room),
                cached=True,
            ),
            Part(
                "tracks",
                kinds(bars),
                foot,
                lambda on: paint_tracks(on, theme, bars, wide / 2, BARS_TOP),
                cached=True,
            ),
            Part(
                "ring",
                ring,
                QRectF(wide / 2 - 440, MIDDLE - 440, 880, 680),
                lambda on: fill_ring(on, theme, ring, middle),
            ),
            Part(
                "bars",
                (bars, bright),
                foot,
                lambda on: paint_levels(on, theme, bars, wide / 2, BARS_TOP, bright=bright),
            ),
        ]

    def _pixels(self, area: QRectF) -> QRect:
        """Return where an area of the screen is in the window."""
        unit, _, above = self._measures()
        place = QRectF(area.left() * unit, (area.top() + above) * unit, area.width() * unit, area.height() * unit)
        return place.toAlignedRect()

    def _measures(self) -> tuple[float, float, float]:
        """Return pixels per unit, and in units the width of the window and the free room above the screen."""
        unit = min(self.height() / HEIGHT, self.width() / LEAST_WIDTH)
        return unit, self.width() / unit, (self.height() / unit - HEIGHT) / 2

    def _enter_units(self, painter: QPainter) -> None:
        unit, _, above = self._measures()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(unit, unit)
        painter.translate(0, above)

    def _backed(self, parts: list[Part]) -> QPixmap:
        """Return ground and seldom changing parts as one picture, in which only those that changed are painted anew."""
        ground = self._grounded(*parts[0].record)
        before, layers = self._layers, {part.name: self._layer(part) for part in parts if part.cached}
        self._layers = layers
        if self._back is None or self._back[0] is not ground:
            self._back = ground, ground.copy()
            stale = QRegion(self.rect())
        else:
            stale = QRegion()
            for name, layer in layers.items():
                if layer is not before.get(name):
                    stale += layer.place.adjusted(-1, -1, 1, 1)
        back = self._back[1]
        if not stale.isEmpty():
            on = QPainter(back)
            on.setClipRegion(stale)
            on.drawPixmap(0, 0, ground)
            for layer in layers.values():
                if stale.intersects(layer.place):
                    on.drawPixmap(layer.place.topLeft(), layer.pixmap)
            on.end()
        return back

    def _layer(self, part: Part) -> Layer:
        """Return the picture of a part, painted anew when its record, the window or the theme changed."""
        known, ratio = self._layers.get(part.name), self.devicePixelRatioF()
        if known is not None and known.part is part and known.pixmap.devicePixelRatioF() == ratio:
            return known
        unit, _, _ = self._measures()
        place = self._pixels(part.area)
        key = (part.record, self.theme.name, place.getRect(), unit, ratio)
        if known is not None and known.key == key:
            return known
        pixmap = QPixmap(place.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        on = QPainter(pixmap)
        on.translate(-place.topLeft())
        self._enter_units(on)
        part.draw(on)
        on.end()
        return Layer(part, key, place, pixmap)

    def _grounded(self, leader: str, mark: float | None) -> QPixmap:
        """Return background, glow, frame and the empty ring: the screen takes the colour of the group that leads."""
        ratio = self.devicePixelRatioF()
        key = (leader, mark, self.theme.name, self.size().toTuple(), ratio)
        if self._ground is None or self._ground[0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(QColor(self.theme.background))
            if leader:
                self._glow_and_frame(pixmap, self.theme.group(leader))
            on = QPainter(pixmap)
            self._enter_units(on)
            _, wide, _ = self._measures()
            paint_ring_ground(on, self.theme, mark, QPointF(wide / 2, MIDDLE))
            on.end()
            self._ground = (key, pixmap)
        return self._ground[1]

    def _glow_and_frame(self, pixmap: QPixmap, colour: str) -> None:
        unit, wide, above = self._measures()
        high = HEIGHT + 2 * above
        on = QPainter(pixmap)
        on.scale(unit, unit)
        glow = QRadialGradient(QPointF(wide / 2, MIDDLE + above), 0.62 * HEIGHT)
        glow.setColorAt(0.0, veil(colour, self.theme.glow))
        glow.setColorAt(1.0, veil(colour, 0))
        on.fillRect(QRectF(0, 0, wide, high), glow)
        for side in (
            QRectF(0, 0, wide, FRAME),
            QRectF(0, high - FRAME, wide, FRAME),
            QRectF(0, 0, FRAME, high),
            QRectF(wide - FRAME, 0, FRAME, high),
        ):
            on.fillRect(side, QColor(colour))
        on.end()
