"""Read every file of a folder with h5py and have h5py write the same again: in
one piece the bytes must be the same, in chunks the chunks and, as gzip is not
told to search for what is not there, about their lengths.

Each line of the list names a file, the dtype and shape of its datasets, how
many there are, and what they were made with: "a.hdf5 uint8 3,31,31 1 gzip:4
2,31,31 3,40,40" or "-" for what was not given.  A line "guess uint8 3,31,31
3,31,16" asks for the chunks that h5py takes by itself."""

import sys
from pathlib import Path

import h5py
import numpy as np


def numbers(text):
    return None if text == "-" else tuple(map(int, text.split(",")))


def options_of(compression, chunks, maxshape):
    options = {}
    if compression != "-":
        name, _, level = compression.partition(":")
        options["compression"] = name
        if level:
            options["compression_opts"] = int(level)
    if chunks != "-":
        options["chunks"] = numbers(chunks)
    if maxshape != "-":
        options["maxshape"] = numbers(maxshape)
    return options


def without_times(data):
    """The root group holds the time of writing, and a checksum of it."""
    data = bytearray(data)
    assert data[48:53] == b"OHDR\2" and data[53] & 0x20
    width = 1 << (data[53] & 3)
    length = int.from_bytes(data[70 : 70 + width], "little")
    end = 70 + width + length
    data[54:70] = bytes(16)
    data[end : end + 4] = bytes(4)
    return bytes(data)


def check_numbers(x):
    if x.dtype.kind in "fc":
        for part in (x.real, x.imag) if x.dtype.kind == "c" else (x,):
            assert np.isfinite(part).all()
            assert (part >= 0).all() and (part < 1).all()
    if x.nbytes > 100:
        assert (x != x.flat[0]).any(), "all the same"


def check_chunks(dataset):
    """Each has numbers of its own, and nowhere zeros in their place."""
    seen = set()
    for where in dataset.iter_chunks() if dataset.chunks else ():
        part = dataset[where]
        if part.nbytes > 100:
            assert part.dtype.kind == "b" or (part == 0).mean() < 0.1, where
            assert part.tobytes() not in seen, where
            seen.add(part.tobytes())


def check_same(ours, theirs):
    assert ours.dtype == theirs.dtype, ours.dtype
    assert ours.chunks == theirs.chunks, (ours.chunks, theirs.chunks)
    assert ours.maxshape == theirs.maxshape, ours.maxshape
    assert ours.compression == theirs.compression, ours.compression
    assert ours.compression_opts == theirs.compression_opts
    if ours.chunks and ours.compression != "lzf":
        sizes = [d.id.get_storage_size() for d in (ours, theirs)]
        about = 0.05 * sizes[1] if ours.compression == "gzip" else 0
        assert abs(sizes[0] - sizes[1]) <= about, sizes


def check(path, dtype, shape, datasets, options):
    again = path.with_suffix(".again")
    with h5py.File(path) as ours, h5py.File(again, "w", libver="latest") as out:
        assert len(ours) == datasets + 1, list(ours)
        records = ours["records_0"][()]
        assert records.dtype == np.dtype(dtype), records.dtype
        assert records.shape == shape, records.shape
        check_numbers(records)
        check_chunks(ours["records_0"])
        for i in range(datasets):
            name = f"records_{i}"
            assert (ours[name][()] == records).all(), name
            out.create_dataset(name, shape, dtype=dtype, data=records, **options)
            check_same(ours[name], out[name])
        labels = ours["labels"]
        assert labels.shape == shape[:1] and labels.dtype == np.int64
        assert not labels[()].any()
        out.create_dataset("labels", data=[0] * shape[0])
    if not options:
        same = without_times(path.read_bytes()) == without_times(again.read_bytes())
        assert same, "other bytes"
    again.unlink()


def check_guess(dtype, shape, chunks):
    with h5py.File("guess", "w", driver="core", backing_store=False) as file:
        theirs = file.create_dataset("x", shape, dtype=dtype, chunks=True).chunks
        assert chunks == theirs, theirs


def main(folder):
    seen = 0
    for line in (folder / "list").read_text().splitlines():
        name, dtype, shape, *rest = line.split()
        try:
            if name == "guess":
                check_guess(dtype, numbers(shape), numbers(rest[0]))
            else:
                options = options_of(*rest[1:])
                check(folder / name, dtype, numbers(shape), int(rest[0]), options)
        except Exception as error:
            sys.exit(f"{line}: {error!r}")
        seen += 1
    assert seen > 0, "nothing to read"
    print(f"{seen} lines")


main(Path(sys.argv[1]))
