"""Words become marks; what a person may not do is said."""

import math

import pytest

from emgmon.exercise.catalogue import packaged
from emgmon.model import Placement
from emgmon.runner.conduct import Conductor
from emgmon.runner.doing import CHECK, IDLE, LEAD, PART, PAUSED, RECOVER, REFERENCE, REST, SET, Timings
from emgmon.runner.steps import Worn

GL, ER = Placement("gluteus_maximus", "left"), Placement("erector_spinae", "right")
SACRUM = Placement("sacrum", "midline")
WORN = Worn([GL, ER], [GL, SACRUM])


@pytest.fixture
def conductor():
    return Conductor(packaged(), "bridge_2leg", None, Timings(rest_s=8.0, lead_s=5.0, recover_s=20.0))


def obey(conductor, now_s, word, text=""):
    return [kind for kind, _data in conductor.obey(now_s, word, text, WORN)]


def passed(conductor, now_s):
    return [kind for kind, _data in conductor.pass_time(now_s)]


def test_rest_ends_by_itself(conductor):
    assert obey(conductor, 10.0, "rest") == ["baseline_start"]
    assert conductor.doing.what == REST
    assert passed(conductor, 17.9) == []
    assert passed(conductor, 18.0) == ["baseline_stop"]
    assert conductor.doing.what == IDLE


def test_a_reference_waits_for_the_question_of_pain(conductor):
    assert obey(conductor, 0.0, "reference", "G") == []
    assert "how much it hurts" in conductor.said[-1]
    assert obey(conductor, 1.0, "pain", "2") == ["pain"]
    assert obey(conductor, 2.0, "reference", "G") == []
    assert conductor.doing.what == LEAD
    ((kind, data),) = conductor.pass_time(7.0)
    assert (kind, data["group"], data["kind"], data["trial"]) == ("reference_start", "G", "T1", 1)
    assert data["position"] == "prone_hip_extension_knee_bent"
    assert conductor.doing.what == REFERENCE
    assert passed(conductor, 12.0) == ["reference_stop"]
    assert conductor.tries == {("G", "T1"): 1}


def test_after_three_tries_the_next_position_has_its_turn(conductor):
    obey(conductor, 0.0, "pain", "0")
    positions = []
    for trial in range(7):
        obey(conductor, 100.0 * trial, "reference", "G")
        positions += [data["position"] for _kind, data in conductor.pass_time(100.0 * trial + 5.0)]
        conductor.pass_time(100.0 * trial + 60.0)
    assert positions == ["prone_hip_extension_knee_bent"] * 3 + ["standing_squeeze"] * 3 + [
        "prone_hip_extension_knee_bent"
    ]


@pytest.mark.parametrize("answer", ["3", "8", "0 surgery"])
def test_pain_or_surgery_asks_for_light_tasks(conductor, answer):
    obey(conductor, 0.0, "pain", answer)
    obey(conductor, 1.0, "reference", "E")
    ((_kind, data),) = conductor.pass_time(6.0)
    assert data["kind"] == "T2"
    assert data["position"] == "standing_arms_forward"


def test_pain_during_a_maximal_contraction_leaves_it_out(conductor):
    obey(conductor, 0.0, "pain", "0")
    obey(conductor, 1.0, "reference", "G")
    conductor.pass_time(6.0)
    assert obey(conductor, 7.0, "pain", "5") == ["pain", "reference_cancel"]
    assert conductor.tries == {}


def test_pain_while_getting_ready_does_not_begin_a_maximal_contraction(conductor):
    obey(conductor, 0.0, "pain", "0")
    obey(conductor, 1.0, "reference", "G")
    obey(conductor, 2.0, "pain", "6")
    assert passed(conductor, 6.0) == []


def test_a_weight_is_told_with_the_light_task(conductor):
    obey(conductor, 0.0, "pain", "4")
    obey(conductor, 1.0, "reference", "E 1.5")
    assert conductor.pass_time(6.0)[0][1]["load_kg"] == 1.5


