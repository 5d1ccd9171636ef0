import sys

import pytest

from emgmon.live.state import TrainState
from emgmon.live.strokes import width
from emgmon.live.theme import DARK, THEMES, blend, font
from emgmon.live.training import TrainingScreen
from emgmon.model import Notice

from .scenes import frame, levels, scenes

pytestmark = [pytest.mark.qt, pytest.mark.usefixtures("qapp")]


@pytest.fixture
def screen(qtbot):
    def build(name: str, theme=DARK, wide: int = 960, high: int = 540) -> TrainingScreen:
        state = TrainState(recording=True, sound=name == "on-target")
        for event in scenes()[name]:
            state.apply(event)
        made = TrainingScreen(state, theme)
        qtbot.addWidget(made)
        made.resize(wide, high)
        return made

    return build


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("name", scenes())
def test_every_state_can_be_painted(screen, name, theme):
    assert not screen(name, theme).grab().isNull()


@pytest.mark.parametrize("size", [(480, 270), (1024, 600), (500, 900), (1600, 400)])
def test_every_shape_of_window_can_be_painted(screen, size):
    assert not screen("on-target", DARK, *size).grab().isNull()


@pytest.mark.parametrize(("name", "group"), [("on-target", "G"), ("hamstrings-lead", "H"), ("back-leads", "E")])
def test_the_frame_takes_the_colour_of_the_group_that_leads(screen, name, group):
    assert screen(name).grab().toImage().pixelColor(480, 2).name().upper() == DARK.group(group)


def test_at_rest_there_is_no_frame(screen):
    assert screen("rest").grab().toImage().pixelColor(480, 2).name().upper() == DARK.background


def test_the_ring_is_filled_by_the_share(screen):
    image = screen("on-target").grab().toImage()
    assert image.pixelColor(480 - 178, 254).name().upper() == DARK.glutes  # 9 o'clock
    dimmed = screen("rest").grab().toImage().pixelColor(480 - 178, 254)
    assert dimmed.name() == blend(DARK.track, DARK.glutes, 0.35).name()


def test_a_bar_is_as_long_as_the_level(screen):
    made = screen("on-target")
    made.state.apply(frame(level=levels(HR=0.5)))
    image = made.grab().toImage()
    row = 540 * (872 + 57 + 22) // 1080
    left = 480 + 75
    assert image.pixelColor(left + 150, row).name().upper() == DARK.hamstrings
    assert image.pixelColor(left + 170, row).name().upper() == DARK.panel


def test_a_notice_is_painted_only_where_there_is_no_status_line(screen):
    made = screen("rest")
    before = made.grab().toImage()
    made.state.apply(Notice(252.0, "The left sensor is loose, press it."))
    assert made.grab().toImage() == before
    made.shows_notice = True
    assert made.grab().toImage() != before


def test_painting_drops_no_reference_to_none(screen):
    made = screen("on-target")
    made.show()
    for place in range(20):
        made.state.apply(frame(hold_s=place / 10))
        made.repaint()
    before = sys.getrefcount(None)
    for place in range(200):
        made.state.apply(frame(hold_s=place / 50, level=levels(GL=place / 200)))
        made.repaint()
    assert sys.getrefcount(None) >= before - 20


def test_figures_are_of_equal_width():
    assert font(40, 750).family() == "Inter"
    assert len({width(figure * 4, 40, 750) for figure in "0123456789"}) == 1
    assert width("HOLD", 40, 750) > width("HOLD", 40, 400)
