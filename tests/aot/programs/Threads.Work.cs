using System;
using System.Collections.Generic;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static partial class Threads
{
    private static int s_flag;

    private static volatile bool s_stop;

    // Nothing in the loop waits: it ends only where loops let others run.
    private static void Spinning()
    {
        s_flag = 0;
        var thread = new Thread(() =>
        {
            while (Volatile.Read(ref s_flag) == 0)
            {
            }

            Volatile.Write(ref s_flag, 2);
        });
        thread.Start();
        Volatile.Write(ref s_flag, 1);
        while (Volatile.Read(ref s_flag) != 2)
        {
        }

        thread.Join();
        WriteLine(s_flag);
    }

    private static void VolatileFlag()
    {
        s_stop = false;
        bool counted = false;
        var thread = new Thread(() =>
        {
            for (long i = 0; !s_stop; i++)
                counted = true;
        });
        thread.Start();
        while (!Volatile.Read(ref counted))
        {
        }

        s_stop = true;
        thread.Join();
        WriteLine(counted);
    }

    private static long Depth(int n) => n == 0 ? 0 : 1 + Depth(n - 1);

    private static void DeepStacks()
    {
        long[] sums = new long[3];
        Thread[] threads = new Thread[3];
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            threads[i] = new Thread(() => sums[number] = Depth(20_000 * (number + 1)), 16 << 20);
            threads[i].Start();
        }

        Join(threads);
        WriteLine(string.Join(" ", sums));
    }

    private static void FloatingPoint()
    {
        double[] results = new double[4];
        Join(Start(4, number =>
        {
            double x = number + 1, y = 0.5;
            for (int i = 0; i < 2000; i++)
            {
                y = Math.Sqrt(x + y * y) * 0.75 + i % 3;
                if (i % 64 == 0)
                    Thread.Yield();
            }

            results[number] = y;
        }));
        foreach (double result in results)
            Write(BitConverter.DoubleToInt64Bits(result) + " ");
        WriteLine();
    }

    private sealed class Node(Node? next, int value)
    {
        public readonly Node? Next = next;
        public readonly int Value = value;
    }

    // Every thread keeps a list only on its stack while the others make garbage.
    private static void Garbage()
    {
        long[] sums = new long[4];
        Join(Start(4, number =>
        {
            for (int round = 0; round < 20; round++)
            {
                Node? list = null;
                for (int i = 0; i < 500; i++)
                {
                    list = new Node(list, i * (number + 1));
                    if (i % 100 == 0)
                        Thread.Yield();
                }

                byte[] waste = new byte[20_000];
                if (round == 10 + number)
                    GC.Collect();
                Thread.Yield();
                for (; list is not null; list = list.Next)
                    sums[number] += list.Value + waste[list.Value];
            }
        }));
        WriteLine(string.Join(" ", sums));
    }

    private static void Many()
    {
        int count = 0;
        for (int round = 0; round < 10; round++)
            Join(Start(20, number => Interlocked.Add(ref count, number)));
        WriteLine(count);
    }

    private static void Events()
    {
        using var one = new AutoResetEvent(false);
        using var other = new AutoResetEvent(true);
        using var end = new ManualResetEvent(false);
        string text = "";
        Thread[] threads = Start(2, number =>
        {
            for (int i = 0; i < 5; i++)
            {
                (number == 0 ? other : one).WaitOne();
                text += number == 0 ? "ping " : "pong ";
                (number == 0 ? one : other).Set();
            }

            end.WaitOne();
        });
        Write(threads[0].Join(1) + " " + end.WaitOne(1) + " ");
        end.Set();
        Join(threads);
        WriteLine(text + end.WaitOne(0) + " " + one.WaitOne(0) + " " + other.WaitOne(0) + " " + other.WaitOne(0));
    }

    private static void Semaphore()
    {
        using var places = new SemaphoreSlim(2);
        int inside = 0, most = 0, visits = 0;
        object gate = new();
        Join(Start(6, number =>
        {
            for (int i = 0; i < 50; i++)
            {
                places.Wait();
                lock (gate)
                {
                    visits++;
                    most = Math.Max(most, ++inside);
                }

                Thread.Yield();
                lock (gate)
                    inside--;
                places.Release();
            }
        }));
        WriteLine($"{visits} {most <= 2} {places.CurrentCount} {places.Wait(0)} {places.Wait(0)} {places.Wait(1)}");
    }

    private static void SleepTime()
    {
        int late = 0;
        Join(Start(3, number =>
        {
            long before = Environment.TickCount64;
            Thread.Sleep(30 * number + 1);
            // The clock may be coarse.
            if (Environment.TickCount64 - before >= 30 * number - 15)
                Interlocked.Increment(ref late);
        }));
        WriteLine(late);
    }

    private static int Count(int depth)
    {
        if (depth == 0)
            return 1;
        int[] results = new int[3];
        Join(Start(3, number => results[number] = Count(depth - 1)));
        return results[0] + results[1] + results[2];
    }

    private static void Tree() => WriteLine(Count(3));

    private static void Philosophers()
    {
        object[] forks = [new(), new(), new(), new(), new()];
        int[] meals = new int[5];
        Join(Start(5, number =>
        {
            int low = Math.Min(number, (number + 1) % 5), high = Math.Max(number, (number + 1) % 5);
            for (int i = 0; i < 100; i++)
                lock (forks[low])
                {
                    Thread.Yield();
                    lock (forks[high])
                        meals[number]++;
                }
        }));
        WriteLine(string.Join(" ", meals));
    }

    private static void Errors()
    {
        Catch(() => new Thread((ThreadStart)null));
        Catch(() => new Thread(() => { }).Join());
        Catch(() => Thread.Sleep(-2));
        Catch(() => new Thread(() => { }).Start("parameter"));
        var thread = new Thread(() => { });
        thread.Start();
        thread.Join();
        Catch(thread.Start);
        Catch(() => thread.IsBackground = true);
        Catch(() => new SemaphoreSlim(1, 1).Release());
    }

    // It never ends, and the program does.
    private static void Background()
    {
        var thread = new Thread(() =>
        {
            while (true)
                Thread.Sleep(1000);
        }) { IsBackground = true };
        thread.Start();
        WriteLine(thread.IsAlive);
    }
}
