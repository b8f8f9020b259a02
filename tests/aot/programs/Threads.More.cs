using System;
using System.Collections.Generic;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static partial class Threads
{
    private static void TryEnter()
    {
        object gate = new();
        string text = "";
        Monitor.Enter(gate);
        Join(Start(1, _ => text += $"{Monitor.TryEnter(gate)} {Monitor.TryEnter(gate, 5)} {Monitor.TryEnter(gate, 0)} "));
        Monitor.Exit(gate);
        Join(Start(1, _ =>
        {
            bool taken = false;
            Monitor.TryEnter(gate, ref taken);
            text += $"{taken} {Monitor.TryEnter(gate)}";
            Monitor.Exit(gate);
            Monitor.Exit(gate);
        }));
        WriteLine($"{text} {Monitor.TryEnter(gate)}");
        Monitor.Exit(gate);
    }

    private static void Catch(Action action)
    {
        try
        {
            action();
            WriteLine("nothing");
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message);
        }
    }

    private static void WrongExits()
    {
        object gate = new();
        var thing = new Lock();
        Catch(() => Monitor.Exit(gate));
        Catch(() => Monitor.Wait(gate));
        Catch(() => Monitor.Pulse(gate));
        Catch(() => Monitor.PulseAll(gate));
        Catch(() => Monitor.Enter(null));
        Catch(() => Monitor.Exit(null));
        lock (gate)
            Join(Start(1, _ => Catch(() => Monitor.Exit(gate))));
        try
        {
            thing.Exit();
        }
        catch (SynchronizationLockException)
        {
            WriteLine("not held");
        }
    }

    private static void LockClass()
    {
        var gate = new Lock();
        int count = 0;
        string text = "";
        Join(Start(4, number =>
        {
            for (int i = 0; i < 5000; i++)
                lock (gate)
                    using (gate.EnterScope())
                        count++;
        }));
        lock (gate)
        {
            Write($"{gate.IsHeldByCurrentThread} ");
            Join(Start(1, _ => text += $"{gate.IsHeldByCurrentThread} {gate.TryEnter()} {gate.TryEnter(3)} "));
        }

        Join(Start(1, _ =>
        {
            text += gate.TryEnter() + " " + gate.TryEnter();
            gate.Exit();
            text += " " + gate.IsHeldByCurrentThread;
            gate.Exit();
        }));
        WriteLine($"{gate.IsHeldByCurrentThread} {text} {count}");
    }

    private static void WaitInTime()
    {
        object gate = new();
        lock (gate)
        {
            Write(Monitor.Wait(gate, 3) + " ");
            var thread = new Thread(() =>
            {
                lock (gate)
                    Monitor.Pulse(gate);
            });
            thread.Start();
            Write(Monitor.Wait(gate, 1_000_000) + " ");
            WriteLine(Monitor.IsEntered(gate));
            thread.Join();
        }
    }

    [ThreadStatic]
    private static int t_number;

    [ThreadStatic]
    private static string? t_text;

    private static class Initialized
    {
        [ThreadStatic]
        public static int Number = 5;

        public static int Shared = 7;

        static Initialized() => Shared++;
    }

    private static void ThreadStatics()
    {
        t_number = 100;
        t_text = "main";
        string[] results = new string[4];
        Join(Start(4, number =>
        {
            string before = $"{t_number} {t_text ?? "none"}";
            for (int i = 0; i < 1000; i++)
            {
                t_number += number;
                t_text = "thread " + t_number;
                if (i % 100 == 0)
                    Thread.Yield();
            }

            results[number] = $"{before}, {t_number} {t_text}";
        }));
        WriteLine(string.Join("; ", results));
        Write($"{t_number} {t_text}; {Initialized.Number} {Initialized.Shared}");
        Join(Start(1, _ => Write($"; {Initialized.Number} {Initialized.Shared}")));
        WriteLine();
    }

    private static void ExceptionStays()
    {
        string text = "";
        var thread = new Thread(() =>
        {
            try
            {
                Thread.Yield();
                throw new InvalidOperationException("inner");
            }
            catch (InvalidOperationException exception)
            {
                text += exception.Message;
            }
            finally
            {
                text += " finally";
            }
        });
        try
        {
            thread.Start();
            thread.Join();
            throw new ArgumentException("outer");
        }
        catch (Exception exception)
        {
            WriteLine(exception.Message + " " + text);
        }
    }

    private static int Deep(int n, Random numbers)
    {
        try
        {
            if (n == 0)
                throw new FormatException("bottom");
            return Deep(n - 1, numbers) + 1;
        }
        finally
        {
            if (n % 7 == 0)
                Thread.Yield();
            numbers.Next();
        }
    }

    private sealed class Random(uint seed)
    {
        public uint State = seed;

        public uint Next() => State = State * 1664525 + 1013904223;
    }

    private static void ExceptionsOnMany()
    {
        uint[] results = new uint[5];
        Join(Start(5, number =>
        {
            var numbers = new Random((uint)number);
            for (int i = 0; i < 30; i++)
                try
                {
                    Deep(20 + number, numbers);
                }
                catch (FormatException exception) when (exception.Message == "bottom")
                {
                    Thread.Yield();
                    results[number]++;
                }

            results[number] += numbers.State;
        }));
        WriteLine(string.Join(" ", results));
    }

    private static void ExceptionLeavesLock()
    {
        object gate = new();
        Join(Start(2, _ =>
        {
            try
            {
                lock (gate)
                    throw new TimeoutException();
            }
            catch (TimeoutException)
            {
            }
        }));
        WriteLine(Monitor.TryEnter(gate));
        Monitor.Exit(gate);
    }

    private static int s_constructions;

    private static class Slow
    {
        public static readonly int Value;

        static Slow()
        {
            for (int i = 0; i < 20; i++)
                Thread.Yield();
            s_constructions++;
            Value = 99;
        }
    }

    private static void StaticConstructorOnce()
    {
        int[] seen = new int[6];
        Join(Start(6, number => seen[number] = Slow.Value));
        WriteLine($"{string.Join(" ", seen)}: {s_constructions}");
    }

    private static class Failing
    {
        public static readonly int Value;

        static Failing()
        {
            Thread.Yield();
            Value = 3;
            throw new NotSupportedException("no");
        }
    }

    private static void StaticConstructorFails()
    {
        string[] seen = new string[3];
        Join(Start(3, number =>
        {
            try
            {
                seen[number] = Failing.Value.ToString();
            }
            catch (TypeInitializationException exception)
            {
                seen[number] = exception.InnerException!.Message;
            }
        }));
        WriteLine(string.Join(" ", seen));
    }

    private static class Left
    {
        public static readonly int Value;

        static Left()
        {
            s_leftRuns = true;
            while (!s_rightRuns)
                Thread.Yield();
            Value = Right.Touch() + 1;
        }

        public static int Touch() => 10;
    }

    private static class Right
    {
        public static readonly int Value;

        static Right()
        {
            s_rightRuns = true;
            while (!s_leftRuns)
                Thread.Yield();
            Value = Left.Touch() + 2;
        }

        public static int Touch() => 20;
    }

    private static volatile bool s_leftRuns, s_rightRuns;

    // Each constructor waits for the other's thread: one of them goes on without (ECMA-335, II.10.5.3.3).
    private static void StaticConstructorCircle()
    {
        int[] seen = new int[2];
        Join(Start(2, number => seen[number] = number == 0 ? Left.Value : Right.Value));
        WriteLine(string.Join(" ", seen));
    }
}
