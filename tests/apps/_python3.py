# SPDX-License-Identifier: MIT
"""Threads, locks, queues and pools of CPython at work.

    _python3.py N

Prints what came out; tests/apps/python3 knows what ought to.
"""

import concurrent.futures
import multiprocessing
import queue
import sys
import threading
import time

N = int(sys.argv[1])


def together(count, target):
    """Run count threads of target and wait for them."""
    threads = [threading.Thread(target=target, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lock():
    total = 0
    mutex = threading.Lock()

    def add(_):
        nonlocal total
        for _ in range(N):
            with mutex:
                total += 1

    together(4, add)
    return total


def condition():
    """Two threads take turns."""
    turns = 0
    changed = threading.Condition()

    def play(me):
        nonlocal turns
        for _ in range(N // 20):
            with changed:
                changed.wait_for(lambda: turns % 2 == me)
                turns += 1
                changed.notify_all()

    together(2, play)
    return turns


def through_queue():
    jobs = queue.Queue(16)
    sums = [0, 0, 0, 0]

    def work(me):
        if me < 2:
            for job in range(me, N, 2):
                jobs.put(job)
            jobs.put(None)
            return
        while (job := jobs.get()) is not None:
            sums[me] += job
            jobs.task_done()
        jobs.task_done()

    together(4, work)
    jobs.join()
    return sum(sums)


def pool():
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        step = N // 100
        parts = executor.map(
            lambda first: sum(range(first, first + step)), range(0, N, step)
        )
        return sum(parts)


def semaphore():
    """The most threads that were ever inside."""
    inside = most = 0
    permits = threading.Semaphore(2)
    mutex = threading.Lock()

    def enter(_):
        nonlocal inside, most
        for _ in range(N // 40):
            with permits:
                with mutex:
                    inside += 1
                    most = max(most, inside)
                with mutex:
                    inside -= 1

    together(4, enter)
    return most


def barrier():
    """Rounds in which all four saw the same."""
    rounds = [[] for _ in range(N // 20)]
    meet = threading.Barrier(4)

    def go(_):
        for seen in rounds:
            seen.append(1)
            meet.wait()
            seen.append(len([x for x in seen if x == 1]))
            meet.wait()

    together(4, go)
    return sum(seen == [1, 1, 1, 1, 4, 4, 4, 4] for seen in rounds)


def processes():
    with multiprocessing.get_context("fork").Pool(2) as crew:
        return sum(crew.imap_unordered(int, range(N), chunksize=N // 100))


def timeouts():
    """Waits that nobody ends; none may end early."""
    ended = 0
    for thing in threading.Lock(), threading.Semaphore():
        thing.acquire()
        start = time.monotonic()
        if not thing.acquire(timeout=0.02):
            ended += time.monotonic() - start >= 0.02
    return ended


print("lock", lock())
print("condition", condition())
print("queue", through_queue())
print("pool", pool())
print("semaphore at most", max(2, semaphore()))
print("barrier", barrier())
print("processes", processes())
print("timeouts", timeouts())
