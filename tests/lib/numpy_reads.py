"""Read every file of a folder with NumPy and have NumPy write the same arrays
again: the bytes must be the same.  Each line of the list names a file, its
dtype and its shape: "img_0_of_1.npz uint8 64,64,1"."""

import io
import sys
import zipfile
from pathlib import Path

import numpy as np


def arrays_of(path):
    if path.suffix == ".npy":
        return {"x": np.load(path)}
    with zipfile.ZipFile(path) as archive:
        bad = archive.testzip()
        assert bad is None, f"CRC of {bad}"
        assert archive.namelist() == ["x.npy", "y.npy"], archive.namelist()
    with np.load(path) as loaded:
        return {name: loaded[name] for name in loaded.files}


def written_again(path, arrays):
    out = io.BytesIO()
    if path.suffix == ".npy":
        np.save(out, arrays["x"])
    else:
        np.savez(out, **arrays)
    return out.getvalue()


def check(path, dtype, shape):
    arrays = arrays_of(path)
    x = arrays["x"]
    assert x.dtype == np.dtype(dtype), x.dtype
    assert x.shape == shape, x.shape
    if x.dtype.kind in "fc":
        for part in (x.real, x.imag) if x.dtype.kind == "c" else (x,):
            assert np.isfinite(part).all()
            assert (part >= 0).all() and (part < 1).all()
    if "y" in arrays:
        y = arrays["y"]
        assert y.dtype == np.int64 and y.shape == shape[-1:], (y.dtype, y.shape)
        assert not y.any()
    assert written_again(path, arrays) == path.read_bytes(), "other bytes"


def main(folder):
    seen = 0
    for line in (folder / "list").read_text().splitlines():
        name, dtype, dims = line.split()
        try:
            check(folder / name, dtype, tuple(map(int, dims.split(","))))
        except Exception as error:
            sys.exit(f"{line}: {error!r}")
        seen += 1
    assert seen > 0, "nothing to read"
    print(f"{seen} files")


main(Path(sys.argv[1]))
