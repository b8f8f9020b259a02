using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Cloister.Bench;

/// <summary>Measures, prints a table, and writes it as JSON and as a picture.</summary>
internal static class Program
{
    private const int DefaultRounds = 5;
    private const string Python = "/usr/bin/python3";

    private static int Main(string[] arguments)
    {
        if (arguments.Length < 3)
        {
            Console.Error.WriteLine("usage: ./bench.sh [--rounds N] [--output FOLDER]");
            return 2;
        }

        (string cloister, string micro, string compute) = (arguments[0], arguments[1], arguments[2]);
        int rounds = DefaultRounds;
        string output = ".";
        for (int i = 3; i + 1 < arguments.Length; i += 2)
        {
            if (arguments[i] == "--rounds")
                rounds = int.Parse(arguments[i + 1], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--output")
                output = arguments[i + 1];
        }

        WriteProject("/tmp/cloister-bench-make");
        var runner = new Runner(cloister, FindRunsc());
        List<Measure> measures = Measures();
        var byName = new Dictionary<string, Measure>();
        foreach (Measure measure in measures)
            byName.Add(measure.Name, measure);

        double load = Load();
        if (load > Environment.ProcessorCount * 0.5)
            Console.Error.WriteLine($"The machine is busy (load {load:0.0} on {Environment.ProcessorCount} processors): expect noise.");
        // The first run of each is not counted: it reads files from the disk.
        foreach (Place place in Enum.GetValues<Place>())
            if (runner.Has(place))
                runner.Run(place, "/bin/true");
        for (int round = 1; round <= rounds; round++)
        {
            Console.Error.WriteLine($"round {round} of {rounds}...");
            // One place after the other within each round, so that a busy moment of the machine hits all of them alike.
            foreach (Place place in Enum.GetValues<Place>())
                if (runner.Has(place))
                    MeasureAll(runner, place, byName, micro, compute);
        }

        Report.Print(measures);
        Directory.CreateDirectory(output);
        File.WriteAllText(Path.Combine(output, "process.json"), Report.Json(measures, rounds, load));
        File.WriteAllText(Path.Combine(output, "process.svg"), Picture.Draw(measures));
        return 0;
    }

    /// <summary>Twenty small sources, as compilers see them all day: each with the headers of the C library.</summary>
    private static void WriteProject(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Makefile"),
            "OBJECTS := $(patsubst %.c,/tmp/cloister-bench-%.o,$(wildcard *.c))\n/tmp/cloister-bench-all: $(OBJECTS)\n\tgcc -o $@ $^\n"
            + "/tmp/cloister-bench-%.o: %.c\n\tgcc -O1 -c -o $@ $<\n");
        for (int i = 0; i < 20; i++)
        {
            File.WriteAllText(Path.Combine(folder, $"part{i}.c"),
                $"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint part{i}(const char *text) {{ return printf(\"%s\", text) + atoi(text); }}\n"
                + (i == 0 ? "int main(void) { return part0(\"1\") < 0; }\n" : ""));
        }
    }

