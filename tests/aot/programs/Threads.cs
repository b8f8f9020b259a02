using System;
using System.Collections.Generic;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Threads whose order is settled by what they wait for, so that the output is the same however they take turns.</summary>
internal static partial class Threads
{
    public static void All()
    {
        Program.Run("threads/start and join", StartAndJoin);
        Program.Run("threads/parameter", Parameter);
        Program.Run("threads/states", States);
        Program.Run("threads/sum under lock", SumUnderLock);
        Program.Run("threads/interlocked sum", InterlockedSum);
        Program.Run("threads/hand-over", HandOver);
        Program.Run("threads/producer and consumer", ProducerAndConsumer);
        Program.Run("threads/pulse all", PulseAll);
        Program.Run("threads/nested locks", NestedLocks);
        Program.Run("threads/wait leaves all levels", WaitLeavesAllLevels);
        Program.Run("threads/try enter", TryEnter);
        Program.Run("threads/wrong exits", WrongExits);
        Program.Run("threads/lock class", LockClass);
        Program.Run("threads/wait in time", WaitInTime);
        Program.Run("threads/thread statics", ThreadStatics);
        Program.Run("threads/exception stays on its thread", ExceptionStays);
        Program.Run("threads/exceptions on many", ExceptionsOnMany);
        Program.Run("threads/exception leaves lock", ExceptionLeavesLock);
        Program.Run("threads/static constructor once", StaticConstructorOnce);
        Program.Run("threads/static constructor fails", StaticConstructorFails);
        Program.Run("threads/static constructors in a circle", StaticConstructorCircle);
        Program.Run("threads/spinning", Spinning);
        Program.Run("threads/volatile flag", VolatileFlag);
        Program.Run("threads/deep stacks", DeepStacks);
        Program.Run("threads/floating point", FloatingPoint);
        Program.Run("threads/garbage", Garbage);
        Program.Run("threads/many", Many);
        Program.Run("threads/events", Events);
        Program.Run("threads/semaphore", Semaphore);
        Program.Run("threads/sleep time", SleepTime);
        Program.Run("threads/threads start threads", Tree);
        Program.Run("threads/philosophers", Philosophers);
        Program.Run("threads/errors", Errors);
        Program.Run("threads/background", Background);
    }

    private static Thread[] Start(int count, Action<int> work)
    {
        var threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            int number = i;
            threads[i] = new Thread(() => work(number));
            threads[i].Start();
        }

        return threads;
    }

    private static void Join(Thread[] threads)
    {
        foreach (Thread thread in threads)
            thread.Join();
    }

    private static void StartAndJoin()
    {
        int value = 0;
        var thread = new Thread(() => value = 42);
        thread.Start();
        thread.Join();
        WriteLine(value);
    }

    private static void Parameter()
    {
        string? seen = null;
        var thread = new Thread(parameter => seen = "got " + parameter);
        thread.Start(17);
        thread.Join();
        WriteLine(seen);
        thread = new Thread(parameter => seen = "got " + (parameter ?? "nothing"));
        thread.Start();
        thread.Join();
        WriteLine(seen);
    }

    private static void States()
    {
        using var go = new ManualResetEventSlim();
        var thread = new Thread(() => go.Wait()) { Name = "worker", IsBackground = true };
        Write($"{thread.Name} {thread.IsAlive} {thread.IsBackground}; ");
        thread.Start();
        Write($"{thread.IsAlive} {thread.Join(0)}; ");
        go.Set();
        thread.Join();
        Write($"{thread.IsAlive} {thread.Join(0)}; ");
        Thread current = Thread.CurrentThread;
        WriteLine(current.IsAlive && !current.IsBackground && current.ManagedThreadId != thread.ManagedThreadId);
        int inside = 0;
        thread = new Thread(() => inside = Environment.CurrentManagedThreadId);
        thread.Start();
        thread.Join();
        WriteLine(inside == thread.ManagedThreadId);
    }

    private static void SumUnderLock()
    {
        object gate = new();
        long sum = 0;
        Join(Start(5, number =>
        {
            for (int i = 0; i < 20_000; i++)
                lock (gate)
                    sum += number;
        }));
        WriteLine(sum);
    }

    private static void InterlockedSum()
    {
        int count = 0;
        long sum = 0;
        Join(Start(4, number =>
        {
            for (int i = 0; i < 30_000; i++)
            {
                Interlocked.Increment(ref count);
                Interlocked.Add(ref sum, i);
            }
        }));
        WriteLine($"{count} {sum}");
    }

    private static void HandOver()
    {
        object gate = new();
        int turn = 0;
        var text = new List<string>();
        Join(Start(3, number =>
        {
            for (int i = 0; i < 4; i++)
                lock (gate)
                {
                    while (turn % 3 != number)
                        Monitor.Wait(gate);
                    text.Add($"{number}.{i}");
                    turn++;
                    Monitor.PulseAll(gate);
                }
        }));
        WriteLine(string.Join(" ", text));
    }

    private static void ProducerAndConsumer()
    {
        var queue = new Queue<int>();
        bool isDone = false;
        long sum = 0;
        int count = 0;
        var consumer = new Thread(() =>
        {
            while (true)
            {
                int item;
                lock (queue)
                {
                    while (queue.Count == 0 && !isDone)
                        Monitor.Wait(queue);
                    if (queue.Count == 0)
                        return;
                    item = queue.Dequeue();
                    Monitor.PulseAll(queue);
                }

                sum = sum * 31 + item;
                count++;
            }
        });
        consumer.Start();
        for (int i = 0; i < 3000; i++)
            lock (queue)
            {
                while (queue.Count >= 8)
                    Monitor.Wait(queue);
                queue.Enqueue(i);
                Monitor.PulseAll(queue);
            }

        lock (queue)
        {
            isDone = true;
            Monitor.PulseAll(queue);
        }

        consumer.Join();
        WriteLine($"{count} {sum}");
    }

    private static void PulseAll()
    {
        object gate = new();
        int ready = 0, passed = 0;
        bool open = false;
        Thread[] threads = Start(6, number =>
        {
            lock (gate)
            {
                ready++;
                Monitor.PulseAll(gate);
                while (!open)
                    Monitor.Wait(gate);
                passed += 1 << number;
            }
        });
        lock (gate)
        {
            while (ready < 6)
                Monitor.Wait(gate);
            Write($"{ready} wait, {passed} passed; ");
            open = true;
            Monitor.PulseAll(gate);
        }

        Join(threads);
        WriteLine(passed);
    }

    private static void NestedLocks()
    {
        object outer = new(), inner = new();
        int count = 0;
        Join(Start(3, number =>
        {
            for (int i = 0; i < 1000; i++)
                lock (outer)
                lock (inner)
                lock (outer)
                {
                    int before = count;
                    Thread.Yield();
                    count = before + 1;
                }
        }));
        WriteLine($"{count} {Monitor.IsEntered(outer)} {Monitor.IsEntered(inner)}");
    }

    private static void WaitLeavesAllLevels()
    {
        object gate = new();
        bool isWaiting = false;
        string text = "";
        var thread = new Thread(() =>
        {
            lock (gate)
            lock (gate)
            lock (gate)
            {
                isWaiting = true;
                Monitor.PulseAll(gate);
                Monitor.Wait(gate);
                text += $"back {Monitor.IsEntered(gate)} ";
            }

            text += Monitor.IsEntered(gate);
        });
        lock (gate)
        {
            thread.Start();
            while (!isWaiting)
                Monitor.Wait(gate);
            text += "free ";
            Monitor.Pulse(gate);
        }

        thread.Join();
        WriteLine(text);
    }
}
