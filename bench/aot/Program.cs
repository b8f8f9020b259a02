using System;

namespace Cloister.Bench.AotPrograms;

/// <summary>Runs every benchmark and prints its name, nanoseconds for one run, and a checksum, with tabs between.</summary>
internal static class Program
{
    // CoreCLR compiles a method for the last time some 100 ms after its thirtieth call.
    private const int WarmRuns = 70;
    private const int WarmMilliseconds = 500;
    private const int LongestWarmth = 3000;
    private const int Windows = 5;
    private const int WindowMilliseconds = 60;

    private static void Main()
    {
        Measure("n-body", Compute.Bodies);
        Measure("spectral-norm", Compute.SpectralNorm);
        Measure("mandelbrot", Compute.Mandelbrot);
        Measure("sieve", Compute.Sieve);
        Measure("sorting", Compute.Sort);
        Measure("sorting-by-delegate", Compute.SortByDelegate);
        Measure("dictionary-integers", Containers.Integers);
        Measure("dictionary-strings", Containers.Strings);
        Measure("list", Containers.Items);
        Measure("structures", Containers.Structures);
        Measure("strings", Texts.Concatenate);
        Measure("string-builder", Texts.Build);
        Measure("numbers-as-text", Texts.Format);
        Measure("binary-trees", Objects.Trees);
        Measure("virtual-calls", Objects.Shapes);
        Measure("interface-calls", Objects.Interfaces);
        Measure("casts", Objects.Casts);
        Measure("delegates", Objects.Delegates);
        Measure("exceptions", Objects.Exceptions);
        Measure("span-copy", Spans.Copy);
        Measure("span-search", Spans.Search);
        Measure("span-sum", Spans.Sum);
        Measure("aes-gcm", Ciphers.Gcm);
        Measure("aes-gcm-portable", Ciphers.PortableGcm);
        Measure("sha-256", Ciphers.Sha256);
    }

    private static void Measure(string name, Func<long> run)
    {
        long checksum = run();
        long start = Environment.TickCount64;
        for (int runs = 0; runs < WarmRuns || Environment.TickCount64 - start < WarmMilliseconds; runs++)
            if (Environment.TickCount64 - start > LongestWarmth)
                break;
            else if (run() != checksum)
                throw new InvalidOperationException(name + " gives another result each time.");
        long best = long.MaxValue;
        for (int window = 0; window < Windows; window++)
        {
            long begin = Environment.TickCount64;
            while (Environment.TickCount64 == begin)
                run();
            begin = Environment.TickCount64;
            long now;
            long runs = 0;
            do
            {
                run();
                runs++;
                now = Environment.TickCount64;
            }
            while (now - begin < WindowMilliseconds);
            best = Math.Min(best, (now - begin) * 1_000_000 / runs);
        }

        Console.WriteLine(name + "\t" + best + "\t" + checksum);
    }
}
