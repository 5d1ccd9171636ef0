"""The Sensors page driven as a person does: click, key, tap, test, fewer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.live.sensor_cards import MissingCard, SensorCard
from emgmon.live.strings import words
from emgmon.live.window import Window
from emgmon.model import DeviceChanged, Placement, QualityChanged
from emgmon.runner.board import PLACING, RECORDING, SCANNING, Board, Channel
from emgmon.runner.outcomes import Outcomes
from emgmon.runner.squeezing import Finding, Squeeze

from .scenes import SITES, frame, noise, streaming

pytestmark = pytest.mark.qt

NAMES = tuple(f"EMG-{name}" for name in SITES)
CHANNELS = tuple(Channel(f"EMG-{name}", "emg", 0, place) for name, place in SITES.items())


@pytest.fixture
def window(qapp) -> Iterator[Window]:  # noqa: ARG001 - a window needs an application
    made = Window(Bridge(), lambda: True, board=Board(), catalogue=packaged())
    made.resize(1600, 1000)
    made.show()
    yield made
    made.close_at_once()
    made.deleteLater()


def show(window, **changed) -> None:
    window.board.show(**changed)
    window.tick()


def placing(window, channels=CHANNELS, **changed) -> None:
    window.bridge.push([*streaming(), *[e for name in SITES for e in noise(name, 5.0, 0.5)], frame()])
    window.tick()
    show(window, stage=PLACING, wanted=NAMES, channels=channels, **changed)


def told(window) -> list[tuple[str, str]]:
    return list(iter(window.board.told, None))


def card(window, name) -> SensorCard:
    return next(c for c in window.sensors.rows if isinstance(c, SensorCard) and c.channel.device == f"EMG-{name}")


def click_site(window, qtbot, place) -> None:
    where = window.sensors.back.where(place)
    qtbot.mouseClick(window.sensors.back, Qt.MouseButton.LeftButton, pos=QPoint(round(where.x()), round(where.y())))


def test_a_card_says_place_noise_packets_and_battery(window):
    placing(window, outcomes=Outcomes(noise={SITES["GL"]: 2.14}), batteries={"EMG-GL": 82})
    shown = card(window, "GL")
    assert shown.places.currentText() == "Glute max · left"
    assert shown.disc.text == "GL"
    assert (shown.noise.text, shown.packets.text, shown.battery.text) == ("2.1 µV", "100.0 %", "82 %")
    assert shown.remark.text() == "Good contact"
    assert shown.objectName() == "card"


def test_a_fault_is_outlined_and_says_what_helps(window):
    placing(window)
    window.bridge.push([QualityChanged(9.0, SITES["HR"], "amber", "NOISE", "Dry the skin.")])
    window.bridge.push([DeviceChanged(9.0, "sensor-er", "lost", (SITES["ER"],), None)])
    window.tick()
    show(window, batteries={"EMG-ER": 12})
    assert card(window, "HR").objectName() == "cardwarn"
    assert card(window, "HR").remark.text() == "Dry the skin."
    assert card(window, "ER").objectName() == "cardlost"
    assert card(window, "ER").remark.text() == "Not connected: charge it (12 %)"
    assert not card(window, "ER").search.isHidden()
    assert window.sensors.go.text() == "Go on with 5"
    assert window.sensors.head.usable.text() == "5 of 6 sensors usable"


def test_going_on_with_five_of_six(window, qtbot):
    placing(window, channels=CHANNELS[:5])
    missing = window.sensors.rows[-1]
    assert isinstance(missing, MissingCard)
    assert missing.name == "EMG-ER"
    assert window.sensors.go.text() == "Go on with 5"
    qtbot.mouseClick(missing.search, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert told(window) == [("search", ""), ("go", "")]


def test_a_card_then_a_site_places_the_sensor(window, qtbot):
    channels = (*CHANNELS[:5], replace(CHANNELS[5], placement=None))
    placing(window, channels=channels)
    qtbot.mouseClick(card(window, "ER"), Qt.MouseButton.LeftButton)
    assert "EMG-ER" in window.sensors.head.subtitle.text()
    click_site(window, qtbot, SITES["ER"])
    assert told(window) == [("place", "EMG-ER=erector_spinae/right")]


def test_a_site_then_a_card_places_the_sensor_too(window, qtbot):
    place = Placement("biceps_femoris", "right")
    channels = tuple(c if c.placement != place else replace(c, placement=None) for c in CHANNELS)
    window.bridge.push([*streaming(("GL", "GR", "HL", "EL", "ER"))])
    show(window, stage=PLACING, wanted=NAMES, channels=channels)
    click_site(window, qtbot, place)
    assert "Hamstrings · right" in window.sensors.head.subtitle.text()
    qtbot.mouseClick(card(window, "HR"), Qt.MouseButton.LeftButton)
    assert told(window) == [("place", "EMG-HR=biceps_femoris/right")]


def test_who_sat_there_has_no_place_then(window, qtbot):
    placing(window)
    qtbot.mouseClick(card(window, "GL"), Qt.MouseButton.LeftButton)
    click_site(window, qtbot, SITES["GR"])
    assert told(window) == [("place", "EMG-GL=gluteus_maximus/right\tEMG-GR=-")]


def test_keys_go_through_the_cards_and_leave_them(window, qtbot):
    placing(window)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(window, key)
    assert window.sensors.picked == ("EMG-GL", 0)
    assert card(window, "GL").objectName() == "cardnow"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.sensors.picked is None


def test_a_tap_shows_which_card_it_is(window):
    placing(window)
    show(window, tapped=("EMG-HL", 1))
    assert card(window, "HL").objectName() == "cardnow"
    show(window, tapped=("EMG-EL", 2))
    assert card(window, "HL").objectName() == "card"
    assert card(window, "EL").objectName() == "cardnow"


def test_the_test_says_what_to_squeeze_and_what_is_exchanged(window, qtbot):
    placing(window)
    qtbot.keyClick(window, Qt.Key.Key_E)
    show(window, squeeze=Squeeze(SITES["GL"], 3.0, 6.0, 1, 6), now_s=4.2)
    assert window.sensors.strip.text.text() == "Squeeze: Glute max · left"
    assert window.sensors.back.picked == SITES["GL"]
    qtbot.keyClick(window, Qt.Key.Key_C)
    pair = (SITES["GL"], SITES["GR"])
    show(window, squeeze=None, tested=True, findings=(Finding("They answer for each other.", pair, pair),))
    assert card(window, "GL").objectName() == "cardwarn"
    (swap,) = window.sensors.strip.swaps
    qtbot.mouseClick(swap, Qt.MouseButton.LeftButton)
    placed = "EMG-GL=gluteus_maximus/right\tEMG-GR=gluteus_maximus/left"
    assert told(window) == [("test", ""), ("cancel", ""), ("place", placed)]
    show(window, findings=())
    assert window.sensors.strip.text.text() == words("sensors.test.good")


def test_nothing_heard_says_what_to_do(window):
    show(window, stage=SCANNING)
    assert window.sensors.nothing.isVisible()
    assert "two metres" in window.sensors.nothing.how.text()
    show(window, problem="No Bluetooth: it is switched off.")
    assert window.sensors.nothing.title.text() == "No Bluetooth: it is switched off."
    assert window.sensors.nothing.retry.isVisible()


def test_a_sensor_that_joins_a_recording_is_offered_and_placed_by_clicks(window, qtbot):
    placing(window, channels=CHANNELS[:5])
    show(window, stage=RECORDING)
    window.show_page("Sensors")
    assert not card(window, "GL").places.isEnabled()
    joined = replace(CHANNELS[5], placement=None)
    show(window, channels=(*CHANNELS[:5], joined), joined=("EMG-ER",))
    assert window.sensors.head.subtitle.text() == words("sensors.joined.how", name="EMG-ER")
    assert card(window, "ER").remark.text() == words("state.nowhere")
    assert card(window, "ER").places.isEnabled()
    told(window)
    qtbot.mouseClick(card(window, "GL"), Qt.MouseButton.LeftButton)  # who was there stays
    click_site(window, qtbot, SITES["ER"])
    assert told(window) == []
    qtbot.mouseClick(card(window, "ER"), Qt.MouseButton.LeftButton)
    click_site(window, qtbot, SITES["ER"])
    assert told(window) == [("place", "EMG-ER=erector_spinae/right")]
    show(window, channels=CHANNELS, joined=("EMG-ER",))
    assert window.sensors.head.subtitle.text() == words("sensors.recording.how")


def test_a_sensor_that_joins_is_placed_by_keys_alone(window, qtbot):
    placing(window, channels=CHANNELS[:5])
    show(window, stage=RECORDING)
    show(window, channels=(*CHANNELS[:5], replace(CHANNELS[5], placement=None)), joined=("EMG-ER",))
    window.show_page("Sensors")
    told(window)
    qtbot.keyClick(window, Qt.Key.Key_Down)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert told(window) == [
        ("place", "EMG-ER=gluteus_maximus/left"),
        ("place", "EMG-ER=gluteus_maximus/right"),
    ]
