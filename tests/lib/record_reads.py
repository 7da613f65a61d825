#!/usr/bin/python3
"""Reads what dliofs wrote with readers of its own: record_reads.py FORMAT FOLDER
SAMPLES BYTES [BYTES...], where each of the folder's files, in order of their
names, has so many samples of so many bytes (the last number is that of all
further files).  Says what is wrong, and exits 1."""

import os
import struct
import sys

import numpy

failures = 0


def expect(right, what):
    global failures
    if not right:
        print("wrong:", what, file=sys.stderr)
        failures += 1


# ---- CRC-32C, a bit at a time but for a table of bytes ----

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283  # RFC 3720's check


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


# ---- Protocol Buffers, as much as a tf.train.Example needs ----


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def fields(data):
    """(number, bytes) of a message that has only such fields."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 != 2:
            raise ValueError(f"wire type {tag & 7}")
        size, at = varint(data, at)
        yield tag >> 3, data[at : at + size]
        at += size
    if at != len(data):
        raise ValueError("a field ends outside of its message")


def only(data, number):
    found = list(fields(data))
    if [n for n, _ in found] != [number]:
        raise ValueError(f"fields {found} where only {number} should be")
    return found[0][1]


def example(data):
    features = {}
    for number, entry in fields(only(data, 1)):
        key, value = fields(entry)
        assert number == 1 and key[0] == 1 and value[0] == 2
        features[key[1].decode()] = value[1]
    image = only(only(features.pop("image"), 1), 1)
    size = only(only(features.pop("size"), 3), 1)
    number, end = varint(size, 0)
    assert not features and end == len(size)
    return image, number


def records(data):
    at = 0
    while at < len(data):
        head = data[at : at + 8]
        (size,) = struct.unpack("<Q", head)
        (crc,) = struct.unpack_from("<I", data, at + 8)
        expect(crc == masked(head), f"CRC of the length at {at}")
        body = data[at + 12 : at + 12 + size]
        (crc,) = struct.unpack_from("<I", data, at + 12 + size)
        expect(crc == masked(body), f"CRC of the record at {at}")
        yield at, 16 + size, body
        at += 16 + size


def read_tfrecord(path, samples, size):
    lines, images = [], []
    with open(path, "rb") as f:
        for at, length, body in records(f.read()):
            image, number = example(body)
            images.append(bytes(image))
            expect(number == len(image), f"{path}: size {number}")
            lines.append(f"{at} {length}\n")
    root, split = os.path.split(os.path.dirname(path))
    index = os.path.join(root, "index", split, os.path.basename(path) + ".idx")
    with open(index, encoding="ascii") as f:
        expect(f.readlines() == lines, index)
    return images


# ---- The others ----


def read_indexed(path, samples, size):
    data = numpy.fromfile(path, dtype="u1")
    offsets = numpy.fromfile(path + ".off.idx", dtype="<u8")
    sizes = numpy.fromfile(path + ".sz.idx", dtype="<u8")
    expect(len(offsets) == len(sizes), path + ".off.idx, .sz.idx")
    expect(len(data) == samples * size, f"{path}: {len(data)} bytes")
    return [bytes(data[int(a) : int(a + n)]) for a, n in zip(offsets, sizes)]


def read_synthetic(path, samples, size):
    with open(path, encoding="ascii") as f:
        text = f.read()
    root, split = os.path.split(os.path.dirname(path))
    number = int(os.path.basename(path).split("_")[1])
    if split == "valid":
        number += len(os.listdir(os.path.join(root, "train")))
    expect(text == str(number), f"{path}: {text}")
    return None


READ = {
    "tfrecord": read_tfrecord,
    "indexed_binary": read_indexed,
    "mmap_indexed_binary": read_indexed,
    "synthetic": read_synthetic,
}


def main(form, folder, samples, *sizes):
    names = sorted(n for n in os.listdir(folder) if n.endswith("." + form))
    expect(names, f"no files in {folder}")
    seen = set()
    for i, name in enumerate(names):
        size = int(sizes[min(i, len(sizes) - 1)])
        found = READ[form](os.path.join(folder, name), int(samples), size)
        if found is None:
            continue
        expect(len(found) == int(samples), f"{name}: {len(found)} samples")
        expect({len(x) for x in found} == {size}, f"{name}: sizes")
        expect(not seen & set(found), f"{name}: a sample seen before")
        expect(len(set(found)) == len(found), f"{name}: samples are the same")
        seen |= set(found)
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
