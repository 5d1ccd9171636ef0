from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from xml.etree import ElementTree as ET

import pytest
from justhtml import JustHTML

from emgmon.model import ChannelQuality, Placement, SessionSummary
from emgmon.report import session_html

VOID = {"meta", "br", "link", "img", "hr", "input"}
FONT_LETTERS = {*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "‐‑‒–—‘’“”•…←↑→↓−≈≠≤≥√▲▼●○■✓✗† ΔμΩσ€")}
"""What ``docs/report_font.py`` keeps."""

HOSTILE = '<script>alert("x")</script> & <b>bold</b>'


class Balanced(HTMLParser):
    """Fails at the first tag that closes another one than the last opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "link", "iframe", "img"}
        assert not [name for name, value in attrs if name in {"src", "onload", "onclick"} or "//" in (value or "")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def words(page: str) -> str:
    """The text of a page, spaces folded."""
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    return re.sub(r"\s+", " ", " ".join(parser.text))


def drawings(page: str) -> Iterator[ET.Element]:
    for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        yield ET.fromstring(text)  # noqa: S314 - our own text


def test_every_session_gives_a_balanced_page_that_fetches_nothing(session: SessionSummary) -> None:
    page = session_html(session, title_person="Person 014")
    assert page.startswith("<!doctype html>")
    assert page.count("<section") == max(1, 2 * len(session.sets))
    assert not re.search(r"https?://|xmlns|<script|@import|url\((?!#|data:font/woff2;)", page)
    assert "default-src 'none'" in page
    text = words(page)
    assert "Person 014" in text
    assert "not a diagnosis" in text
    assert "mechanism and clinical meaning are disputed" in text
    assert len(page.encode()) < 400_000


def test_a_parser_of_the_standard_finds_no_error(session: SessionSummary) -> None:
    assert JustHTML(session_html(session, title_person=HOSTILE, recording=HOSTILE), collect_errors=True).errors == []


@pytest.mark.skipif(
    "VNU_JAR" not in os.environ or not shutil.which("java"),
    reason="the Nu Html Checker is not here: name its vnu.jar in VNU_JAR",
)
def test_the_checker_of_the_w3c_finds_no_error(session: SessionSummary, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(session_html(session), "utf-8")
    command = ["java", "-jar", os.environ["VNU_JAR"], "--errors-only", "--format", "text", str(page)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own page
    assert found.returncode == 0, found.stderr


def test_every_letter_of_a_page_is_in_its_font(session: SessionSummary) -> None:
    letters = set(words(session_html(session)))
    assert letters <= {chr(code) for code in FONT_LETTERS}


def test_the_recording_is_named_so_that_the_page_can_be_made_again(make) -> None:
    assert "recording a.mcap, SHA-256 12ab" in words(session_html(make["full"](), recording="a.mcap, SHA-256 12ab"))


def test_every_drawing_is_well_formed_and_has_finite_coordinates(session: SessionSummary) -> None:
    for drawing in drawings(session_html(session)):
        assert drawing.tag == "svg"
        for shape in drawing.iter():
            for value in shape.attrib.values():
                assert not re.search(r"\b(nan|inf)\b", value)


def test_a_page_says_that_data_are_simulated(make) -> None:
    full = make["full"]()
    assert session_html(full).count("Simulated data") == 3
    assert "Simulated" not in session_html(replace(full, simulated=False))


def test_user_text_is_shown_and_never_becomes_markup(make) -> None:
    full = make["full"]()
    one = replace(full.sets[0], exercise_title=HOSTILE, notes=(HOSTILE,))
    channels = (replace(full.channels[0], device=HOSTILE), *full.channels[1:])
    hostile = replace(
        full, sets=(one,), channels=channels, source=HOSTILE, program=HOSTILE, started_utc=HOSTILE,
        settings={HOSTILE: HOSTILE},
    )  # fmt: skip
    page = session_html(hostile, title_person=HOSTILE)
    assert "<script" not in page
    assert "<b>bold" not in page
    assert words(page).count('<script>alert("x")</script>') >= 8


def test_the_four_numbers_are_those_of_the_summary(make) -> None:
    full = make["full"]()
    reps = full.sets[0].reps
    page = session_html(full)
    strong = re.findall(r"<strong>(.*?)</strong>", page)
    share = median(rep.value("share_glute", "hold") for rep in reps)
    assert strong[0] == f"{100 * share:.0f} %"
    assert strong[1] == f"{sum(rep.target == 'met' for rep in reps)} / 8"
    assert strong[3] == f"{median(rep.value('duration', 'hold') for rep in reps):.1f} s"
    held = sum(1.75 <= rep.value("duration", "hold") <= 4.25 for rep in reps)
    assert f"{held} of 8 met 2 to 4 s" in page


def test_every_rep_shows_its_own_share_and_frames_it_off_target(make) -> None:
    full = make["full"]()
    page = session_html(full)
    cells = re.findall(r'<div class="(rep|missed|uncounted)"><p><span>(\d+)</span>.*?<i>(.*?)</i>', page)
    expected = [
        ("missed" if rep.target == "missed" else "rep", str(rep.index), f"{100 * rep.value('share_glute', 'hold'):.0f}")
        for rep in full.sets[0].reps
    ]
    assert [(kind, index, re.sub(r"<svg.*</svg>", "", text)) for kind, index, text in cells] == expected


def test_the_estimate_with_its_interval_is_the_second_title(make) -> None:
    full = make["full"]()
    estimate = full.sets[0].estimate("sdi", "hold")
    text = words(session_html(full)).replace("−", "-")
    assert f"SDI {estimate.mean:+.2f}, 95 % interval {estimate.low:+.2f} to {estimate.high:+.2f}" in text
    assert f"Second half against first: {estimate.last - estimate.first:+.2f}" in text


def test_without_references_nothing_is_compared_between_muscles(make) -> None:
    text = words(session_html(make["walk"]()))
    assert "only changes within this session mean something" in text
    assert "glutes and hamstrings only" in text
    assert "Share of the three" not in text
    assert "Only the right side was measured." in text
    assert "% of reference" not in text


def test_too_few_reps_have_no_interval(make) -> None:
    text = words(session_html(make["three"]()))
    assert "too few reps for an interval" in text
    assert "95 % interval of" not in text.partition("How to read")[0]


def test_a_lost_sensor_is_named_and_its_reps_are_not_counted(make) -> None:
    page = session_html(make["lost"]())
    text = words(page)
    assert "Read with care: Biceps femoris, right (much lost, 57.6 %); reps 5 and 6 not counted" in text
    assert page.count('class="uncounted"') == 2
    assert text.count("without HR") == 4


def test_loss_that_cannot_be_known_is_not_called_zero(make) -> None:
    page = session_html(make["walk"]())
    row = re.search(r"<tr><td>Gluteus maximus, right</td>.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert "<td>–</td><td>not known</td>" in row.group()
    assert "loss unseen" in row.group()


def test_no_set_and_no_rep_are_said(make) -> None:
    assert "No set was recorded" in words(session_html(make["empty"]()))
    assert "No repetition was found in this set" in words(session_html(make["no_reps"]()))


def test_what_a_page_cannot_hold_is_counted(make) -> None:
    text = words(session_html(make["crowded"]()))
    assert "one in 3 reps is drawn, all are counted" in text
    assert "9 more channels in the JSON summary" in text
    assert "4 more notes in the JSON summary" in text


def test_a_level_below_the_limit_of_detection_bears_its_sign(make) -> None:
    full = make["full"]()
    reps = tuple(
        replace(rep, values=tuple(replace(v, flag="<=") if v.where == "erector_spinae/left" else v for v in rep.values))
        for rep in full.sets[0].reps
    )
    page = session_html(replace(full, sets=(replace(full.sets[0], reps=reps),)))
    row = re.search(r"<tr><td class=\"gE\">Erector spinae L</td>.*?</tr>", page)
    assert row is not None
    assert row.group().count("≤") == 3


@pytest.mark.parametrize("metric", ["share_glute", "sdi", "symmetry", "duration", "level", "log_ratio_h"])
def test_any_metric_may_be_missing(make, metric: str) -> None:
    full = make["full"]()
    one = full.sets[0]
    reps = tuple(replace(rep, values=tuple(v for v in rep.values if v.metric != metric)) for rep in one.reps)
    kept = tuple(item for item in one.estimates if item.metric != metric)
    words(session_html(replace(full, sets=(replace(one, reps=reps, estimates=kept),))))


def test_reps_without_any_value_or_curve_are_still_a_page(make) -> None:
    full = make["full"]()
    one = full.sets[0]
    bare = tuple(replace(rep, values=(), curves=(), target="unknown") for rep in one.reps)
    text = words(session_html(replace(full, sets=(replace(one, reps=bare, estimates=(), references=()),))))
    assert "No muscle activity could be measured in this set" in text


def test_an_imu_without_placement_has_a_row(make) -> None:
    full = make["full"]()
    imu = ChannelQuality("imu", Placement("erector_spinae", "midline"), "imu", "g,dps", 100.0, 99.9, 10, 0, "time", 0,
                         float("nan"), None)  # fmt: skip
    text = words(session_html(replace(full, channels=(imu, *full.channels))))
    assert "No placement (imu)" in text
    assert "Erector spinae, midline (imu)" in text


def test_good_motion_channels_of_the_sensors_share_a_row(make) -> None:
    full = make["full"]()
    motion = tuple(
        replace(item, quantity="imu", unit="g,dps", fs_hz=100.0, noise=float("nan"), lost=number)
        for number, item in enumerate(full.channels[:6])
    )
    text = words(session_html(replace(full, channels=(*full.channels[:6], *motion))))
    assert "Motion, 6 sensors" in text
    assert "(imu)" not in text
    bad = replace(motion[0], lost=50000)
    assert "Gluteus maximus, left (imu)" in words(session_html(replace(full, channels=(*full.channels, bad))))
