"""The case "dim hdf5" of DLIO's own tests: every file of a folder has three
datasets of this shape and dtype, and labels.

hdf5_dims.py FOLDER DTYPE DIM,DIM,…"""

import sys
from pathlib import Path

import h5py
import numpy as np


def check(path, dtype, shape):
    with h5py.File(path) as file:
        assert sorted(file) == ["labels", "records_0", "records_1", "records_2"]
        for i in range(3):
            data = file[f"records_{i}"]
            assert data.shape == shape, data.shape
            assert data.dtype == np.dtype(dtype), data.dtype
            assert (data[()] == file["records_0"][()]).all()
        assert not file["labels"][()].any()


def main(folder, dtype, dims):
    files = sorted(Path(folder).rglob("*.hdf5"))
    assert files, "no files"
    for path in files:
        check(path, dtype, tuple(map(int, dims.split(","))))


main(*sys.argv[1:])
