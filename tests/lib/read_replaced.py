"""Objects that are replaced by others of the same size: a reader gets one
version or the other, or ESTALE, and never both.

    read_replaced.py DIR REPLACE...

REPLACE NAME is a command that stores its input as that object of DIR."""

import errno
import os
import subprocess
import sys

directory, replace = sys.argv[1], sys.argv[2:]
SIZE = 20 << 20


def store(name, letter):
    subprocess.run([*replace, name], input=letter * SIZE, check=True)


def read(name, size=SIZE):
    """The letters that are seen; None: it is stale."""
    try:
        with open(f"{directory}/{name}", "rb", buffering=0) as f:
            seen = set()
            while size > 0 and (data := f.read(min(size, 1 << 20))):
                seen |= set(data)
                size -= len(data)
            return bytes(seen)
    except OSError as e:
        if e.errno != errno.ESTALE:
            raise
        return None


def expect_new(name, letter, why):
    """At once, or after one error."""
    for _ in range(2):
        seen = read(name)
        assert seen in (letter, None), f"{why}: a mix, {seen}"
        if seen:
            return
    sys.exit(f"{why}: it stays stale")


# While it is open.
with open(f"{directory}/open", "rb", buffering=0) as f:
    assert f.read(4096) == b"a" * 4096
    store("open", b"b")
    try:
        while data := f.read(1 << 20):
            assert set(data) == set(b"a"), "a mix"
        sys.exit("the old one was not so long in memory")
    except OSError as e:
        assert e.errno == errno.ESTALE, e
expect_new("open", b"b", "opened again")
expect_new("open", b"b", "and once more")

# While one has it open and others open it anew: they share the kernel's pages.
with open(f"{directory}/shared", "rb", buffering=0) as f:
    assert f.read(4096) == b"a" * 4096
    store("shared", b"b")
    expect_new("shared", b"b", "beside one who has the old one open")
    expect_new("shared", b"b", "the same again")
    try:
        while data := f.read(1 << 20):
            assert set(data) == set(b"a"), "a mix"
        sys.exit("the old one was not so long in memory")
    except OSError as e:
        assert e.errno == errno.ESTALE, e
expect_new("shared", b"b", "after the old one was closed")
expect_new("shared", b"b", "and still")

# While nobody has it open, but the kernel has a part.
assert read("closed", 3 << 20) == b"a"
store("closed", b"b")
expect_new("closed", b"b", "replaced between two opens")
