from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

from emgmon.dsp.quality import REMEDIES
from emgmon.live.raw import SignalsScreen
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.theme import DARK, LIGHT
from emgmon.model import QualityChanged, SignalSeen

from .scenes import SITES, noise

pytestmark = pytest.mark.qt


@pytest.fixture
def screen(qtbot) -> SignalsScreen:
    made = SignalsScreen(TrainState())
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    return made


def block(name: str, start_s: float, value: float, duration_s: float = 1.0) -> SignalSeen:
    return SignalSeen(SITES[name], start_s, 0.001, np.full(round(1000 * duration_s), value), "uv")


def columns_of(image: QImage, colour: str, screen: SignalsScreen, row: int) -> np.ndarray:
    """Say of each pixel column of the picture whether a row of pixels bears a colour there."""
    plot = screen._plot()
    wanted = QColor(colour).rgb()
    return np.array([image.pixel(x, row) == wanted for x in range(plot.left(), plot.right() + 1)])


def test_empty_and_paused_screens_can_be_painted(screen):
    assert not screen.grab().isNull()
    screen.set_paused(paused=True)
    assert not screen.grab().isNull()


def test_rows_are_ordered_as_on_the_body(screen):
    for name in ("ER", "HL", "GR", "GL"):
        screen.take(block(name, 0.0, 1.0))
    assert list(screen.scales()) == [SITES[name] for name in ("GL", "GR", "HL", "ER")]


def test_each_channel_has_its_own_axis(screen):
    screen.take(block("GL", 0.0, 70.0))
    screen.take(block("HL", 0.0, 700.0))
    screen.refresh()
    assert screen.scales() == {SITES["GL"]: 100.0, SITES["HL"]: 1000.0}


def test_a_trace_stands_where_its_seconds_and_microvolts_are(screen):
    screen.take(block("GL", 2.0, 50.0, 3.0))
    screen.refresh()
    plot, image = screen._plot(), screen.grab().toImage()
    scale = screen.scales()[SITES["GL"]]
    high = plot.height() - 4
    row = plot.top() + round((high - 1) / 2 * (1 - 50.0 / scale))
    seen = np.flatnonzero(columns_of(image, DARK.glutes, screen, row))
    assert seen[0] == pytest.approx(0.2 * plot.width(), abs=2)
    assert seen[-1] == pytest.approx(0.5 * plot.width(), abs=2)


def test_lost_samples_are_a_gap(screen):
    samples = np.full(4000, 50.0)
    samples[1000:2000] = np.nan
    screen.take(SignalSeen(SITES["GL"], 0.0, 0.001, samples, "uv"))
    screen.refresh()
    image, plot = screen.grab().toImage(), screen._plot()
    bearing = [columns_of(image, DARK.glutes, screen, row) for row in range(plot.top(), plot.bottom())]
    trace = np.any(bearing, axis=0)
    tenth = plot.width() / 10
    assert not trace[round(1.05 * tenth) : round(1.95 * tenth)].any()
    assert trace[round(0.05 * tenth) : round(0.95 * tenth)].all()


def test_drawing_what_is_new_gives_what_drawing_all_gives(screen):
    for name in ("GL", "ER"):
        for part in noise(name, 0.0, 3.0):  # fixes the axes
            screen.take(part)
    screen.refresh()
    parts = [list(noise(name, 3.0, 14.0, lost=0.1)) for name in ("GL", "ER")]
    for pair in zip(*parts, strict=True):
        for part in pair:
            screen.take(part)
        screen.refresh()
    new = screen._pixels.copy()
    screen.set_theme(DARK)
    assert (screen._pixels == new).all()


