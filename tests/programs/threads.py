# Threads that share a queue, a lock and an event.
import queue
import threading

work = queue.Queue()
results = {}
lock = threading.Lock()


def square():
    while (number := work.get()) is not None:
        with lock:
            results[number] = number * number
        work.task_done()
    work.task_done()


threads = [threading.Thread(target=square) for _ in range(8)]
for thread in threads:
    thread.start()
for number in range(1000):
    work.put(number)
for _ in threads:
    work.put(None)
work.join()
for thread in threads:
    thread.join()
print(len(results), sum(results.values()))

event = threading.Event()
print(event.wait(0.01))
threading.Timer(0.01, event.set).start()
print(event.wait(10))
