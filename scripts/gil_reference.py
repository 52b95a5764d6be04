#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real CPython doing the work of the scenarios gil_cpu, gil_io, gil_convoy.

    gil_reference.py cpu|io|convoy serial|threads|processes [NAME=VALUE ...]

By hand it prints what it did in a window of seconds=2, after ramp=0.5; each
work's other options and their defaults are in main. synclab passes board=FD:
the script then says "ready", each worker waits for a byte "g" on standard
input, counts in the shared memory FD (harness/kit/crew.h) and leaves when the
first word of it is set. Only the standard library is used.
"""
import ctypes
import hashlib
import http.client
import mmap
import multiprocessing
import os
import platform
import signal
import socket
import sys
import threading
import time
import traceback

# The layout of harness/kit/crew.h, in words of 64 bits.
RING = 1 << 12
HEAD = 16
SEAT = HEAD + RING
STOP, OPS, FAILURES, PID = 0, 0, 1, 2

MASK = (1 << 64) - 1
FACTOR = 6364136223846793005
CHAIN = 64
PR_SET_PDEATHSIG = 1


class Work:
    """What the workers share; each subclass has a run(seat, index)."""

    def __init__(self, options, board):
        self.options = options
        self.board = board

    def run(self, seat, index):
        raise NotImplementedError


class Cpu(Work):
    """Chains of SHA-256 and a few steps in Python: see scenarios/gil_cpu.c."""

    def __init__(self, options, board):
        super().__init__(options, board)
        size = int(options["size_bytes"])
        self.steps = int(options["steps_count"])
        self.block = bytes(i & 255 for i in range(size))
        self.expected = [bytes(32)]
        block = bytearray(self.block)
        for _ in range(CHAIN):
            self.expected.append(self.unit(self.expected[-1], block))

    def unit(self, link, block):
        block[:32] = link
        digest = hashlib.sha256(block).digest()
        x = int.from_bytes(digest[:8], "little")
        for _ in range(self.steps):
            x = (x * FACTOR + 1) & MASK
        return x.to_bytes(8, "little") + digest[8:]

    def run(self, seat, index):
        board, unit, expected = self.board, self.unit, self.expected
        block = bytearray(self.block)
        link, at, ops = expected[0], 0, 0
        while not board[STOP]:
            link = unit(link, block)
            at += 1
            if at == CHAIN:
                if link != expected[at]:
                    board[seat + FAILURES] += 1
                link, at = expected[0], 0
            ops += 1
            board[seat + OPS] = ops
        if link != expected[at]:
            board[seat + FAILURES] += 1


class Io(Work):
    """GETs on a connection that is kept open: see scenarios/gil_io.c."""

    def __init__(self, options, board):
        super().__init__(options, board)
        size = int(options["size_bytes"])
        self.answers = [
            (f"/{size}/{item}", self.answer(item, size))
            for item in range(int(options["items"]))
        ]

    @staticmethod
    def answer(item, size):
        """The bytes that harness/kit/http.c makes of an item."""
        words = bytearray()
        for at in range(size // 8 + 1):
            x = ((item << 24) + at + 1) * 0x9E3779B97F4A7C15 & MASK
            x ^= x >> 32
            x = x * 0xD6E8FEB86659FD93 & MASK
            words += x.to_bytes(8, "little")
        return bytes(words[:size])

    def run(self, seat, index):
        board, clock = self.board, time.perf_counter_ns
        port = int(self.options["port"])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        ops = 0
        while not board[STOP]:
            url, expected = self.answers[(index + ops) % len(self.answers)]
            start = clock()
            connection.request("GET", url)
            answer = connection.getresponse()
            body = answer.read()
            board[seat + HEAD + ops % RING] = clock() - start
            if answer.status != 200 or body != expected:
                board[seat + FAILURES] += 1
            ops += 1
            board[seat + OPS] = ops
        connection.close()


class Convoy(Work):
    """Bytes echoed by a process, beside hogs: see scenarios/gil_convoy.c."""

    def __init__(self, options, board):
        super().__init__(options, board)
        if options["sockets"]:
            fds = [int(fd) for fd in options["sockets"].split(",")]
        else:
            fds = [self.echo() for _ in range(int(options["workers"]))]
        self.sockets = [socket.socket(fileno=fd) for fd in fds]

    @staticmethod
    def echo():
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            die_with_parent(os.getppid())
            ours.close()
            while byte := theirs.recv(1):
                theirs.send(byte)
            os._exit(0)
        theirs.close()
        return ours.detach()

    def run(self, seat, index):
        board, clock = self.board, time.perf_counter_ns
        sock = self.sockets[index]
        ops = 0
        while not board[STOP]:
            byte = bytes((ops & 255,))
            start = clock()
            sock.send(byte)
            answer = sock.recv(1)
            board[seat + HEAD + ops % RING] = clock() - start
            if answer != byte:
                board[seat + FAILURES] += 1
                break
            ops += 1
            board[seat + OPS] = ops

    def hog(self):
        board, x = self.board, 1
        while not board[STOP]:
            for _ in range(1000):
                x = (x * FACTOR + 1) & MASK


WORKS = {"cpu": Cpu, "io": Io, "convoy": Convoy}


def die_with_parent(parent):
    """Leave no orphans, even if the parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Crew:
    """The workers of one run."""

    def __init__(self, work, how, options, board, by_hand):
        self.work = work
        self.how = how
        self.board = board
        self.workers = int(options["workers"])
        self.hogs = int(options["hogs"])
        # multiprocessing closes standard input in its children.
        self.go = None if by_hand else os.dup(0)
        self.parent = os.getpid()

    def told_to_go(self):
        return self.go is None or os.read(self.go, 1) == b"g"

    def worker(self, index):
        seat = HEAD + index * SEAT
        try:
            if self.how == "processes":
                die_with_parent(self.parent)
                self.board[seat + PID] = os.getpid()
            elif index == 0:
                self.board[seat + PID] = os.getpid()
            if self.told_to_go():
                self.work.run(seat, index)
        except BaseException:
            self.board[seat + FAILURES] += 1
            traceback.print_exc()

    def hog(self):
        if self.told_to_go():
            self.work.hog()

    def start(self):
        make = threading.Thread
        if self.how == "processes":
            make = multiprocessing.get_context("fork").Process
        members = [make(target=self.worker, args=(i,)) for i in range(self.workers)]
        members += [threading.Thread(target=self.hog) for _ in range(self.hogs)]
        for member in members:
            member.start()
        return members

    def run(self, ready):
        """All of it; ready() is called once everybody waits to go."""
        if self.how == "serial":
            ready()
            self.worker(0)
            return
        members = self.start()
        ready()
        for member in members:
            member.join()


