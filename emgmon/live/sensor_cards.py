"""The cards of the Sensors page: a sensor on the air, a channel of one that streams, one that is missing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout

from emgmon.live.cards import Card, Disc, Figure, LightMark
from emgmon.live.near import button, label, lettered
from emgmon.live.sensor_state import gone, judged, name_of
from emgmon.live.state import BATTERY_WEAK_PERCENT, Light, TrainState
from emgmon.live.strings import words
from emgmon.model import BODY_SITES, MUSCLE_QUANTITIES, MUSCLES, Placement
from emgmon.runner.board import PLACING, Channel, Heard, View

NOWHERE = "-"
DECIMALS_UV = "{:.1f} µV"


class HeardCard(Card):
    """A sensor on the air, with a tick whether it is wanted."""

    def __init__(self, heard: Heard, *, wanted: bool) -> None:
        super().__init__()
        self.heard, self.wanted = heard, QCheckBox()
        lettered(self.wanted, 24, 500)
        self.wanted.setAccessibleName(heard.name)
        self.wanted.setChecked(wanted)
        self.wanted.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.signal = Figure(words("sensors.signal"), 5.2)
        row, text = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(22, 12, 22, 12)
        row.setSpacing(18)
        text.setSpacing(2)
        text.addStretch(1)
        text.addWidget(label(heard.name, 28, 650))
        text.addWidget(label(heard.kind, 22, 450, name="second"))
        text.addStretch(1)
        row.addWidget(self.wanted)
        row.addLayout(text, 1)
        row.addWidget(self.signal)

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tick it by a click anywhere."""
        self.wanted.toggle()

    def refresh(self, view: View) -> None:
        """Show how well it is heard now."""
        now = next((heard for heard in view.heard if heard.name == self.heard.name), self.heard)
        self.signal.show_text(f"{now.rssi_dbm} dBm" if now.rssi_dbm else "")


class MissingCard(Card):
    """A sensor that was chosen and does not stream."""

    def __init__(self, name: str, on_search: Callable[[], None]) -> None:
        super().__init__("cardlost")
        self.name, self.remark = name, label(words("state.silent"), 22, 550)
        disc, light = Disc(), LightMark()
        disc.show_place("?", "")
        light.show_light(Light.LOST)
        self.search = button(words("sensors.search"), size=22)
        self.search.clicked.connect(on_search)
        row, text, state = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout()
        row.setContentsMargins(22, 12, 22, 12)
        row.setSpacing(18)
        text.setSpacing(2)
        text.addStretch(1)
        text.addWidget(label(name, 28, 650))
        state.setSpacing(10)
        state.addWidget(light)
        state.addWidget(self.remark, 1)
        text.addLayout(state)
        text.addStretch(1)
        row.addWidget(disc)
        row.addLayout(text, 1)
        row.addWidget(self.search)

    def refresh(self, view: View) -> None:
        """Show the button where it does something."""
        self.search.setVisible(view.stage == PLACING)


