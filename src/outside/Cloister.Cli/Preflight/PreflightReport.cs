using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Preflight;

/// <summary>What kind of thing is missing.</summary>
internal enum FindingKind
{
    /// <summary>A system call.</summary>
    Call,

    /// <summary>A flag, command or option of a system call.</summary>
    Flag,

    /// <summary>A request of ioctl(2).</summary>
    Ioctl,

    /// <summary>A socket option.</summary>
    SocketOption,

    /// <summary>A file of /proc or /sys.</summary>
    File,
}

/// <summary>Something that a program uses and the kernel inside lacks.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">Its name.</param>
/// <param name="Inside">The error that programs get for it inside; empty where that depends.</param>
/// <param name="Note">What the kernel's own table says about it.</param>
/// <param name="IsOptional">Whether programs ask for it and do without.</param>
internal sealed record Finding(FindingKind Kind, string Name, string Inside, string Note, bool IsOptional = false);

/// <summary>What a program needs and the kernel lacks, for people and for other programs.</summary>
/// <param name="subject">What was looked at.</param>
/// <param name="isStatic">Whether it was only read, not run: what it contains it need not use.</param>
internal sealed class PreflightReport(string subject, bool isStatic)
{
    private const int NameWidth = 34;
    private const int LongestTitle = 60;
    private const int Missing = 1;

    private readonly Dictionary<Finding, int> _findings = [];
    private readonly HashSet<string> _names = [];
    private long _calls;

    /// <summary>Counts a call that was looked at.</summary>
    public void Count(string name)
    {
        _calls++;
        _names.Add(name);
    }

    /// <summary>Whether no call was looked at.</summary>
    public bool IsEmpty => _calls == 0;

    /// <summary>Adds something that is missing.</summary>
    public void Add(Finding finding) => _findings[finding] = _findings.GetValueOrDefault(finding) + 1;

    /// <summary>Whether something is missing that programs don't do without.</summary>
    public int Status
    {
        get
        {
            foreach (Finding finding in _findings.Keys)
            {
                if (!finding.IsOptional)
                    return Missing;
            }

            return 0;
        }
    }

    /// <summary>The report for people.</summary>
    public string ToText()
    {
        List<KeyValuePair<Finding, int>> sorted = Sort();
        var text = new StringBuilder();
        string title = PlainText.Escape(subject);
        text.Append($"{(title.Length <= LongestTitle ? title : title[..LongestTitle] + "...")}: {_calls:N0} system calls of {_names.Count} kinds{(isStatic ? ", read and not run" : "")}.\n");
        Write(text, sorted, isOptional: false, isStatic ? "May be missed - the program contains it:" : "Missing inside:");
        Write(text, sorted, isOptional: true, "Not there either, but programs ask for it and do without:");
        text.Append(Status == 0
            ? "\nNothing is missing that it would notice.\n"
            : "\nThe program gets the error shown where it uses these; what else it does runs inside. 'cloister syscalls' has the whole list.\n");
        return text.ToString();
    }

    /// <summary>The report for programs.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("subject", PlainText.Escape(subject));
            writer.WriteBoolean("static", isStatic);
            writer.WriteNumber("calls", _calls);
            writer.WriteNumber("kinds", _names.Count);
            writer.WriteStartArray("missing");
            foreach ((Finding finding, int count) in Sort())
            {
                writer.WriteStartObject();
                writer.WriteString("kind", NameOf(finding.Kind));
                writer.WriteString("name", finding.Name);
                writer.WriteNumber("count", count);
                writer.WriteString("inside", finding.Inside);
                writer.WriteBoolean("optional", finding.IsOptional);
                writer.WriteString("note", finding.Note);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    private static void Write(StringBuilder text, List<KeyValuePair<Finding, int>> findings, bool isOptional, string title)
    {
        bool hasTitle = false;
        foreach ((Finding finding, int count) in findings)
        {
            if (finding.IsOptional != isOptional)
                continue;
            if (!hasTitle)
                text.Append('\n').Append(title).Append('\n');
            hasTitle = true;
            text.Append("  ").Append(NameOf(finding.Kind).PadRight(14)).Append(PlainText.Escape(finding.Name).PadRight(NameWidth));
            text.Append($"{count + "x",6}  ").Append(finding.Inside.PadRight(finding.Inside.Length == 0 ? 0 : 12)).Append(finding.Note).Append('\n');
        }
    }

    private List<KeyValuePair<Finding, int>> Sort()
    {
        var sorted = new List<KeyValuePair<Finding, int>>(_findings);
        sorted.Sort((a, b) => (a.Key.IsOptional, a.Key.Kind) != (b.Key.IsOptional, b.Key.Kind)
            ? (a.Key.IsOptional, (int)a.Key.Kind).CompareTo((b.Key.IsOptional, (int)b.Key.Kind))
            : b.Value != a.Value ? b.Value.CompareTo(a.Value) : string.CompareOrdinal(a.Key.Name, b.Key.Name));
        return sorted;
    }

    private static string NameOf(FindingKind kind) => kind switch
    {
        FindingKind.Call => "system call",
        FindingKind.Flag => "flag",
        FindingKind.Ioctl => "ioctl",
        FindingKind.SocketOption => "socket option",
        _ => "file",
    };
}