@pytest.mark.parametrize("raw", [False, True])
def test_what_came_while_nobody_looked_is_drawn_as_what_was_seen(screen, raw):
    screen.set_raw(raw=raw)
    other = SignalsScreen(screen.state)
    other.resize(screen.size())
    other.set_raw(raw=raw)
    for k, part in enumerate(noise("GL", 0.0, 13.0, lost=0.1)):
        if k == 50:
            screen.state.apply(QualityChanged(0.0, SITES["GL"], "amber", "NOISE", ""))
        sent = replace(part, raw=1000.0 + 3.0 * part.samples, delay_s=0.004)
        for each in (screen, other):
            each.take(sent)
        screen.refresh()
    other.refresh()
    seen, unseen = screen._channels[SITES["GL"]].sweep, other._channels[SITES["GL"]].sweep
    window = (seen.head - seen.columns + 1, seen.head)
    for a, b in zip(seen.read(*window), unseen.read(*window), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(seen.grades(*window), unseen.grades(*window))
    assert seen.grades(*window).any()


def test_pausing_keeps_the_picture_and_going_on_shows_what_came(screen):
    screen.take(block("GL", 0.0, 5.0))
    screen.refresh()
    before = screen._pixels.copy()
    screen.set_paused(paused=True)
    screen.take(block("GL", 1.0, 8.0))
    screen.refresh()
    assert (screen._pixels == before).all()
    screen.set_paused(paused=False)
    screen.refresh()
    assert (screen._pixels != before).any()


def test_another_size_and_another_theme_keep_the_signal(screen):
    screen.take(block("GL", 0.0, 5.0, 4.0))
    screen.refresh()
    screen.resize(1000, 300)
    screen.set_theme(LIGHT)
    assert (screen._pixels == QColor(LIGHT.glutes).rgb()).any(axis=0).mean() == pytest.approx(0.4, abs=0.02)


def test_new_columns_are_all_that_is_shown_again(screen, monkeypatch):
    screen.take(block("GL", 0.0, 5.0))
    screen.refresh()
    strips = []
    monkeypatch.setattr(screen, "update", lambda *strip: strips.append(strip))
    screen.take(block("GL", 1.0, 5.0, 0.05))
    screen.refresh()
    ((_, _, wide, _),) = strips
    assert wide < 30
    for start in range(1, 10):
        screen.take(block("GL", start + 0.05, 5.0))
    screen.refresh()
    strips.clear()
    screen.take(block("GL", 10.05, 5.0, 0.1))  # over the edge
    screen.refresh()
    assert len(strips) == 1


def test_doubtful_signal_has_dashes_at_its_foot_and_unusable_a_bar(screen):
    def quality(state: str) -> None:
        screen.state.apply(QualityChanged(0.0, SITES["GL"], state, "NOISE" if state != "good" else "", ""))

    for start, state in ((0.0, "good"), (3.0, "amber"), (6.0, "red")):
        quality(state)
        screen.take(block("GL", start, 1.0, 3.0))
    screen.refresh()
    plot, image = screen._plot(), screen.grab().toImage()
    foot = plot.top() + plot.height() - 6
    tenth = plot.width() / 10
    amber, red = columns_of(image, DARK.hamstrings, screen, foot), columns_of(image, DARK.lost, screen, foot)
    assert not (amber | red)[: round(2.95 * tenth)].any()
    assert 0.5 < amber[round(3.05 * tenth) : round(5.95 * tenth)].mean() < 0.7
    assert red[round(6.05 * tenth) : round(8.95 * tenth)].all()


def test_a_light_that_changes_is_shown_at_once(screen, monkeypatch):
    screen.take(block("GL", 0.0, 5.0))
    screen.refresh()
    strips = []
    monkeypatch.setattr(screen, "update", lambda *strip: strips.append(strip))
    screen.state.apply(QualityChanged(0.0, SITES["GL"], "red", "LEAD", "The electrode is loose: press it on."))
    screen.refresh()
    assert (0, 0, screen._plot().left(), screen.height()) in strips


def test_every_code_of_quality_has_words():
    assert all(words(f"signals.{code}") for code in REMEDIES)


def both(start_s: float, filtered: float, raw: float, duration_s: float = 1.0) -> SignalSeen:
    """Samples that are `filtered` throughout, and of which the raw ones lie `raw` above and below an offset of 2 mV."""
    n = round(1000 * duration_s)
    sent = 2000.0 + raw * np.where(np.arange(n) % 2, 1.0, -1.0)
    return SignalSeen(SITES["GL"], start_s, 0.001, np.full(n, filtered), "uv", sent, 0.0005)


def test_raw_samples_are_shown_around_their_mean_and_said_to_be_raw(screen, qtbot):
    for k in range(40):
        screen.take(both(0.1 * k, 30.0, 150.0, 0.1))
    screen.refresh()
    assert screen.scales() == {SITES["GL"]: 50.0}
    qtbot.mouseClick(screen.form, Qt.MouseButton.LeftButton)
    assert screen.raw
    assert screen.form.text() == words("signals.raw")
    assert screen.scales() == {SITES["GL"]: 200.0}
    low, high, _lost = screen._channels[SITES["GL"]].sweep.read(0, round(0.38 * screen._columns()))
    assert np.nanmax(high) == pytest.approx(150.0, abs=1.0)
    assert np.nanmin(low) == pytest.approx(-150.0, abs=1.0)
    screen.take(both(4.0, 30.0, 900.0, 0.1))
    screen.refresh()
    assert screen.scales() == {SITES["GL"]: 1000.0}
    screen.set_raw(raw=False)
    assert screen.form.text() == words("signals.filtered")
    assert screen.scales() == {SITES["GL"]: 50.0}


def test_the_quality_of_the_past_stays_when_the_form_changes(screen):
    screen.state.quality[SITES["GL"]] = QualityChanged(0.0, SITES["GL"], "red", "LEAD", REMEDIES["LEAD"])
    screen.take(both(0.0, 30.0, 150.0))
    screen.refresh()
    before = screen._channels[SITES["GL"]].sweep.grades(0, 40)
    assert before.any()
    screen.set_raw(raw=True)
    np.testing.assert_array_equal(screen._channels[SITES["GL"]].sweep.grades(0, 40), before)


def test_a_sensor_without_raw_samples_shows_what_it_has(screen):
    screen.set_raw(raw=True)
    screen.take(block("GL", 0.0, 70.0))
    screen.refresh()
    assert screen.scales() == {SITES["GL"]: 100.0}


def test_who_looks_closely_sees_the_form_that_was_shown(screen):
    screen.take(both(0.0, 30.0, 150.0))
    screen.set_paused(paused=True)
    assert np.nanmax(screen.inspector.stretches[SITES["GL"]].samples) == 30.0
    screen.set_raw(raw=True)
    assert screen.paused
    stretch = screen.inspector.stretches[SITES["GL"]]
    assert np.nanmax(stretch.samples) == pytest.approx(150.0, abs=1.0)
    assert stretch.times_s[0] == pytest.approx(0.0005)