    private static List<Measure> Measures() =>
    [
        new("getppid", "getppid", "ns", 0.8),
        new("read-zero", "read 1 byte of /dev/zero", "ns", 1.0),
        new("pipe", "write and read 1 byte through a pipe", "ns", 1.0),
        new("clock", "clock_gettime", "ns", 1.2),
        new("futex", "futex ping-pong of two threads", "ns", 1.3),
        new("mmap-64k", "mmap, touch, munmap 64 KiB", "ns", 2.0),
        new("mmap-64m", "mmap, touch, munmap 64 MiB", "ns", 1.3),
        new("thread", "create and join a thread", "ns", 3.0),
        new("open", "open and close a file in memory", "ns", 1.0),
        new("stat", "stat of a file in memory", "ns", 1.0),
        new("fork", "fork, exit and wait, 10 MiB", "ns", 2.0),
        new("exec", "fork and exec of true", "ns", 1.5),
        new("spawn", "posix_spawn of true", "ns", 1.3),
        new("process-round", "a byte there and back between parent and child of fork", "ns", 10.0),
        new("unix-round", "a byte there and back between programs, AF_UNIX", "ns", 1.0),
        new("pipe-mebibyte", "a MiB through a pipe to another program", "ns", 1.0),
        new("switch-1", "switch between parent and child of fork, 1 MiB", "ns", 250_000, IsRatio: false),
        new("switch-10", "switch between parent and child of fork, 10 MiB", "ns", 250_000, IsRatio: false),
        new("switch-100", "switch between parent and child of fork, 100 MiB", "ns", 0, IsRatio: false),
        new("switch-1000", "switch between parent and child of fork, 1,000 MiB", "ns", 0, IsRatio: false),
        new("make", "make of a C project, without start-up", "ms", 1.25),
        new("shell-loop", "a shell that runs true 1,000 times, without start-up", "ms", 1.6),
        new("python-pass", "python3 -c pass, without start-up", "ms", 1.3),
        new("python-whole", "python3 -c pass, with start-up", "ms", 2.2),
        new("interpreter", "Python loop", "ns", 1.05),
        new("matrices", "numpy: multiply matrices", "ns", 1.05),
        new("openssl", "OpenSSL: AES-256-GCM", "ns", 1.05),
        new("database", "SQLite: 200,000 inserts in memory", "ns", 1.05),
        new("start-up", "start-up: true", "ms", 16, IsRatio: false),
        new("memory", "memory of an idle enclave, beyond the program's", "MiB", 10, IsRatio: false),
    ];

    private static void MeasureAll(Runner runner, Place place, Dictionary<string, Measure> measures, string micro, string compute)
    {
        runner.Collect(place, measures, micro);
        double? start = runner.Time(place, "/bin/true");
        if (start is not null)
            measures["start-up"].Add(place, start.Value);
        const string loop = "i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done";
        if (start is not null && runner.Time(place, "/bin/sh", "-c", loop) is { } looped)
            measures["shell-loop"].Add(place, looped - start.Value);
        if (start is not null && runner.Time(place, "/usr/bin/make", "-s", "-B", "-C", "/tmp/cloister-bench-make") is { } made)
            measures["make"].Add(place, made - start.Value);
        if (File.Exists(Python))
        {
            if (start is not null && runner.Time(place, Python, "-c", "pass") is { } whole)
            {
                measures["python-pass"].Add(place, whole - start.Value);
                measures["python-whole"].Add(place, whole);
            }

            runner.Collect(place, measures, Python, compute, "interpreter", "database");
            if (Directory.Exists("/usr/lib/python3/dist-packages/numpy"))
                runner.Collect(place, measures, Python, compute, "matrices");
        }

        if (File.Exists("/usr/bin/openssl")
            && runner.Run(place, "/usr/bin/openssl", "speed", "-seconds", "1", "-bytes", "16384", "-mr", "-evp", "aes-256-gcm") is { } speed)
        {
            // "+F:number:name:bytes a second" is the line with the result; nanoseconds for one block are comparable with the rest.
            foreach (string line in speed.Split('\n'))
                if (line.StartsWith("+F:", StringComparison.Ordinal))
                    measures["openssl"].Add(place, 16384e9 / double.Parse(line.Split(':')[3], CultureInfo.InvariantCulture));
        }

        // Under runsc the processes aren't children of the command: its memory isn't comparable.
        if (place != Place.Runsc && runner.Memory(place, micro, "idle") is { } memory)
            measures["memory"].Add(place, place == Place.Native ? memory : memory - (measures["memory"].Median(Place.Native) ?? 0));
    }

    /// <summary>Programs that ran or waited for a CPU in the last minute, on average.</summary>
    private static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string? FindRunsc()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            if (File.Exists(Path.Combine(folder, "runsc")))
                return Path.Combine(folder, "runsc");
        return null;
    }
}
