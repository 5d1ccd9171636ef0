"""Cost of filtering one packet of 25 samples, ours and SciPy's cascade: ``python benchmarks/packet_filter.py``."""

import timeit

import numpy as np
from scipy import signal

from emgmon.dsp.filters import BandPass, BandPassSettings, design

CALLS = 5000


def main():
    sos = design(BandPassSettings(), 1000.0)
    packet = np.random.default_rng(0).normal(0, 50, 25)
    zi = signal.sosfilt_zi(sos)
    band_pass = BandPass(1000.0)
    cascade = timeit.timeit(lambda: signal.sosfilt(sos, packet, zi=zi), number=CALLS) / CALLS * 1e6
    ours = timeit.timeit(lambda: band_pass(packet), number=CALLS) / CALLS * 1e6
    print(f"scipy sosfilt {cascade:6.1f} us a packet")
    print(f"BandPass      {ours:6.1f} us a packet ({cascade / ours:.1f} times quicker)")


if __name__ == "__main__":
    main()
