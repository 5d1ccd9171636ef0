"""Who starts first: the figure, and the words that the delays allow."""

from dataclasses import replace

from emgmon.model import Rep, RepSummary, SetSummary, Value
from emgmon.report.order import order_lines, starts_figure

STARTS_S = {"gluteus_maximus/left": 0.06, "biceps_femoris/left": -0.12, "erector_spinae/left": 0.02}


def a_set(n=8, delay_h_s=0.18, delay_e_s=0.04, flag=""):
    reps = []
    for k in range(n):
        wobble = 0.01 * (-1) ** k
        values = [Value("onset", "con", place, at + wobble, "s") for place, at in STARTS_S.items()]
        values += [Value("rise10", "con", place, at + 0.05, "s") for place, at in STARTS_S.items()]
        for metric, delay_s in (("onset_delay_h", delay_h_s), ("onset_delay_e", delay_e_s)):
            values.append(Value(metric, "con", "both", float("nan") if flag else delay_s + wobble, "s", flag))
        values.append(Value("duration", "con", "both", 1.5, "s"))
        reps.append(
            RepSummary(Rep(k + 1, 9.0 * k, 9.0 * k + 1.5, 9.0 * k + 4, 9.0 * k + 5), tuple(values), (), True, "met")
        )
    return SetSummary(1, "bridge_2leg", "Bridge", 0.0, 80.0, n, None, tuple(reps), (), (), ())


def test_the_figure_has_a_mark_for_each_rep_and_a_row_for_each_group():
    figure = starts_figure(a_set())
    assert figure.title == "Who starts first"
    drawing = str(figure.drawing)
    assert all(title in drawing for title in ("Glutes", "Hamstrings", "Back", "movement starts"))
    assert drawing.count("ms</title>") == 24


def test_later_is_said_only_when_it_is_sure():
    hamstrings, back, caveat = order_lines(a_set())
    assert hamstrings.startswith("Glutes later than hamstrings (median +180 ms")
    assert back.startswith("Glutes and back: simultaneous within error (median +40 ms")
    assert back.endswith("A median under 100 ms is not called an order.")
    assert "no fault" in caveat


def test_a_refused_order_says_why():
    hamstrings, *_ = order_lines(a_set(flag="signal too weak for an order"))
    assert hamstrings == "Glutes and hamstrings: the order cannot be said (signal too weak for an order)."
    assert "too few reps" in order_lines(a_set(n=3))[0]


def test_the_centres_of_activity_stand_beside_the_order():
    bare = a_set()
    where = {"gluteus_maximus/left": 57.0, "biceps_femoris/left": 49.0}
    centres = tuple(Value("centroid", "con", place, value, "%") for place, value in where.items())
    full = replace(bare, reps=tuple(replace(rep, values=(*rep.values, *centres)) for rep in bare.reps))
    assert order_lines(full)[2] == "Centre of activity, in % of the lift: glutes 57 and hamstrings 49."
    one = replace(bare, reps=tuple(replace(rep, values=(*rep.values, centres[0])) for rep in bare.reps))
    assert order_lines(one) == order_lines(bare)


def test_without_onsets_there_is_neither():
    bare = a_set()
    bare = replace(bare, reps=tuple(replace(rep, values=()) for rep in bare.reps))
    assert starts_figure(bare) is None
    assert order_lines(bare) == ()