def test_a_set_begins_after_getting_ready_and_brings_its_table_once(conductor):
    obey(conductor, 0.0, "set", "6")
    marks = conductor.pass_time(5.0)
    assert [kind for kind, _data in marks] == ["exercise", "set_start"]
    assert marks[1][1] == {"exercise": "bridge_2leg", "target_reps": 6}
    assert math.isinf(conductor.doing.until_s)
    assert obey(conductor, 60.0, "stop") == ["set_stop"]
    obey(conductor, 70.0, "set")
    assert passed(conductor, 75.0) == ["set_start"]


@pytest.mark.parametrize("word", ["rest", "reference", "set", "exercise"])
def test_in_a_set_there_is_nothing_else_to_begin(conductor, word):
    obey(conductor, 0.0, "set")
    conductor.pass_time(5.0)
    assert obey(conductor, 6.0, word, "G") == []
    assert conductor.said[-1] == "Stop the set first."
    assert conductor.doing.what == SET


@pytest.mark.parametrize(
    ("begin", "ends"), [("rest", "baseline_cancel"), ("reference", "reference_cancel"), ("set", "set_stop")]
)
def test_it_hurts_stops_at_once_and_asks_again(conductor, begin, ends):
    obey(conductor, 0.0, "pain", "0")
    obey(conductor, 1.0, begin, "G" if begin == "reference" else "")
    conductor.pass_time(6.0)
    marks = conductor.obey(7.0, "hurts", "", WORN)
    assert [kind for kind, _data in marks] == [ends, "note"]
    assert "because of pain" in marks[1][1]["text"]
    assert conductor.pain is None
    assert conductor.kind == ""


def test_an_exercise_is_chosen_by_its_id(conductor):
    assert obey(conductor, 0.0, "exercise", "nothing") == []
    assert "'emgmon exercises' lists them" in conductor.said[-1]
    other = next(name for name in packaged() if name != "bridge_2leg")
    obey(conductor, 0.0, "exercise", other)
    assert conductor.exercise.id == other
    assert "Stop" in conductor.said[-1]


@pytest.mark.parametrize(
    ("word", "text", "said"),
    [
        ("dance", "", "is no command; there are rest"),
        ("reference", "Z", "one of G, H, E, D"),
        ("reference", "H", "No sensor sits on hamstrings"),
        ("pain", "much", "a number from 0"),
        ("pain", "11", "a number from 0"),
        ("pain", "nan", "a number from 0"),
    ],
)
def test_what_does_not_fit_is_said(conductor, word, text, said):
    assert obey(conductor, 0.0, word, text) == []
    assert said in conductor.said[-1]


def test_notes_are_kept_and_empty_ones_are_none(conductor):
    assert conductor.obey(0.0, "note", " left knee clicks ", WORN) == [("note", {"text": "left knee clicks"})]
    assert obey(conductor, 0.0, "note", "  ") == []


def test_the_end_of_the_session_ends_what_is_open(conductor):
    obey(conductor, 0.0, "pain", "0")
    obey(conductor, 0.0, "reference", "G")
    conductor.pass_time(5.0)
    assert conductor.finish(6.0) == [("reference_cancel", {})]
    assert conductor.finish(6.0) == []


def test_three_tries_come_by_themselves_with_rests_between(conductor):
    obey(conductor, 0.0, "pain", "0")
    obey(conductor, 1.0, "tries", "G left")
    marks, seen, now_s = [], [], 1.0
    while conductor.doing.what != IDLE:
        seen.append((conductor.doing.what, round(conductor.doing.until_s - conductor.doing.since_s)))
        now_s = conductor.doing.until_s
        marks += conductor.pass_time(now_s)
    assert seen == [*[(LEAD, 5), (REFERENCE, 5), (RECOVER, 20)] * 2, (LEAD, 5), (REFERENCE, 5)]
    assert [data["trial"] for kind, data in marks if kind == "reference_start"] == [1, 2, 3]
    assert {data["placement"] for kind, data in marks if kind == "reference_start"} == {str(GL)}
    assert {data["position"] for kind, data in marks if kind == "reference_start"} == {"prone_hip_extension_knee_bent"}
    assert conductor.tries == {("G left", "T1"): 3}
    obey(conductor, now_s, "tries", "G left")
    conductor.pass_time(now_s + 5.0)
    assert passed(conductor, now_s + 10.0) == ["reference_stop"]
    assert conductor.doing.what == IDLE, "a repeated try is one"


