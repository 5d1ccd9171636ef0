"""The demo of every kit: virtual radio, Bleak, recorder and analysis."""

import json

import pytest
from livekits import compared
from simulated import script_of

from emgmon.cli import main
from firmware_sim import KITS

pytestmark = pytest.mark.slow
NO_SHARE = {"ganglion": "four leads: nobody wears the back's"}
LEFT_OUT_PERCENT = {"ganglion": 0.51}  # one sample in 201 is not sent


@pytest.mark.system
@pytest.mark.parametrize("kit", KITS)
def test_the_demo_of_each_kit_finds_what_the_wearer_did(kit, tmp_path, capsys):
    """Virtual radio, Bleak, recorder and analysis; in virtual time, so that the machine's load changes nothing."""
    command = ["demo", "--headless", "--device", kit, "--reps", "1", "--seed", "4", "--json", "--out", str(tmp_path)]
    assert main(command) == 0
    done = compared(kit, json.loads(capsys.readouterr().out), script_of(1, seed=4))
    assert done.sensors == len(KITS[kit])
    assert done.reps == done.wanted == 1
    assert done.bad_packets == 0
    assert done.lost_percent <= LEFT_OUT_PERCENT.get(kit, 0.0)
    if kit in NO_SHARE:
        assert done.shares == 0
    else:
        assert done.shares == 1
        assert done.share_error < 0.05