class SensorCard(Card):
    """One channel: where it sits, how it is heard, what it says when nothing happens, and what helps.

    Parameters
    ----------
    channel : Channel
    several : bool
        Its sensor has other channels too.
    state : TrainState
    on_place, on_pick : callable
        Called when a place was chosen here, and when the card was clicked.
    """

    def __init__(
        self,
        channel: Channel,
        state: TrainState,
        *,
        several: bool,
        on_place: Callable[[], None],
        on_pick: Callable[[], None],
    ) -> None:
        super().__init__()
        self.channel, self._state, self._on_pick = channel, state, on_pick
        self.title = channel.device
        if several:
            self.title = words("sensors.channel", name=channel.device, number=channel.number + 1)
        self.disc, self.light, self.places = Disc(), LightMark(), QComboBox()
        self.remark = label("", 22, 550)
        self.remark.setWordWrap(True)
        self.sensor = label(self.title, 20, 450, name="faint")
        self.noise, self.packets = Figure(words("sensors.noise")), Figure(words("sensors.packets"))
        self.battery = Figure(words("sensors.battery"))
        self.identify, self.search = (
            button(words("sensors.identify"), size=22),
            button(words("sensors.search"), size=22),
        )
        self._list(channel)
        self.places.activated.connect(lambda _index: on_place())
        self._arrange()

    def chosen(self) -> str:
        """Return what the box says, as `emgmon.runner.placing` reads it."""
        return str(self.places.currentData())

    def choose(self, place: Placement | None) -> None:
        """Let the box say something else."""
        with QSignalBlocker(self.places):
            self.places.setCurrentIndex(max(0, self.places.findData(str(place) if place else NOWHERE)))

    def turn(self, by: int) -> None:
        """Let the box say the place that comes `by` later in its list."""
        with QSignalBlocker(self.places):
            self.places.setCurrentIndex((self.places.currentIndex() + by) % self.places.count())

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pick this channel."""
        self._on_pick()

    def refresh(self, view: View, *, picked: bool) -> None:
        """Show what is known of the channel now."""
        place = self.channel.placement
        light, text = judged(self.channel, view, self._state)
        self.light.show_light(light)
        if self.remark.text() != text:
            self.remark.setText(text)
        self._fit_places()
        self.disc.show_place(place.label if place else "?", place.group if place else "")
        may_place = view.may_place(self.channel.device)
        self.places.setEnabled(may_place)
        kind = {Light.LOST: "cardlost", Light.WEAK: "cardwarn"}.get(light, "card")
        self.show_kind("cardnow" if picked else kind)
        lost = gone(self.channel, self._state)
        for figure in (self.noise, self.packets, self.battery):
            figure.setVisible(not lost)
        self.search.setVisible(lost and view.stage == PLACING)
        self.identify.setVisible(
            not lost and self.channel.device in view.can_identify and self.channel.number == 0 and may_place
        )
        self._figures(view, place, light)

    def _figures(self, view: View, place: Placement | None, light: Light) -> None:
        noise = view.outcomes.noise.get(place) if place is not None else None
        seen = self._state.quality.get(place) if place is not None else None
        unit = self._state.unit.get(place, "uv") if place is not None else ""
        text = "" if noise is None else (DECIMALS_UV.format(noise) if unit == "uv" else f"{noise:.3g}")
        noisy = seen is not None and seen.code in {"NOISE", "PLI"}
        self.noise.show_text(text, warns=noisy)
        loss = self._state.loss.get(place) if place is not None else None
        shown = "" if loss is None else f"{100.0 * (1.0 - loss):.1f} %"
        self.packets.show_text(shown, warns=place in self._state.weak)
        battery = view.batteries.get(self.channel.device)
        self.battery.show_text(
            "" if battery is None else f"{battery} %",
            warns=battery is not None and battery <= BATTERY_WEAK_PERCENT and light is not Light.LOST,
        )

    def _fit_places(self) -> None:
        """Make the box as wide as what it says, so that it reads as a title."""
        letter = self.places.font().pixelSize()
        wide = self.places.fontMetrics().horizontalAdvance(self.places.currentText()) + round(1.6 * letter)
        if self.places.width() != wide:
            self.places.setFixedWidth(wide)

    def _list(self, channel: Channel) -> None:
        """List the muscles for a channel of a muscle, else every place."""
        self.places.setObjectName("title")
        lettered(self.places, 28, 650)
        self.places.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.places.setAccessibleName(self.title)
        self.places.addItem(words("place.none"), NOWHERE)
        for name in MUSCLES if channel.quantity in MUSCLE_QUANTITIES else {**BODY_SITES, **MUSCLES}:
            for side in ("left", "right") if name in MUSCLES else ("midline", "left", "right"):
                place = Placement(name, side)
                self.places.addItem(name_of(place), str(place))
        self.choose(channel.placement)
        self.places.setMaxVisibleItems(16)
        self.places.view().setMinimumWidth(320)

    def _arrange(self) -> None:
        row, text, state, title = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        row.setContentsMargins(22, 8, 22, 8)
        row.setSpacing(14)
        text.setSpacing(2)
        title.addWidget(self.places)
        title.addStretch(1)
        state.setSpacing(10)
        state.addWidget(self.light)
        state.addWidget(self.remark, 1)
        text.addStretch(1)
        text.addLayout(title)
        text.addLayout(state)
        text.addStretch(1)
        row.addWidget(self.disc)
        row.addLayout(text, 1)
        for figure in (self.noise, self.packets, self.battery):
            row.addWidget(figure)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addStretch(1)
        for part in (self.sensor, self.identify, self.search):
            side.addWidget(part, 0, Qt.AlignmentFlag.AlignRight)
        side.addStretch(1)
        row.addLayout(side)
