using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Cloister.Host;
using Cloister.Host.Control;
using Cloister.Host.Enclaves;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Enclaves;

/// <summary><c>cloister logs</c>: standard output of the enclave's programs to this one's, standard error likewise.</summary>
internal static class LogsCommand
{
    public static int Run(string name, bool follow, string? tail, bool timestamps, string? since)
    {
        int lines = ParseTail(tail);
        DateTimeOffset start = since is null ? DateTimeOffset.MinValue : ParseTime(since);
        EnclaveStore store = EnclaveStore.Open();
        EnclaveRecord record = store.Find(name);

        // Connected before the first look, so that nothing is missed between the two.
        using EnclaveClient? client = follow ? EnclaveClient.TryConnect(store, record) : null;
        client?.Follow();
        using var reader = new LogReader(store.FolderOf(record));
        var printer = new LogPrinter(timestamps);
        if (!printer.Print(Last(reader.Read(), start, lines)))
            return 0;
        while (client is not null)
        {
            bool goesOn = client.WaitForGrowth(out _);
            if (!printer.Print(reader.Read()) || !goesOn)
                break;
        }

        return 0;
    }

    private static List<LogRecord> Last(IEnumerable<LogRecord> records, DateTimeOffset start, int lines)
    {
        var all = new List<LogRecord>();
        foreach (LogRecord record in records)
        {
            if (record.Instant >= start)
                all.Add(record);
        }

        int first = all.Count;
        for (int ends = 0; first > 0; first--)
        {
            // A line that is not complete yet counts as one.
            if ((all[first - 1].IsWhole || first == all.Count) && ends++ == lines)
                break;
        }

        return all.GetRange(first, all.Count - first);
    }

    private static int ParseTail(string? text)
    {
        if (text is null or "all")
            return int.MaxValue;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int lines)
            ? lines
            : throw new HostException($"'--tail {text}' is not a number of lines: write a number, or all.");
    }

    private static DateTimeOffset ParseTime(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
            return DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, int.MaxValue));
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time) && text.Contains('-', StringComparison.Ordinal))
            return time;
        TimeSpan age = TimeSpan.Zero;
        int digits = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]))
                continue;
            double unit = text[i] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
            if (unit == 0 || !int.TryParse(text.AsSpan(digits, i - digits), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
                break;
            age += TimeSpan.FromSeconds(count * unit);
            digits = i + 1;
        }

        return digits == text.Length && text.Length > 0
            ? DateTimeOffset.UtcNow - age
            : throw new HostException($"'--since {text}' is not a time: write one such as 2030-01-31T12:00:00Z, or how long ago, such as 90s, 10m or 1h30m.");
    }
}

/// <summary>Writes records of a log where their streams went.</summary>
internal sealed class LogPrinter(bool timestamps)
{
    private readonly bool[] _isInLine = new bool[2];

    /// <summary>Prints; false where nobody reads any more.</summary>
    public bool Print(IEnumerable<LogRecord> records)
    {
        using var text = new MemoryStream();
        bool isError = false;
        foreach (LogRecord record in records)
        {
            if (record.IsError != isError && !Flush(text, isError))
                return false;
            isError = record.IsError;
            ref bool isInLine = ref _isInLine[isError ? 1 : 0];
            if (timestamps && !isInLine)
                text.Write(Encoding.ASCII.GetBytes(record.Time + " "));
            text.Write(record.Text);
            if (record.IsWhole)
                text.WriteByte((byte)'\n');
            isInLine = !record.IsWhole;
        }

        return Flush(text, isError);
    }

    private static bool Flush(MemoryStream text, bool isError)
    {
        bool isWritten = LauncherOutput.Write(isError ? 2 : 1, text.GetBuffer().AsSpan(0, (int)text.Length));
        text.SetLength(0);
        return isWritten;
    }
}
