# What programs do with files: a tree of 100,000 small ones, SQLite and LevelDB. Prints "name seconds" for each.
#   files.py DIRECTORY [FILES]
import os
import random
import sqlite3
import sys
import time

root = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
base = os.path.join(root, f"bench-{os.getpid()}")
os.mkdir(base)


def measure(name, work):
    start = time.perf_counter()
    work()
    print(f"{name}\t{time.perf_counter() - start:.3f}", flush=True)


def path(i, kind):
    return f"{base}/{i % 100}/{kind}{i}"


def create():
    for i in range(100):
        os.mkdir(f"{base}/{i}")
    for i in range(count):
        with open(path(i, "f"), "wb", buffering=0) as file:
            file.write(b"x" * (i * 97 % 4096))
    os.sync()


def stat():
    for i in range(count):
        assert os.stat(path(i, "f")).st_size == i * 97 % 4096


def rename():
    for i in range(count):
        os.rename(path(i, "f"), path(i, "g"))
    os.sync()


def delete():
    for i in range(count):
        os.unlink(path(i, "g"))
    for i in range(100):
        os.rmdir(f"{base}/{i}")
    os.sync()


def transactions():
    # In the manner of TPC-B: an account, a teller and a branch change in each transaction, and a line of history is added.
    numbers = random.Random(1)
    database = sqlite3.connect(f"{base}/bank.db", isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    for table, rows in (("account", 10_000), ("teller", 100), ("branch", 10)):
        database.execute(f"create table {table} (id integer primary key, balance integer, filler text)")
        database.execute("begin")
        database.executemany(f"insert into {table} values (?, 0, ?)", ((i, "." * 80) for i in range(rows)))
        database.execute("commit")
    database.execute("create table history (account, teller, branch, amount)")
    for _ in range(2_000):
        account, amount = numbers.randrange(10_000), numbers.randrange(-1000, 1000)
        database.execute("begin")
        database.execute("update account set balance = balance + ? where id = ?", (amount, account))
        database.execute("update teller set balance = balance + ? where id = ?", (amount, account % 100))
        database.execute("update branch set balance = balance + ? where id = ?", (amount, account % 10))
        database.execute("insert into history values (?, ?, ?, ?)", (account, account % 100, account % 10, amount))
        database.execute("commit")
    total = database.execute("select sum(amount) from history").fetchone()
    assert total == database.execute("select sum(balance) from account").fetchone()
    database.close()


def keys():
    import plyvel

    numbers = random.Random(2)
    database = plyvel.DB(f"{base}/level", create_if_missing=True, write_buffer_size=1 << 20)
    for i in range(100_000):
        database.put(b"%016d" % numbers.randrange(10**9), b"v" * 100)
    database.put(b"last", b"", sync=True)
    database.close()
    database = plyvel.DB(f"{base}/level")
    assert database.get(b"last") == b""
    database.compact_range()
    database.close()


measure("create", create)
measure("stat", stat)
measure("rename", rename)
measure("delete", delete)
measure("sqlite", transactions)
try:
    import plyvel  # noqa: F401
except ImportError:
    print("python3-plyvel is not installed", file=sys.stderr)
else:
    measure("leveldb", keys)
import shutil
shutil.rmtree(base)
