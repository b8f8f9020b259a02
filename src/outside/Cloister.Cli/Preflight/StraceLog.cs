using System;
using System.Collections.Generic;
using System.IO;

namespace Cloister.Cli.Preflight;

/// <summary>A system call as strace(1) prints it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">The text between the parentheses, as far as it was known when the call began.</param>
/// <param name="HasFailed">Whether it gave an error.</param>
internal readonly record struct TracedCall(string Name, string Arguments, bool HasFailed)
{
    /// <summary>The quoted strings among the arguments that are not cut, taken as they stand.</summary>
    public IEnumerable<string> Strings
    {
        get
        {
            for (int start = Arguments.IndexOf('"', StringComparison.Ordinal); start >= 0;)
            {
                int end = start + 1;
                while (end < Arguments.Length && Arguments[end] != '"')
                    end += Arguments[end] == '\\' ? 2 : 1;
                if (end >= Arguments.Length)
                    yield break;
                if (!Arguments.AsSpan(end + 1).StartsWith("..."))
                    yield return Arguments[(start + 1)..end];
                start = Arguments.IndexOf('"', end + 1);
            }
        }
    }

    /// <summary>Names of constants among the arguments: words in capitals, outside of strings.</summary>
    public IEnumerable<string> Constants
    {
        get
        {
            for (int i = 0; i < Arguments.Length; i++)
            {
                if (Arguments[i] == '"')
                {
                    for (i++; i < Arguments.Length && Arguments[i] != '"'; i++)
                        i += Arguments[i] == '\\' ? 1 : 0;
                    continue;
                }

                int start = i;
                while (i < Arguments.Length && (char.IsAsciiLetterOrDigit(Arguments[i]) || Arguments[i] == '_'))
                    i++;
                if (i > start && char.IsAsciiLetterUpper(Arguments[start]))
                    yield return Arguments[start..i];
                if (i < Arguments.Length && Arguments[i] == '"')
                    i--;
            }
        }
    }
}

/// <summary>Reads what strace has written: with or without process ids and times, also calls that others have interrupted.</summary>
internal static class StraceLog
{
    /// <summary>The calls of a log, in order.</summary>
    public static IEnumerable<TracedCall> Read(TextReader log)
    {
        // What a call that is resumed had as arguments when it began, by process and name.
        var unfinished = new Dictionary<(string Process, string Name), string>();
        while (log.ReadLine() is { } line)
        {
            if (Parse(line, unfinished) is { } call)
                yield return call;
        }
    }

    /// <summary>Takes a line apart; null for what is no call, or one that isn't finished.</summary>
    internal static TracedCall? Parse(string line, Dictionary<(string Process, string Name), string> unfinished)
    {
        const string unfinishedMark = "<unfinished ...>";
        string process = ProcessOf(line);
        int resumed = line.IndexOf("<... ", StringComparison.Ordinal);
        int open = line.IndexOf('(', StringComparison.Ordinal);
        if (resumed >= 0 && (open < 0 || resumed < open))
        {
            string rest = line[(resumed + "<... ".Length)..];
            int space = rest.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !unfinished.Remove((process, rest[..space]), out string? begun))
                return null;
            return new TracedCall(rest[..space], begun + ResultOf(rest, out bool hasFailed, rest.IndexOf('>', StringComparison.Ordinal) + 1), hasFailed);
        }

        if (open <= 0)
            return null;
        int start = open;
        while (start > 0 && (char.IsAsciiLetterLower(line[start - 1]) || char.IsAsciiDigit(line[start - 1]) || line[start - 1] == '_'))
            start--;
        string name = line[start..open];
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || (start > 0 && line[start - 1] is not (' ' or ']')))
            return null;
        if (line.EndsWith(unfinishedMark, StringComparison.Ordinal))
        {
            unfinished[(process, name)] = line[(open + 1)..^unfinishedMark.Length];
            return null;
        }

        string arguments = ResultOf(line, out bool failed, open + 1);
        return new TracedCall(name, arguments, failed);
    }

    // The arguments end before the last ") =" or ")  = ", whatever strings among them look like.
    private static string ResultOf(string line, out bool hasFailed, int start)
    {
        int equals = line.LastIndexOf(" = ", StringComparison.Ordinal);
        int close = equals < 0 ? -1 : line.LastIndexOf(')', equals);
        hasFailed = equals >= 0 && line.AsSpan(equals + " = ".Length).StartsWith("-1 E");
        return close >= start ? line[start..close] : line[start..];
    }

    private static string ProcessOf(string line)
    {
        string text = line.StartsWith("[pid", StringComparison.Ordinal) ? line[4..].TrimStart() : line;
        int end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return text[..end];
    }
}
