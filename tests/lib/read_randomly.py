#!/usr/bin/python3
"""Eight processes read two files at random places, in random amounts, by
read, O_DIRECT read, mmap, and a descriptor inherited over fork, and compare.

    read_randomly.py TRUTH COPY
"""
import mmap
import multiprocessing
import os
import random
import sys

truth_path, copy_path = sys.argv[1:]
truth = open(truth_path, "rb").read()
shared_fd = os.open(copy_path, os.O_RDONLY)


def by_pread(fd, offset, length):
    return os.pread(fd, length, offset)


def by_mmap(fd, offset, length):
    with mmap.mmap(fd, 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE) as m:
        return m[offset:offset + length]


def by_new_descriptor(_, offset, length):
    with open(copy_path, "rb", buffering=0) as f:
        f.seek(offset)
        return f.read(length)


def by_direct(_, offset, length):
    fd = os.open(copy_path, os.O_RDONLY | os.O_DIRECT)
    try:
        start = offset // 4096 * 4096
        size = (offset + length - start + 4095) // 4096 * 4096
        buffer = mmap.mmap(-1, size)
        got = os.preadv(fd, [buffer], start)
        return buffer[offset - start:min(got, offset - start + length)]
    finally:
        os.close(fd)


def reader(seed):
    rnd = random.Random(seed)
    ways = [by_pread, by_mmap, by_new_descriptor, by_direct]
    for _ in range(60):
        way = rnd.choice(ways)
        length = rnd.choice([1, 4096, 5000, 131072, 1 << 20, 3000001])
        offset = rnd.randrange(len(truth))
        got = way(shared_fd, offset, length)
        want = truth[offset:offset + length]
        if got[:len(want)] != want[:len(got)]:
            sys.exit(f"{way.__name__} at {offset}, {length} bytes: differs")
        if len(got) != len(want):
            sys.exit(f"{way.__name__} at {offset}: {len(got)} of {len(want)}")


# Not a pool: that waits for ever for a worker that a signal ended.
readers = [multiprocessing.Process(target=reader, args=(i,)) for i in range(8)]
for r in readers:
    r.start()
for r in readers:
    r.join()
sys.exit(any(r.exitcode for r in readers))
