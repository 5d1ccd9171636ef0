"""The same chain in each peer's own words, as its documents have it; used by `work` in the peer's environment.

Each class has what it can of ``chain(samples, fs_hz)``, ``live(fs_hz)`` (a function of the window so far and the newest
chunk) and ``whole(samples, fs_hz)``. Samples are (n, 8) in µV.
"""

# ruff: noqa: PLC0415, D102 - each import is the package that is measured; the module says what the methods are

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

LOW_HZ, HIGH_HZ, MAINS_HZ, ENVELOPE_HZ = 20.0, 450.0, 50.0, 6.0


class limit:  # noqa: N801 - named as on the command line
    """What the machine allows: a copy, one pass in C, and scipy's compiled filter."""

    @staticmethod
    def sections(fs_hz):
        """Band-pass and notch, and the envelope's low-pass, as second-order sections."""
        from scipy import signal

        band = signal.butter(4, [LOW_HZ, HIGH_HZ], "bandpass", fs=fs_hz, output="sos")
        notch = signal.tf2sos(*signal.iirnotch(MAINS_HZ, 30.0, fs_hz))
        return np.vstack([band, notch]), signal.butter(4, ENVELOPE_HZ, fs=fs_hz, output="sos")

    @staticmethod
    def copy(samples, _fs_hz):
        samples.astype(np.float32).copy()

    @staticmethod
    def chain(samples, fs_hz):
        from scipy.signal import sosfilt

        before, after = limit.sections(fs_hz)
        return sosfilt(after, np.abs(sosfilt(before, samples, axis=0)), axis=0)

    @staticmethod
    def live(fs_hz):
        from scipy.signal import sosfilt

        before, after = limit.sections(fs_hz)
        states = [np.zeros((len(before), 2, 8)), np.zeros((len(after), 2, 8))]

        def step(_window, chunk):
            filtered, states[0] = sosfilt(before, chunk, axis=0, zi=states[0])
            _envelope, states[1] = sosfilt(after, np.abs(filtered), axis=0, zi=states[1])

        return step

    @staticmethod
    def fused(samples, fs_hz):
        """Seconds of the pass in C, and microseconds of a chunk; raises where there is no compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise FileNotFoundError("no C compiler")
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "fused.so"
            source = Path(__file__).with_name("fused.c")
            words = [compiler, "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", str(source), "-o", str(made)]
            subprocess.run(words, check=True, capture_output=True)  # noqa: S603
            run = ctypes.CDLL(str(made)).fused
            run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
            sos = np.vstack(limit.sections(fs_hz))[:, [0, 1, 2, 4, 5]].astype(np.float32)
            x = samples.astype(np.float32)
            y, state = np.empty_like(x), np.zeros((14, 8), np.float32)
            spans_s = []
            for n in (*[len(x)] * 5, *[20] * 400):
                began_ns = time.thread_time_ns()
                run(x.ctypes.data, y.ctypes.data, n, sos.ctypes.data, state.ctypes.data)
                spans_s.append((time.thread_time_ns() - began_ns) * 1e-9)
            return {"chain": min(spans_s[:5]), "live": float(np.median(spans_s[50:])) * 1e6}


class BrainFlow:
    """`DataFilter`, in place, channel by channel; live on the last 4 s."""

    @staticmethod
    def chain(samples, fs_hz):
        from brainflow.data_filter import DataFilter as Data
        from brainflow.data_filter import FilterTypes, NoiseTypes

        kind = FilterTypes.BUTTERWORTH.value
        for column in np.ascontiguousarray(samples.T):
            Data.perform_bandpass(column, fs_hz, LOW_HZ, HIGH_HZ, 4, kind, 0.0)
            Data.remove_environmental_noise(column, fs_hz, NoiseTypes.FIFTY.value)
            np.abs(column, out=column)
            Data.perform_lowpass(column, fs_hz, ENVELOPE_HZ, 4, kind, 0.0)

    @staticmethod
    def live(fs_hz):
        return lambda window, _chunk: BrainFlow.chain(window[-4 * fs_hz :].copy(), fs_hz)


class myonset:  # noqa: N801
    """High-pass, low-pass and notch of its toolbox."""

    @staticmethod
    def chain(samples, fs_hz):
        import myonset as peer

        rows = np.ascontiguousarray(samples.T)
        rows = peer.lpfilter(peer.hpfilter(rows, sf=fs_hz, cutoff=LOW_HZ), sf=fs_hz, cutoff=HIGH_HZ)
        rows = peer.notch_filter(rows, sf=fs_hz, freq=MAINS_HZ)
        return peer.lpfilter(np.abs(rows), sf=fs_hz, cutoff=ENVELOPE_HZ)


class pyemgpipeline:  # noqa: N801
    """Its four processors one after the other; live on the last second. It has no notch."""

    @staticmethod
    def chain(samples, fs_hz):
        from pyemgpipeline import processors as p

        steps = (
            p.DCOffsetRemover(),
            p.BandpassFilter(fs_hz, bf_cutoff_fq_lo=LOW_HZ, bf_cutoff_fq_hi=HIGH_HZ),
            p.FullWaveRectifier(),
            p.LinearEnvelope(fs_hz, le_cutoff_fq=ENVELOPE_HZ),
        )
        for step in steps:
            samples = step.apply(samples)
        return samples

    whole = chain

    @staticmethod
    def live(fs_hz):
        return lambda window, _chunk: pyemgpipeline.chain(window[-fs_hz:], fs_hz)


class BioSPPy:
    """`filter_signal` and `smoother`, channel by channel; live its `OnlineFilter` (band-pass only); whole `emg`."""

    @staticmethod
    def chain(samples, fs_hz):
        from biosppy.signals import tools

        about = {"ftype": "butter", "order": 4, "sampling_rate": fs_hz}
        for column in samples.T:
            band = tools.filter_signal(column, band="bandpass", frequency=[LOW_HZ, HIGH_HZ], **about)["signal"]
            stop = tools.filter_signal(band, band="bandstop", frequency=[49.0, 51.0], **{**about, "order": 2})["signal"]
            tools.smoother(np.abs(stop), kernel="boxzen", size=100)

    @staticmethod
    def live(fs_hz):
        from biosppy.signals import tools
        from scipy.signal import butter

        b, a = butter(4, [LOW_HZ, HIGH_HZ], "bandpass", fs=fs_hz)
        filters = [tools.OnlineFilter(b, a) for _ in range(8)]

        def step(_window, chunk):
            for one, column in zip(filters, chunk.T, strict=True):
                one.filter(column)

        return step

    @staticmethod
    def whole(samples, fs_hz):
        from biosppy.signals import emg

        for column in samples.T:
            emg.emg(column, fs_hz, show=False)


class LibEMG:
    """`Filter` and RMS of windows; live on the last second, as its handler filters its buffer; whole HTD features."""

    @staticmethod
    def chain(samples, fs_hz, features=("RMS",)):
        from libemg.feature_extractor import FeatureExtractor
        from libemg.filtering import Filter
        from libemg.utils import get_windows

        chain = Filter(fs_hz)
        chain.install_filters({"name": "notch", "cutoff": MAINS_HZ, "bandwidth": 3})
        chain.install_filters({"name": "bandpass", "cutoff": [LOW_HZ, HIGH_HZ], "order": 4})
        windows = get_windows(chain.filter(samples), fs_hz // 8, fs_hz // 100)
        return FeatureExtractor().extract_features(list(features), windows)

    @staticmethod
    def live(fs_hz):
        return lambda window, _chunk: LibEMG.chain(window[-fs_hz:], fs_hz)

    @staticmethod
    def whole(samples, fs_hz):
        return LibEMG.chain(samples, fs_hz, ("MAV", "ZC", "SSC", "WL"))


class NeuroKit2:
    """`emg_clean` and `emg_amplitude`, channel by channel; live on the last second; whole `emg_process`."""

    @staticmethod
    def chain(samples, fs_hz):
        import neurokit2

        for column in samples.T:
            neurokit2.emg_amplitude(neurokit2.emg_clean(column, sampling_rate=fs_hz))

    @staticmethod
    def live(fs_hz):
        return lambda window, _chunk: NeuroKit2.chain(window[-fs_hz:], fs_hz)

    @staticmethod
    def whole(samples, fs_hz):
        import neurokit2

        for column in samples.T:
            neurokit2.emg_process(column, sampling_rate=fs_hz)