def test_who_will_not_wait_begins_at_once(conductor):
    obey(conductor, 0.0, "pain", "0")
    obey(conductor, 1.0, "tries", "E")
    assert obey(conductor, 2.0, "now") == ["reference_start"]
    passed(conductor, 7.0)
    assert conductor.doing.what == RECOVER
    assert obey(conductor, 8.0, "now") == []
    assert conductor.doing.what == LEAD


def test_another_position_is_chosen(conductor):
    obey(conductor, 0.0, "pain", "0")
    names = [step.name for step in conductor.steps(WORN)]
    assert names == ["rest", "pain", "G left", "E", "stand", "hinge", "supine", "posture", "check"]
    obey(conductor, 1.0, "position", "G")
    assert [step.name for step in conductor.steps(WORN)][2:4] == ["G", "E"], "both sides are squeezed at once"
    obey(conductor, 2.0, "tries", "G")
    assert conductor.pass_time(7.0)[0][1]["position"] == "standing_squeeze"


@pytest.mark.parametrize(
    ("word", "text", "began", "cancelled"),
    [
        ("rest", "", "baseline_start", "baseline_cancel"),
        ("tries", "G left", "reference_start", "reference_cancel"),
        ("calibrate", "hinge", "hinge_start", "hinge_cancel"),
    ],
)
def test_a_pause_breaks_off_and_going_on_begins_anew(conductor, word, text, began, cancelled):
    obey(conductor, 0.0, "pain", "0")
    marks = obey(conductor, 1.0, word, text) + passed(conductor, 6.0)
    assert marks == [began]
    assert obey(conductor, 7.0, "pause") == [cancelled, "note"]
    assert conductor.doing.what == PAUSED
    assert passed(conductor, 500.0) == []
    again = obey(conductor, 501.0, "pause") + passed(conductor, 506.0)
    assert again == ["note", began]
    assert conductor.tries == {}


def test_standing_still_ends_by_itself_and_bowing_by_the_person(conductor):
    obey(conductor, 0.0, "calibrate", "stand")
    assert passed(conductor, 5.0) == ["stand_start"]
    assert conductor.doing.what == PART
    assert passed(conductor, 10.0) == ["stand_stop"]
    obey(conductor, 11.0, "calibrate", "hinge")
    assert passed(conductor, 16.0) == ["hinge_start"]
    assert passed(conductor, 600.0) == []
    assert obey(conductor, 601.0, "stop") == ["hinge_stop"]
    obey(conductor, 602.0, "calibrate", "stand")
    passed(conductor, 607.0)
    assert obey(conductor, 608.0, "cancel") == ["stand_cancel"]


def test_a_check_is_over_when_a_repetition_was_seen_or_none_came(conductor):
    obey(conductor, 0.0, "check")
    marks = conductor.pass_time(5.0)
    assert [kind for kind, _data in marks] == ["exercise", "set_start"]
    assert marks[1][1] == {"exercise": "bridge_2leg", "target_reps": 1, "check": True}
    assert conductor.doing.what == CHECK
    conductor.rep_done()
    assert passed(conductor, 9.0) == ["set_stop"]
    obey(conductor, 10.0, "check")
    assert passed(conductor, 15.0) == ["set_start"]
    assert passed(conductor, 39.9) == []
    assert passed(conductor, 40.0) == ["set_stop"]


def test_a_step_that_is_left_out_is_noted_and_can_be_done_later(conductor):
    obey(conductor, 0.0, "calibrate", "stand")
    passed(conductor, 5.0)
    assert obey(conductor, 6.0, "skip", "stand") == ["stand_cancel", "note"]
    assert conductor.skipped == {"stand"}
    obey(conductor, 7.0, "calibrate", "stand")
    assert conductor.skipped == set()


def test_without_a_motion_sensor_there_is_nothing_to_calibrate(conductor):
    assert conductor.obey(0.0, "calibrate", "stand", Worn([GL])) == []
    assert "No motion sensor" in conductor.said[-1]
    assert [step.name for step in conductor.steps(Worn([GL]))] == ["rest", "pain", "G left", "check"]
