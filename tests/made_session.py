"""A session out of arrays: EMG of known amplitude as the packets of an imported file, with marks at known times."""

import numpy as np

from emgmon.devices.imported import data_payload, description_payload
from emgmon.model import Mark, Packet

FS_HZ = 250.0
SITES = {"G": "gluteus_maximus/left", "H": "biceps_femoris/left", "E": "erector_spinae/left"}
EXERCISE = {
    "id": "cycles",
    "title": "Cycles",
    "phase": "assess",
    "signal": "emg",
    "groups": ["G", "H", "E"],
    "sdi": True,
    "safety": "Stop on pain.",
    "min_cycle_s": 1.0,
    "max_cycle_s": 4.0,
}


def noise(n_samples, seed, fs_hz=FS_HZ):
    """Band-limited noise of RMS 1 as muscle is: most of it between 40 and 100 Hz."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    frequency = np.fft.rfftfreq(n_samples, 1 / fs_hz)
    spectrum *= (frequency > 40) & (frequency < 100)
    made = np.fft.irfft(spectrum, n_samples)
    return made / made.std()


class Session:
    """Builds what each muscle does, stretch by stretch, and the marks beside it."""

    def __init__(self, sites=SITES, unit="uv", rest_uv=2.0, fs_hz=FS_HZ):
        self.sites, self.unit, self.rest_uv, self.fs_hz = dict(sites), unit, rest_uv, fs_hz
        self.levels = {name: [] for name in sites}
        self.marks = []
        self.gains = []
        self.limits = {}

    @property
    def now_s(self):
        return len(next(iter(self.levels.values()))) / self.fs_hz

    def mark(self, what, /, **data):
        self.marks.append((self.now_s, what, data))
        return self

    def do(self, lasts_s, **levels):
        """Let muscles be active at these levels (unit of the session), the others at rest."""
        n = round(lasts_s * self.fs_hz)
        for name, made in self.levels.items():
            made.extend([levels.get(name, 0.0)] * n)
        return self

    def gain(self, name, factor):
        """Change the gain of one channel from here on."""
        self.gains.append((name, len(self.levels[name]), factor))
        return self

    def clip(self, name, limit):
        """Let a channel be cut off at plus and minus this."""
        self.limits[name] = limit
        return self

    def rest(self, lasts_s=1.6):
        return self.mark("baseline_start").do(lasts_s).mark("baseline_stop")

    def reference(self, group, level, kind="T1", lasts_s=1.2, stop="reference_stop", **data):
        self.do(0.2).mark("reference_start", group=group, kind=kind, **data)
        self.do(lasts_s, **{group: level}) if group in self.levels else self.do(lasts_s)
        return self.mark(stop, group=group).do(0.2)

    def cycles(self, levels, *, rest_s=1.0):
        """Do a set: a burst of a second for each of `levels`, a mapping of muscle to level."""
        self.do(0.5).mark("set_start", exercise="cycles").do(0.5)
        for item in levels:
            self.do(rest_s / 2).do(1.0, **item).do(rest_s / 2)
        return self.do(0.5).mark("set_stop").do(0.5)

    def entries(self, packet=50, seed=1):
        """All entries in order; packets of `packet` samples that arrive when their last sample was taken."""
        n = round(self.now_s * self.fs_hz)
        columns = []
        for k, (name, level) in enumerate(self.levels.items()):
            amplitude = np.hypot(np.array(level), self.rest_uv)
            made = noise(n, [seed, k], self.fs_hz) * amplitude
            for who, first, factor in self.gains:
                made[first:] *= factor if who == name else 1.0
            limit = self.limits.get(name, np.inf)
            columns.append(np.clip(made, -limit, limit))
        samples = np.column_stack(columns)
        streams = [{"quantity": "emg", "unit": self.unit, "fs_hz": self.fs_hz, "placements": list(self.sites.values())}]
        start = [
            Mark(0, "session", {"program": "test", "source": "made", "simulated": True, "started_utc": ""}),
            Mark(0, "exercise", EXERCISE),
            Mark(0, "device", {"device": "F", "driver": "imported"}),
            Mark(0, "connected", {"device": "F"}),
            Packet("F", "description", 0, description_payload(streams)),
        ]
        timed = [
            (round((first + min(packet, n - first)) / self.fs_hz * 1e9), 0, first) for first in range(0, n, packet)
        ] + [(round(at_s * 1e9), 1, k) for k, (at_s, _kind, _data) in enumerate(self.marks)]
        out = list(start)
        for host_ns, is_mark, k in sorted(timed):
            if is_mark:
                out.append(Mark(host_ns, self.marks[k][1], self.marks[k][2]))
            else:
                out.append(Packet("F", "0", host_ns, data_payload(k, k / self.fs_hz, samples[k : k + packet])))
        return out


def steady(count=8, **levels):
    """Levels of a set of alike bursts."""
    return [levels] * count
