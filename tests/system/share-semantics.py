#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# share-semantics.py DIRECTORY: what a file system does of what programs expect of a local one, as lines NAME=RESULT.
# RESULT is "yes", the name of an error, or what happened instead.

import errno, fcntl, mmap, os, socket, sys

os.chdir(sys.argv[1])


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def read(name):
    with open(name) as file:
        return file.read()


def replaced(change):
    """Does something to a file that was replaced by a rename while it was open."""
    write("data", "first")
    old = os.open("data", os.O_RDWR)
    os.chmod("data", 0o644)
    write("data.new", "second")
    os.chmod("data.new", 0o644)
    os.rename("data.new", "data")
    try:
        change(old)
    finally:
        os.close(old)
        if read("data") != "second" or os.stat("data").st_mode & 0o777 != 0o644 or os.stat("data").st_mtime < 10:
            raise Exception("the-new-file-changed")


def unlinked(change):
    file = os.open("unlinked", os.O_RDWR | os.O_CREAT, 0o644)
    os.write(file, b"text")
    os.unlink("unlinked")
    try:
        change(file)
    finally:
        os.close(file)


def read_unlinked(file):
    os.lseek(file, 0, os.SEEK_SET)
    if os.read(file, 9) != b"text":
        raise Exception("other-data")


def bind_socket():
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect("socket")


def keep_fraction():
    write("times", "")
    os.utime("times", ns=(10**18 + 123456789, 10**18 + 123456789))
    if os.stat("times").st_mtime_ns % 10**9 == 0:
        raise Exception("whole-seconds")


def map_shared():
    with open("mapped", "w+b") as file:
        file.write(b"x" * 4096)
        file.flush()
        with mmap.mmap(file.fileno(), 4096) as memory:
            memory[0:4] = b"text"
            memory.flush()
    if read("mapped")[:5] != "textx":
        raise Exception("other-data")


def link():
    write("linked", "text")
    os.link("linked", "linked.2")
    if os.stat("linked").st_nlink != 2:
        raise Exception("one-link")


def append_locked():
    with open("lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with open("lock") as other:
            try:
                fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return
    raise Exception("no-lock")


def direct():
    file = os.open("direct", os.O_RDWR | os.O_CREAT | os.O_DIRECT, 0o644)
    with mmap.mmap(-1, 4096) as memory:
        os.write(file, memory)
    os.close(file)


def hole():
    with open("hole", "w") as file:
        os.truncate(file.fileno(), 1 << 30)
    if os.stat("hole").st_blocks > 1 << 11:
        raise Exception("no-hole")


def allocate():
    with open("allocated", "w") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 16)


probes = {
    "rename-replaces": lambda: replaced(lambda file: None),
    "write-replaced": lambda: replaced(lambda file: os.write(file, b"more")),
    "truncate-replaced": lambda: replaced(lambda file: os.ftruncate(file, 0)),
    "chmod-replaced": lambda: replaced(lambda file: os.fchmod(file, 0o600)),
    "utime-replaced": lambda: replaced(lambda file: os.utime(file, (1, 1))),
    "read-unlinked": lambda: unlinked(read_unlinked),
    "stat-unlinked": lambda: unlinked(os.fstat),
    "truncate-unlinked": lambda: unlinked(lambda file: os.ftruncate(file, 8192)),
    "chmod-unlinked": lambda: unlinked(lambda file: os.fchmod(file, 0o600)),
    "fifo": lambda: os.mkfifo("fifo"),
    "socket": bind_socket,
    "symlink": lambda: os.symlink("target", "symlink"),
    "link": link,
    "times": keep_fraction,
    "mmap": map_shared,
    "flock": append_locked,
    "direct": direct,
    "hole": hole,
    "fallocate": allocate,
    "xattr": lambda: os.setxattr("data", "user.test", b"value"),
}

for name, probe in probes.items():
    try:
        probe()
        print(name + "=yes")
    except OSError as error:
        print(name + "=" + errno.errorcode[error.errno])
    except Exception as problem:
        print(name + "=" + str(problem))
