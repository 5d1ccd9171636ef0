"""Small foreign files, written by hand or by others' writers; none by the readers' own code."""

import io
import json
import struct
import wave

import numpy as np
import pytest

RATE_HZ = 500


def emg(n=1000, seed=0):
    return np.round(np.random.default_rng(seed).normal(0, 100, n), 1)


def csv_bytes(n=300):
    rows = [f"{k / RATE_HZ:.4f};{a:.1f};{b:.1f}" for k, (a, b) in enumerate(zip(emg(n), emg(n, 1), strict=True))]
    return "\n".join(["Time (s);GM [uV];BF [uV]", *rows, ""]).replace(".", ",").encode()


def npz_bytes():
    into = io.BytesIO()
    np.savez_compressed(into, emg_data=emg()[:, None], emg_fs=RATE_HZ, emg_names=["GM"], emg_units=["uV"])
    return into.getvalue()


def npy_bytes():
    into = io.BytesIO()
    np.save(into, emg().reshape(2, 500))
    return into.getvalue()


def wav_bytes():
    into = io.BytesIO()
    with wave.open(into, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(emg().astype("<i2").tobytes())
    return into.getvalue()


def edf_bytes(*, wide=False, kind="", starts=(0, 1, 2), texts=("", "lift", "")):
    """Three records of 1 s: an EMG channel of 200 Hz in uV, an accelerometer channel of 50 Hz in g, annotations."""
    size = 3 if wide else 2
    signals = [("EMG GMax L", "uV", -500, 500, 200), ("acc x", "g", -2, 2, 50)]
    signals.append((("BDF" if wide else "EDF") + " Annotations", "", -1, 1, 40))
    top = 8388607 if wide else 32767

    def column(values, width):
        return b"".join(str(value).encode().ljust(width)[:width] for value in values)

    head = (b"\xffBIOSEMI" if wide else b"0       ") + b"X".ljust(80) + b"Y".ljust(80) + b"01.01.2601.01.01"
    head += str(256 * 4).encode().ljust(8) + f"{'BDF' if wide else 'EDF'}+{kind or 'C'}".encode().ljust(44)
    head += b"3".ljust(8) + b"1".ljust(8) + b"3".ljust(4)
    head += (
        column([one[0] for one in signals], 16) + column(["AgAgCl"] * 3, 80) + column([one[1] for one in signals], 8)
    )
    head += column([one[2] for one in signals], 8) + column([one[3] for one in signals], 8)
    head += column([-top - 1] * 3, 8) + column([top] * 3, 8) + column([""] * 3, 80)
    head += column([one[4] for one in signals], 8) + column([""] * 3, 32)
    body = b""
    for record in range(3):
        for _label, _unit, _low, _high, n in signals[:2]:
            digits = np.arange(n) + 1000 * record
            body += b"".join(int(value).to_bytes(size, "little", signed=True) for value in digits)
        note = f"+{starts[record]}\x14\x14\0".encode()
        if texts[record]:
            note += f"+{starts[record] + 0.25}\x150.5\x14{texts[record]}\x14\0".encode()
        body += note.ljust(40 * size, b"\0")
    return head + body


def chunk(tag, content):
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content


def xdf_bytes(*, stamped=True, jitter_s=0.0, nominal=100, real_hz=100.0, hole=0, offsets=(), xml=""):
    """A stream of two float channels and one of marks."""
    rng = np.random.default_rng(3)
    out = b"XDF:" + chunk(1, b"<info><version>1.0</version></info>")
    info = (
        f"<info><name>Amp</name><type>EMG</type><channel_count>2</channel_count><nominal_srate>{nominal}</nominal_srate>"
        "<channel_format>float32</channel_format><desc><channels><channel><label>GM</label><unit>uV</unit></channel>"
        "<channel><label>BF</label><unit>uV</unit></channel></channels></desc></info>"
    )
    out += chunk(2, struct.pack("<I", 1) + (xml or info).encode())
    notes = "<info><name>M</name><type>Markers</type><channel_count>1</channel_count><nominal_srate>0</nominal_srate>"
    out += chunk(2, struct.pack("<I", 7) + (notes + "<channel_format>string</channel_format></info>").encode())
    at = 0
    for _ in range(20):
        body = b""
        for _ in range(50):
            if hole and at == 500:
                at += hole
            time_s = 1000 + at / real_hz + (rng.exponential(jitter_s) if jitter_s else 0.0)
            body += (b"\x08" + struct.pack("<d", time_s) if stamped or not at else b"\0") + struct.pack("<ff", at, -at)
            at += 1
        out += chunk(3, struct.pack("<I", 1) + b"\x01\x32" + body)
    out += chunk(3, struct.pack("<I", 7) + b"\x01\x01\x08" + struct.pack("<d", 1002.5) + b"\x01\x04lift")
    for at_s, offset_s in offsets:
        out += chunk(4, struct.pack("<Idd", 1, at_s, offset_s))
    return out


def c3d_bytes(processor=84, *, floats=False):
    """Two analog channels at 1000 Hz, 10 samples in each of 20 frames, one marker, one event at 1 min 2.5 s."""
    order = ">" if processor == 86 else "<"

    def real(value):
        if processor == 85:
            low, high = struct.unpack("<HH", struct.pack("<f", value * 4))
            return struct.pack("<HH", high, low)
        return struct.pack(order + "f", value)

    def parameter(group, name, kind, dims, data):
        rest = struct.pack("bB", kind, len(dims)) + bytes(dims) + data + b"\0"
        name = name.encode()
        return struct.pack("bb", len(name), group) + name + struct.pack(order + "h", len(rest) + 2) + rest

    def group(number, name):
        return struct.pack("bb", len(name), -number) + name.encode() + struct.pack(order + "h", 3) + b"\0"

    body = group(1, "ANALOG") + group(2, "EVENT")
    body += parameter(1, "USED", 2, [], struct.pack(order + "h", 2))
    body += parameter(1, "LABELS", -1, [8, 2], b"GM      BF      ")
    body += parameter(1, "UNITS", -1, [4, 2], b"uV  mV  ")
    body += parameter(1, "SCALE", 4, [2], real(0.5) + real(2.0))
    body += parameter(1, "GEN_SCALE", 4, [], real(1.0))
    body += parameter(1, "OFFSET", 2, [2], struct.pack(order + "hh", 10, 0))
    body += parameter(1, "RATE", 4, [], real(1000.0))
    body += parameter(2, "USED", 2, [], struct.pack(order + "h", 1))
    body += parameter(2, "LABELS", -1, [8, 1], b"Foot off")
    body += parameter(2, "CONTEXTS", -1, [4, 1], b"Left")
    body += parameter(2, "TIMES", 4, [2, 1], real(1.0) + real(2.5))
    section = (bytes([1, 0x50, 2, processor]) + body + b"\0\0").ljust(1024, b"\0")
    head = bytes([2, 0x50]) + struct.pack(order + "HHHHH", 1, 20, 1, 20, 0)
    head += real(-1.0 if floats else 1.0) + struct.pack(order + "HH", 4, 10) + real(100.0)
    data = b""
    for k in range(20):
        values = [0, 0, 0, 0] + [value for j in range(10) for value in (10 * k + j, -(10 * k + j))]
        data += b"".join(map(real, values)) if floats else struct.pack(order + "24h", *values)
    return head.ljust(512, b"\0") + section + data


def opensignals_bytes(n=200, skip=()):
    device = {"sensor": ["EMG", "XYZ"], "column": ["nSeq", "DI", "CH1", "CH2"], "sampling rate": 1000}
    device |= {"label": ["CH1", "CH2"], "resolution": [16, 16], "channels": [1, 2]}
    head = f"# OpenSignals Text File Format\n# {json.dumps({'00:07': device})}\n# EndOfHeader\n"
    return (head + "".join(f"{k % 16}\t0\t{k}\t{2 * k}\t\n" for k in range(n) if k not in skip)).encode()


def openbci_bytes(n=3000, *, headings=True, skip=()):
    """Two channels at really 250.5 Hz, stamps in bursts of 5, a marker at row 100."""
    head = "%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\n"
    if headings:
        axes = ", ".join(f"Accel Channel {k}" for k in range(3))
        head += f"Sample Index, EXG Channel 0, EXG Channel 1, {axes}, Timestamp, Marker Channel\n"
    rows = []
    for k in range(n):
        stamp_ms = round(1557936053000 + (k - k % 5 + 5) * 1000 / 250.5)
        if k not in skip:
            rows.append(f"{k % 256}, {50000 + k}.25, {-k}.5, 0.0, 0.5, 0.25, {stamp_ms}, {1 if k == 100 else 0}\n")
    return (head + "".join(rows)).encode()


def discover_bytes():
    """Two sensors as Trigno Discover writes them: clocks of 1000 and 100 Hz, the second's shorter."""
    rows = [
        "Application:,Trigno Discover (1.7.0)",
        "Date/Time:,1/2/2026 10:00:00 AM",
        "Collection Length (seconds):,0.5",
    ]
    rows += ["LT BICEPS FEMORIS (80416),,RT GLUTEUS MAX (80417),,,", "sensor mode: 50,,sensor mode: 40,,,"]
    rows += ["EMG 1 Time Series (s),EMG 1 (mV),EMG 1 Time Series (s),EMG 1 (mV),ACC X Time Series (s),ACC X (G)"]
    rows += [",1000 Hz,,1000 Hz,,100 Hz"]
    for k in range(500):
        acc = f"{k / 100:.4f},{k / 50}" if k < 50 else ","
        rows.append(f"{k / 1000:.4f},{k},{k / 1000:.4f},{-k},{acc}")
    return "\n".join(rows).encode() + b"\n"


def hdf5_bytes():
    h5py = pytest.importorskip("h5py")
    into = io.BytesIO()
    with h5py.File(into, "w") as file:
        device = file.create_group("00:07")
        device.attrs["sampling rate"] = 1000
        for k in (1, 2):
            made = device.create_dataset(f"raw/channel_{k}", data=np.arange(500, dtype="u2")[:, None] * k)
            made.attrs["label"], made.attrs["sensor"] = f"A{k}", "EMG"
        device.create_dataset("raw/nSeq", data=np.r_[:200, 230:530].astype("u2")[:, None])
    return into.getvalue()


def mat_bytes():
    from scipy import io as scipy_io  # noqa: PLC0415

    into = io.BytesIO()
    data = {"data": np.column_stack([emg(), emg(seed=1)]), "fs": 1000.0, "labels": np.array(["GM", "BF"], object)}
    scipy_io.savemat(into, {"rec": data}, do_compression=True)
    return into.getvalue()


SMALL = {
    "x.csv": csv_bytes,
    "x.npz": npz_bytes,
    "x.npy": npy_bytes,
    "x.wav": wav_bytes,
    "x.edf": edf_bytes,
    "x.bdf": lambda: edf_bytes(wide=True),
    "d.edf": lambda: edf_bytes(kind="D"),
    "x.xdf": xdf_bytes,
    "x.c3d": c3d_bytes,
    "f.c3d": lambda: c3d_bytes(floats=True),
    "opensignals.txt": opensignals_bytes,
    "openbci.txt": lambda: openbci_bytes(400),
    "discover.csv": discover_bytes,
}
"""One valid file of each kind that is read in this process."""

IN_CHILD = {"x.h5": hdf5_bytes, "x.mat": mat_bytes}


@pytest.fixture
def written(tmp_path):
    """Write bytes into a file of that name and return its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write
