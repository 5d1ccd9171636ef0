"""What is gathered for signs is all that they read."""

import math

import numpy as np

from emgmon.exercise.signs import SIGNS, RepMotion, signs_of
from emgmon.model import Rep
from emgmon.pipeline.compensations import READ, READS_UNREST

TIME_S = np.arange(0, 4, 0.02)


class Asked(dict):
    """Excursions that remember who was asked for."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def get(self, key, default=None):
        self.names.add(key)
        return default


class NoAngles:
    def get(self, name, side="midline"):  # noqa: ARG002
        return np.full(len(TIME_S), math.nan)

    def reason(self, name, side="midline"):  # noqa: ARG002
        return "not worn"


def test_every_segment_that_a_sign_reads_is_gathered():
    asked = Asked()
    motion = RepMotion(Rep(1, 0.0, 1.8, 2.2, 4.0), TIME_S, NoAngles(), asked)
    signs_of(motion, dict.fromkeys(SIGNS, (5.0, 10.0)))
    assert {segment for segment, _side in asked.names} == READ | {""}


def test_one_sign_reads_the_unrest():
    limits = dict.fromkeys(SIGNS, (5.0, 10.0))
    rep = Rep(1, 0.0, 1.0, 3.5, 4.0)
    calm, swaying = (
        signs_of(RepMotion(rep, TIME_S, NoAngles(), Asked(), unrest=level * np.ones(len(TIME_S))), limits)
        for level in (0.0, 3.0)
    )
    assert [one.name for one, other in zip(calm, swaying, strict=True) if str(one) != str(other)] == [READS_UNREST]
