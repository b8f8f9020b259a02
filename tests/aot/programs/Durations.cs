using System;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>TimeSpan, waits that take it, and random numbers from seeds.</summary>
internal static class Durations
{
    private static readonly TimeSpan[] s_values = [TimeSpan.Zero, new(1), new(-1), new(10, 20, 30), new(1, 2, 3, 4), new(-1, -2, -3, -4, -5), new(0,
        0, 0, 0, 1, 2),
        new(23, 59, 59), TimeSpan.MaxValue, TimeSpan.MinValue, TimeSpan.FromDays(1.5), TimeSpan.FromHours(-100), TimeSpan.FromSeconds(90),
            TimeSpan.FromMilliseconds(0.5),
        TimeSpan.FromTicks(1234567), TimeSpan.FromSeconds(0.3), TimeSpan.FromMicroseconds(7), TimeSpan.FromMinutes(1, 2, 3, 4)];

    public static void All()
    {
        Program.Run("durations/parts", () =>
        {
            foreach (TimeSpan t in s_values)
                WriteLine(t.Ticks + " " + t.Days + " " + t.Hours + " " + t.Minutes + " " + t.Seconds + " " + t.Milliseconds + " " + t.Microseconds
                    + " " + t.Nanoseconds + " "
                    + t.TotalDays + " " + t.TotalHours + " " + t.TotalMinutes + " " + t.TotalSeconds + " " + t.TotalMilliseconds + " "
                        + t.TotalMicroseconds + " "
                    + t.TotalNanoseconds);
        });
        Program.Run("durations/texts", () =>
        {
            foreach (TimeSpan t in s_values)
                WriteLine(t + " " + t.ToString("c") + " " + t.ToString("g") + " " + t.ToString("G") + " " + t.ToString(@"hh\:mm\:ss") + " "
                    + t.ToString("d'd 'h'h'")
                    + " " + t.ToString("%s") + " " + t.ToString(@"dddd\.fffff") + " " + t.ToString("s\\.FFF") + $" {t:mm}" + " "
                        + t.ToString("\"x\"m"));
            foreach (string format in (string[])["x", "hhh", "%", "'a", "\\", "h:m", "%%", "dddddddd", "ddddddddd", "ffffffff", "t"])
                Try(() => s_values[4].ToString(format));
            Span<char> room = stackalloc char[9];
            WriteLine(s_values[3].TryFormat(room, out int written) + " " + written + " " + s_values[8].TryFormat(room, out written) + written);
        });
        Program.Run("durations/arithmetic", () =>
        {
            foreach (TimeSpan a in s_values)
                foreach (TimeSpan b in s_values)
                {
                    Try(() => (a + b).ToString());
                    Try(() => (a - b).ToString());
                    WriteLine((a < b) + " " + (a >= b) + " " + (a == b) + " " + a.CompareTo(b) + " " + a.Equals((object)b) + " " + a / b);
                }

            foreach (TimeSpan a in s_values)
            {
                Try(() => (a * 1.5).ToString());
                Try(() => (a / 3).ToString());
                Try(() => (-a).ToString());
                Try(() => a.Duration().ToString());
            }

            Try(() => (s_values[3] * double.NaN).ToString());
            Try(() => (s_values[3] / 0).ToString());
            Try(() => TimeSpan.FromDays(1e10).ToString());
            Try(() => TimeSpan.FromSeconds(double.NaN).ToString());
            Try(() => TimeSpan.FromSeconds(long.MaxValue).ToString());
            Try(() => TimeSpan.FromDays(int.MaxValue).ToString());
            Try(() => new TimeSpan(int.MaxValue, 0, 0, 0).ToString());
            Try(() => TimeSpan.FromHours(int.MaxValue, -60L * int.MaxValue, 5).ToString());
            Try(() => s_values[3].CompareTo("x").ToString());
        });
        Program.Run("durations/waits", () =>
        {
            TimeSpan none = TimeSpan.Zero;
            using var set = new ManualResetEvent(true);
            using var slim = new ManualResetEventSlim();
            using var semaphore = new SemaphoreSlim(1);
            var gate = new object();
            var door = new Lock();
            WriteLine(set.WaitOne(none) + " " + set.WaitOne(TimeSpan.FromSeconds(1), false) + " " + slim.Wait(none) + " "
                + semaphore.Wait(Timeout.InfiniteTimeSpan) + " "
                + semaphore.Wait(TimeSpan.FromMilliseconds(1)) + " " + Monitor.TryEnter(gate, none) + " "
                    + Monitor.Wait(gate, TimeSpan.FromMilliseconds(1)) + " "
                + door.TryEnter(none) + slim.WaitHandle.WaitOne(0));
            var thread = new Thread(() => Thread.Sleep(TimeSpan.FromMilliseconds(1)));
            thread.Start();
            WriteLine(thread.Join(TimeSpan.FromMinutes(5)));
            TimeSpan wrong = TimeSpan.FromDays(100), negative = TimeSpan.FromMilliseconds(-2);
            Try(() => set.WaitOne(wrong).ToString());
            Try(() => slim.Wait(negative).ToString());
            Try(() => semaphore.Wait(negative).ToString());
            Try(() => Monitor.TryEnter(gate, negative).ToString());
            Try(() => Monitor.Wait(gate, negative).ToString());
            Try(() => door.TryEnter(negative).ToString());
            Try(() => thread.Join(negative).ToString());
            GC.Collect(0);
            WriteLine((GC.GetTotalPauseDuration() > none) + " " + (GC.MaxGeneration >= 0));
        });
        Program.Run("durations/random", () =>
        {
            foreach (int seed in (int[])[0, 1, 42, -7, int.MaxValue, int.MinValue])
            {
                var random = new Random(seed);
                for (int i = 0; i < 60; i++)
                    Write(random.Next() + " ");
                WriteLine(random.Next(10) + " " + random.Next(-5, 5) + " " + random.Next(int.MinValue, int.MaxValue) + " " + random.NextDouble()
                    + " " + random.NextSingle() + " "
                    + random.NextInt64() + " " + random.NextInt64(1000) + " " + random.NextInt64(long.MinValue, long.MaxValue) + " " + random.Next(0)
                        + random.Next(3, 3)
                    + random.NextInt64(4, 5));
                byte[] bytes = new byte[12];
                random.NextBytes(bytes);
                int[] items = [1, 2, 3, 4, 5, 6, 7, 8];
                random.Shuffle(items);
                WriteLine(Convert.ToHexString(bytes) + " " + string.Join(",", items));
            }

            var other = new Random(5);
            Try(() => other.Next(-1).ToString());
            Try(() => other.Next(3, 2).ToString());
            Try(() => other.NextInt64(-1).ToString());
            Try(() => other.NextInt64(3, 2).ToString());
            double drawn = new Random().NextDouble() + Random.Shared.NextDouble();
            WriteLine(drawn is >= 0 and < 2);
        });
    }

    private static void Try(Func<string> function)
    {
        try
        {
            WriteLine(function());
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message);
        }
    }
}