def measure(crew, options):
    """A window by hand, from a process of its own that only looks on."""
    board = crew.board

    def total():
        return sum(board[HEAD + i * SEAT + OPS] for i in range(crew.workers))

    seconds = float(options["seconds"])
    time.sleep(float(options["ramp"]))
    before, start = total(), time.perf_counter()
    time.sleep(seconds)
    ops, took = total() - before, time.perf_counter() - start
    board[STOP] = 1
    print(f"{ops} ops in {took:.3f} s: {ops / took:.0f} ops/s", flush=True)


def by_hand(crew, options):
    if os.fork() == 0:
        measure(crew, options)
        os._exit(0)
    crew.run(lambda: None)
    os.wait()
    failures = sum(
        crew.board[HEAD + i * SEAT + FAILURES] for i in range(crew.workers)
    )
    return 1 if failures else 0


def has_gil():
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def main(args):
    options = {
        "workers": "1",
        "board": "",
        "interval_us": "5000",
        "seconds": "2",
        "ramp": "0.5",
        "size_bytes": "1024",
        "steps_count": "16",
        "port": "0",
        "items": "16",
        "hogs": "0",
        "sockets": "",
    }
    if len(args) < 2 or args[0] not in WORKS:
        print(__doc__, file=sys.stderr)
        return 2
    options.update(word.split("=", 1) for word in " ".join(args[2:]).split())
    if platform.python_implementation() != "CPython" or not has_gil():
        print(f"{sys.executable} has no GIL: put CPython first on PATH", flush=True)
        return 2
    sys.setswitchinterval(int(options["interval_us"]) / 1e6)
    fd = int(options["board"] or -1)
    words = HEAD + int(options["workers"]) * SEAT
    board = memoryview(mmap.mmap(fd, 8 * words)).cast("Q")
    crew = Crew(WORKS[args[0]](options, board), args[1], options, board, fd < 0)
    if fd < 0:
        return by_hand(crew, options)
    crew.run(lambda: print("ready", flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
