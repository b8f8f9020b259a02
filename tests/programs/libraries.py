# Modules whose work is done by C libraries.
import ctypes
import hashlib
import json
import mmap
import sqlite3
import ssl
import tempfile
import zlib

print(ctypes.CDLL(None).strlen(b"five!"))
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(3, 1, 4, 1, 5)
ctypes.CDLL(None).qsort(numbers, 5, 4, compare(lambda one, two: one[0] - two[0]))
print(list(numbers))

context = ssl.create_default_context()
print(ssl.OPENSSL_VERSION, context.verify_mode, len(context.get_ciphers()))
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
client = context.wrap_bio(incoming, outgoing, server_hostname="example.org")
try:
    client.do_handshake()
except ssl.SSLWantReadError:
    print("client hello of", len(outgoing.read()) > 100)

with tempfile.TemporaryDirectory() as folder:
    database = sqlite3.connect(folder + "/test.db")
    database.execute("pragma journal_mode=wal")
    database.execute("create table t (id integer primary key, name text)")
    with database:
        database.executemany("insert into t (name) values (?)", ((f"name {i}",) for i in range(5000)))
    print(database.execute("select count(*), min(name), max(name) from t").fetchone())
    database.close()
    with open(folder + "/mapped", "w+b") as file:
        file.truncate(100000)
        with mmap.mmap(file.fileno(), 0) as mapped:
            mapped[50000:50005] = b"hello"
            mapped.flush()
        file.seek(50000)
        print(file.read(5))

print(hashlib.sha256(b"x" * 1000000).hexdigest(), zlib.crc32(b"y" * 100000))
print(json.dumps({"list": list(range(5)), "text": "\u00e4"}))
