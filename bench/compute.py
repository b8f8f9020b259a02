# Work of the CPU, which Cloister should not slow down. Prints "name nanoseconds", of the best of three runs: what else the machine does
# only ever makes one slower.
import os
import sqlite3
import sys
import time


def interpreter():
    total = 0
    for i in range(3_000_000):
        total += i * i % 7
    return total


def matrices():
    import numpy

    matrix = numpy.random.default_rng(1).random((500, 500))
    for _ in range(10):
        matrix = matrix @ matrix
        matrix /= matrix.max()


def database():
    path = f"/dev/shm/cloister-bench-{os.getpid()}.db"
    connection = sqlite3.connect(path)
    connection.execute("pragma synchronous=full")
    connection.execute("create table t (id integer primary key, name text, value real)")
    for batch in range(20):
        with connection:
            connection.executemany("insert into t (name, value) values (?, ?)", ((f"name {i}", i * 0.5) for i in range(10_000)))
    connection.execute("create index i on t (name)")
    connection.close()
    os.unlink(path)


if "matrices" in sys.argv:
    import numpy  # noqa: F401, loaded before it is measured

for name, work in (("interpreter", interpreter), ("matrices", matrices), ("database", database)):
    if name in sys.argv:
        times = []
        for _ in range(3):
            start = time.perf_counter_ns()
            work()
            times.append(time.perf_counter_ns() - start)
        print(name, min(times))
