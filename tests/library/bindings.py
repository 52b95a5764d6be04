#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C library as a binding sees it: Python's threads through ctypes.

    bindings.py LIBRARY

ctypes releases Python's own lock around each call, so these threads do run side
by side inside the library, and callbacks come back into Python from its threads.
"""
import ctypes
import sys
import threading
from ctypes import (CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_size_t,
                    c_uint, c_uint64, c_void_p, py_object)

lib = ctypes.CDLL(sys.argv[1])
FOREVER, TRY, ALL = 2**64 - 1, 0, 2**32 - 1
MS = 10**6
ACTION = CFUNCTYPE(c_int, c_void_p)
COMPARE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p)
TASK = CFUNCTYPE(c_void_p, c_void_p)
CALLBACK = CFUNCTYPE(None, c_void_p, c_void_p)
NAME, OBJECT, OUT, TIME = c_char_p, c_void_p, POINTER(c_void_p), c_uint64


def declare(result, name, *arguments):
    function = getattr(lib, "sl_" + name)
    function.restype = result
    function.argtypes = arguments


for text, arguments in {
        "strerror": (c_int,), "kind": (c_size_t,),
        "implementation": (NAME, c_size_t)}.items():
    declare(c_char_p, text, *arguments)
for code, arguments in {
        "mutex_create": (NAME, OUT), "mutex_lock": (OBJECT, TIME),
        "mutex_unlock": (OBJECT,), "mutex_unlock_any": (OBJECT,),
        "mutex_destroy": (OBJECT,),
        "cond_create": (NAME, OBJECT, OUT), "cond_wait": (OBJECT, TIME),
        "cond_signal": (OBJECT, c_uint), "cond_destroy": (OBJECT,),
        "queue_create": (NAME, c_int, c_size_t, COMPARE, c_void_p, OUT),
        "queue_put": (OBJECT, c_void_p, TIME), "queue_get": (OBJECT, OUT, TIME),
        "queue_close": (OBJECT,), "queue_destroy": (OBJECT,),
        "queue_set_capacity": (OBJECT, c_size_t),
        "barrier_create": (NAME, c_uint, ACTION, c_void_p, OUT),
        "barrier_wait": (OBJECT, TIME, POINTER(c_uint)),
        "barrier_reset": (OBJECT,), "barrier_destroy": (OBJECT,),
        "executor_create": (NAME, c_uint, OUT),
        "executor_submit": (OBJECT, TASK, c_void_p, OUT),
        "executor_shutdown": (OBJECT, c_int, c_int),
        "executor_destroy": (OBJECT,),
        "future_result": (OBJECT, TIME, OUT),
        "future_on_done": (OBJECT, CALLBACK, c_void_p),
        "future_destroy": (OBJECT,)}.items():
    declare(c_int, code, *arguments)

OK, BUSY, TIMEOUT, NOT_OWNER, BROKEN, CLOSED, UNKNOWN = 0, 16, 110, 1, 103, 32, 2


def implementations(kind):
    i = 0
    while name := lib.sl_implementation(kind, i):
        yield name
        i += 1


def make(function, *arguments):
    out = c_void_p()
    result = getattr(lib, function)(*arguments, byref(out))
    assert result == OK, (function, arguments, result)
    return out


def run(n, function):
    """function(i) in n threads of Python's; what they raise is raised here."""
    raised = []

    def body(i):
        try:
            function(i)
        except BaseException as e:  # to be raised by who waits
            raised.append(e)

    threads = [threading.Thread(target=body, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if raised:
        raise raised[0]


def is_(wanted, got):
    assert wanted == got, (wanted, got)


def mutex(name):
    m, count = make("sl_mutex_create", name), [0]

    def add(_):
        for _ in range(300):
            is_(OK, lib.sl_mutex_lock(m, FOREVER))
            n = count[0]
            count[0] = n + 1
            is_(OK, lib.sl_mutex_unlock(m))

    run(4, add)
    is_(1200, count[0])
    is_(NOT_OWNER, lib.sl_mutex_unlock(m))
    is_(OK, lib.sl_mutex_lock(m, TRY))
    run(1, lambda _: is_(BUSY, lib.sl_mutex_lock(m, TRY)))
    run(1, lambda _: is_(OK, lib.sl_mutex_unlock_any(m)))
    is_(OK, lib.sl_mutex_destroy(m))


def cond(name):
    m = make("sl_mutex_create", b"mcs")
    c, items, got = make("sl_cond_create", name, m), [], []

    def consume(_):
        for _ in range(50):
            is_(OK, lib.sl_mutex_lock(m, FOREVER))
            while not items:
                is_(OK, lib.sl_cond_wait(c, FOREVER))
            got.append(items.pop())
            is_(OK, lib.sl_mutex_unlock(m))

    def produce(_):
        for i in range(100):
            is_(OK, lib.sl_mutex_lock(m, FOREVER))
            items.append(i)
            is_(OK, lib.sl_cond_signal(c, 1))
            is_(OK, lib.sl_mutex_unlock(m))

    run(3, lambda i: (consume, consume, produce)[i](i))
    is_(list(range(100)), sorted(got))
    is_(NOT_OWNER, lib.sl_cond_signal(c, ALL))
    is_(OK, lib.sl_mutex_lock(m, FOREVER))
    is_(TIMEOUT, lib.sl_cond_wait(c, MS))
    is_(OK, lib.sl_mutex_unlock(m))
    is_(OK, lib.sl_cond_destroy(c))
    is_(OK, lib.sl_mutex_destroy(m))


def queue(name):
    objects, seen, lock = [object() for _ in range(200)], [], threading.Lock()
    q = make("sl_queue_create", name, 0, 3, COMPARE(), None)

    def consume(_):
        item = c_void_p()
        while (r := lib.sl_queue_get(q, byref(item), FOREVER)) == OK:
            with lock:
                seen.append(ctypes.cast(item, py_object).value)
        is_(CLOSED, r)

    def produce(_):
        for i, o in enumerate(objects):
            if i == 100:
                is_(OK, lib.sl_queue_set_capacity(q, 2))
            is_(OK, lib.sl_queue_put(q, id(o), FOREVER))
        is_(OK, lib.sl_queue_close(q))

    run(3, lambda i: (consume, consume, produce)[i](i))
    is_({id(o) for o in objects}, {id(o) for o in seen})
    is_(200, len(seen))
    is_(OK, lib.sl_queue_destroy(q))


def priority_queue(name):
    smaller = COMPARE(lambda a, b, _: (a or 0) - (b or 0))
    q, item = make("sl_queue_create", name, 2, 0, smaller, None), c_void_p()
    run(3, lambda i: [lib.sl_queue_put(q, n, FOREVER) for n in range(i, 90, 3)])
    out = []
    while lib.sl_queue_get(q, byref(item), TRY) == OK:
        out.append(item.value or 0)
    is_(list(range(90)), out)
    is_(OK, lib.sl_queue_destroy(q))


def barrier(name):
    acted, answer = [], [0]

    def act(_):
        acted.append(threading.get_ident())
        return answer[0]

    keep = ACTION(act)
    b = make("sl_barrier_create", name, 3, keep, None)
    indices = []

    def wait(_):
        for _ in range(20):
            index = c_uint(99)
            is_(OK, lib.sl_barrier_wait(b, FOREVER, byref(index)))
            indices.append(index.value)

    run(3, wait)
    is_(20, len(acted))
    is_(sorted(20 * [0, 1, 2]), sorted(indices))
    answer[0], results = 55, []
    run(3, lambda _: results.append(lib.sl_barrier_wait(b, FOREVER, None)))
    is_([55, BROKEN, BROKEN], sorted(results))
    is_(OK, lib.sl_barrier_reset(b))
    is_(TIMEOUT, lib.sl_barrier_wait(b, MS, None))
    is_(BROKEN, lib.sl_barrier_wait(b, FOREVER, None))
    is_(OK, lib.sl_barrier_destroy(b))


def executor(name):
    e, called = make("sl_executor_create", name, 2), []
    square = TASK(lambda n: (n or 0) ** 2)
    done = CALLBACK(lambda future, n: called.append(n or 0))
    values, lock = {}, threading.Lock()

    def submit(i):
        for n in range(i, 60, 3):
            f, value = make("sl_executor_submit", e, square, n), c_void_p()
            is_(OK, lib.sl_future_on_done(f, done, n))
            is_(OK, lib.sl_future_result(f, FOREVER, byref(value)))
            with lock:
                values[n] = value.value or 0
            is_(OK, lib.sl_future_destroy(f))

    run(3, submit)
    is_({n: n * n for n in range(60)}, values)
    is_(list(range(60)), sorted(called))
    is_(OK, lib.sl_executor_shutdown(e, 1, 0))
    is_(OK, lib.sl_executor_shutdown(e, 1, 1))
    is_(CLOSED, lib.sl_executor_submit(e, square, 1, None))
    is_(OK, lib.sl_executor_destroy(e))


out = c_void_p()
is_(UNKNOWN, lib.sl_mutex_create(b"no such thing", byref(out)))
assert b"name" in lib.sl_strerror(UNKNOWN)
failed = 0
for kind, tests in {b"mutex": [mutex], b"cond": [cond],
                    b"queue": [queue, priority_queue], b"barrier": [barrier],
                    b"executor": [executor]}.items():
    for name in implementations(kind):
        for test in tests:
            title = f"{test.__name__} {kind.decode()}/{name.decode()}"
            try:
                test(name)
                print("ok   ", title)
            except AssertionError as e:
                print("FAIL ", title, e)
                failed += 1
sys.exit(failed != 0)
