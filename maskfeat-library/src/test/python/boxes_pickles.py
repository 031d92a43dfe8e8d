"""Makes the pickles of src/test/resources/boxes: tubes and proposals as other programs save them, in each protocol.

    python3 boxes_pickles.py FOLDER

The pickles of Python 2 are written step by step, as Python 2's cPickle does. Nothing here reads a pickle.
"""

import collections
import pickle
import struct
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(sys.argv[1])


def tubes(single=np.float32):
    walk = np.array([[1, 10, 20, 50, 100.5], [2, 11, 20, 51, 100.25]], single)
    run = np.array([[2, 0, 0, 319, 239]], np.float64)
    of = collections.OrderedDict()
    of["walk/one"] = {0: [walk]}
    of["run/caf\u00e9"] = collections.defaultdict(list, {1: [run, [[3, 1.5, 2.5, 3.5, 4.5]]], 0: []})
    return {
        "labels": ["walk", "run"],
        "gttubes": of,
        "nframes": {"walk/one": 3, "run/caf\u00e9": np.int64(40)},
        "train_videos": [["walk/one"]],
        "test_videos": [["run/caf\u00e9"]],
        "resolution": {"walk/one": (240, 320), "run/caf\u00e9": (np.int32(240), np.int32(320))},
    }


def proposals():
    return {
        "abc,0902": np.array([[0.1, 0.2, 0.5, 0.75, 0.95], [0.0, 0.0, 1.0, 1.0, 0.5]]),
        "abc,0903": np.zeros((0, 5)),
        "d,e,1798": np.asfortranarray(np.array([[0.25, 0.125, 0.5, 0.75]], ">f4")),
    }


class Python2:
    """Writes as cPickle of Python 2 did in protocol 2: texts and the bytes of arrays are plain strings."""

    def __init__(self):
        self.out = bytearray(b"\x80\x02")
        self.memo = 0

    def put(self):
        self.out += b"q" + bytes([self.memo]) if self.memo < 256 else b"r" + struct.pack("<I", self.memo)
        self.memo += 1

    def value(self, value):
        if isinstance(value, str):
            value = value.encode("utf-8")
        if isinstance(value, bytes):
            head = b"U" + bytes([len(value)]) if len(value) < 256 else b"T" + struct.pack("<i", len(value))
            self.out += head + value
            self.put()
        elif isinstance(value, bool):
            self.out += b"\x88" if value else b"\x89"
        elif value is None:
            self.out += b"N"
        elif isinstance(value, int):
            self.out += b"K" + bytes([value]) if 0 <= value < 256 else b"J" + struct.pack("<i", value)
        elif isinstance(value, float):
            self.out += b"G" + struct.pack(">d", value)
        elif isinstance(value, np.ndarray):
            self.out += b"cnumpy.core.multiarray\n_reconstruct\n"
            self.put()
            self.out += b"cnumpy\nndarray\n"
            self.put()
            self.value((0,))
            self.value("b")
            self.out += b"\x87"
            self.put()
            self.out += b"R"
            self.put()
            self.out += b"("
            self.value(1)
            self.value(value.shape)
            self.out += b"cnumpy\ndtype\n"
            self.put()
            self.value(value.dtype.str[1:])
            self.value(0)
            self.value(1)
            self.out += b"\x87R"
            self.put()
            self.out += b"("
            for part in (3, value.dtype.str[0], None, None, None, -1, -1, 0):
                self.value(part)
            self.out += b"tb"
            self.value(False)
            self.value(value.tobytes())
            self.out += b"tb"
        elif isinstance(value, dict):
            self.out += b"}"
            self.put()
            self.out += b"("
            for key, item in value.items():
                self.value(key)
                self.value(item)
            self.out += b"u"
        elif isinstance(value, list):
            self.out += b"]"
            self.put()
            self.out += b"("
            for item in value:
                self.value(item)
            self.out += b"e"
        elif isinstance(value, tuple):
            self.out += b"("
            for item in value:
                self.value(item)
            self.out += b"t"
        elif isinstance(value, np.integer):
            self.value(int(value))
        else:
            raise TypeError(type(value))
        return self

    def end(self):
        return bytes(self.out + b".")


class Harm:
    """Only ever written."""

    def __reduce__(self):
        import os

        return os.system, ("exit 1",)


def write(name, content):
    (FOLDER / name).write_bytes(content)


for protocol in range(6):
    write(f"gttubes_{protocol}.pkl", pickle.dumps(tubes(), protocol))
    write(f"proposals_{protocol}.pkl", pickle.dumps(proposals(), protocol))
write("gttubes_python2.pkl", Python2().value(tubes()).end())
write("proposals_python2.pkl", Python2().value({k: v.astype(">f8") for k, v in proposals().items()}).end())
write("objects.pkl", pickle.dumps({"abc,0902": np.array([[None, {}]], object)}, 2))
write("texts.pkl", pickle.dumps({"abc,0902": np.array([["a", "b"]])}, 2))
write("harm.pkl", pickle.dumps({"abc,0902": Harm()}, 2))
