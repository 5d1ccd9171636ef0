"""The recordings that ship with the project are read for ever and give the same summary."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from emgmon.report import session_html, session_json
from emgmon.runner import analyse
from emgmon.storage.recording import read_recording

FOLDER = Path(__file__).parents[1] / "recordings"
GOLDEN = Path(__file__).parent / "golden"
RECORDINGS = sorted(FOLDER.glob("*.mcap"))


def essence(summary):
    """What of a summary is kept as golden: everything but the sides, rounded where platforms may differ."""

    def plain(value):
        if isinstance(value, float):
            return float(f"{value:.5g}")
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [
                plain(item) for item in value if not (isinstance(item, dict) and item.get("where", "both") != "both")
            ]
        return value

    kept = session_json(summary)
    kept.pop("settings")
    kept.pop("program")
    return plain(kept)


@pytest.fixture(scope="module", params=RECORDINGS, ids=lambda path: path.stem)
def reference(request):
    recording = read_recording(request.param)
    summary = analyse(recording)
    assert recording.damage == []
    return request.param, summary


def test_there_are_a_clean_and_a_faulty_one():
    assert [path.stem for path in RECORDINGS] == ["bridges-clean", "bridges-faults"]
    assert sum(path.stat().st_size for path in RECORDINGS) < 3_000_000


def test_golden_summary(reference, request):
    path, summary = reference
    golden = GOLDEN / f"{path.stem}.json"
    found = essence(summary)
    if request.config.getoption("--update-golden"):
        golden.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    expected = json.loads(golden.read_text("utf-8"))
    assert _close(found, expected), "review the difference, then run with --update-golden"


NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Shown(HTMLParser):
    """Collects what a reader sees of a page, a line for each piece of text, drawings included."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self._inside = tag

    def handle_data(self, data):
        text = " ".join(data.split())
        if text and self._inside not in {"style", "title"}:
            self.lines.append(text)


def test_golden_report(reference, request):
    """The page says the same; a number may differ by one in its last digit, as platforms may."""
    path, summary = reference
    page = Shown()
    page.feed(session_html(summary, recording=path.name))
    found = "\n".join(page.lines).replace(summary.program, "PROGRAM") + "\n"
    golden = GOLDEN / f"{path.stem}.txt"
    if request.config.getoption("--update-golden"):
        golden.write_text(found, "utf-8")
    expected = golden.read_text("utf-8")
    assert NUMBER.sub("#", found) == NUMBER.sub("#", expected), "review the difference, then run with --update-golden"
    for number, before in zip(NUMBER.findall(found), NUMBER.findall(expected), strict=True):
        last_digit = 10.0 ** -len(before.partition(".")[2])
        assert abs(float(number) - float(before)) < 1.5 * last_digit, (number, before)


def _close(a, b):
    """Equal but for the last digits, in which other processors may round otherwise."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_close(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(_close(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and abs(a - b) <= 1e-3 * max(abs(a), abs(b), 0.1)
    return a == b


def test_truth_is_recovered(reference):
    path, summary = reference
    truth = json.loads(path.with_suffix(".truth.json").read_text("utf-8"))["reps"]
    (done,) = summary.sets
    assert len(done.reps) == len(truth)
    share_error = []
    for rep, true in zip(done.reps, truth, strict=True):
        found = [rep.rep.start_s, rep.rep.top_s, rep.rep.release_s, rep.rep.end_s]
        error = np.array(found) - [true[key] for key in ("start_s", "top_s", "release_s", "end_s")]
        assert np.median(np.abs(error)) < 0.1
        share_error.append(rep.value("share_glute", "hold") - true["share_glute"])
    # the wearer's effort in the reference contractions was not quite maximal: that moves all reps alike
    assert np.nanmax(np.abs(share_error)) < 0.08
    assert np.nanstd(share_error) < 0.02


def test_faults_are_counted_and_named(reference):
    path, summary = reference
    lost = {channel.device: channel.lost for channel in summary.channels if channel.quantity == "emg"}
    if path.stem == "bridges-clean":
        assert set(lost.values()) == {0}
    else:
        assert min(lost.values()) > 100
        assert lost["EMG-HL"] > 4000
