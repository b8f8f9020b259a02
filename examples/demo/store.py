"""Puts the measurements into an SQLite database in a temporary folder, changes it, and asks it questions."""
import csv
import hashlib
import os
import sqlite3
import sys
import tempfile
import threading

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "measurements.db")
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.execute("create table m (station integer, day integer, temperature real, humidity real, energy real)")
    with open(sys.argv[1], newline="") as file:
        rows = list(csv.reader(file))[1:]
    with database:
        database.executemany("insert into m values (?, ?, ?, ?, ?)", rows)
    database.execute("create index by_station on m (station, day)")
    for start in range(0, 730, 73):
        with database:
            database.execute("update m set energy = energy * 1.01 where day between ? and ?", (start, start + 9))

    # A reader in another thread sees the committed state.
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(
        sqlite3.connect(path).execute("select station, count(*), round(avg(energy), 3) from m group by station order by station")))
    reader.start()
    reader.join()
    for line in seen:
        print(*line, sep="\t")
    print("integrity:", database.execute("pragma integrity_check").fetchone()[0])
    dump = "\n".join(database.iterdump())
    print("dump sha256:", hashlib.sha256(dump.encode()).hexdigest())
    database.close()
