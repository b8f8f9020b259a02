# Processes that Python makes: fork, multiprocessing in its three ways, executors, subprocess with pipes, time limits and signals.
import concurrent.futures
import multiprocessing
import os
import signal
import subprocess


def square(x):
    return x * x


def put(queue, number):
    queue.put((number, os.getpid() != os.getppid()))


def main():
    child = os.fork()
    if child == 0:
        os._exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            print(method, pool.map(square, range(10)))
        queue = context.Queue()
        processes = [context.Process(target=put, args=(queue, i)) for i in range(3)]
        for process in processes:
            process.start()
        print(sorted(queue.get() for _ in processes))
        for process in processes:
            process.join()
        print([process.exitcode for process in processes])
    with concurrent.futures.ProcessPoolExecutor(2) as executor:
        print(list(executor.map(square, range(5))))
    print(subprocess.run("echo a | tr a b", shell=True, capture_output=True))
    print(len(subprocess.run(["cat"], input=b"x" * 1000000, capture_output=True, preexec_fn=os.setsid).stdout))
    try:
        subprocess.run(["sleep", "1000"], timeout=0.1)
    except subprocess.TimeoutExpired:
        print("too late")
    process = subprocess.Popen(["sleep", "1000"])
    process.send_signal(signal.SIGTERM)
    print(process.wait())


if __name__ == "__main__":
    main()
