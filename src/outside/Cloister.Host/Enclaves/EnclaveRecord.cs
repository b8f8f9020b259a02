using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using Cloister.Host.Terminal;

namespace Cloister.Host.Enclaves;

/// <summary>How far an enclave has come.</summary>
public enum EnclaveStatus
{
    /// <summary>Its launcher prepares it.</summary>
    Created,

    /// <summary>Its first program runs.</summary>
    Running,

    /// <summary>Its first program has ended.</summary>
    Exited,

    /// <summary>Its launcher was killed, or the machine was: how the program ended is not known.</summary>
    Dead,
}

/// <summary>What is kept of an enclave in the background, in its folder, as JSON.</summary>
public sealed record EnclaveRecord
{
    private const string Format = "cloister-enclave-1";

    /// <summary>Twelve hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name that the user gave, or one that was made up.</summary>
    public required string Name { get; init; }

    /// <summary>The first program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Where its root file system comes from.</summary>
    public required string Root { get; init; }

    /// <summary>The launcher.</summary>
    public required ProcessIdentity Launcher { get; init; }

    /// <summary>How far it has come.</summary>
    public EnclaveStatus Status { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When its program began.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When its program ended.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Exit status of its program, as a shell has it.</summary>
    public int ExitCode { get; init; }

    /// <summary>Whether its program has a terminal.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>Whether its program's input stays open for <c>attach</c>.</summary>
    public bool HasInput { get; init; }

    /// <summary>Whether nothing is kept once it has ended.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>Enclave memory in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The record as JSON.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer);
        return stream.ToArray();
    }

    /// <summary>Writes the record as a JSON object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("format", Format);
        writer.WriteString("id", Id);
        writer.WriteString("name", Name);
        writer.WriteStartArray("command");
        foreach (string argument in Command)
            writer.WriteStringValue(Storable(argument));
        writer.WriteEndArray();
        writer.WriteString("root", Storable(Root));
        writer.WriteString("status", NameOf(Status));
        writer.WriteString("created", Created);
        WriteTime(writer, "started", Started);
        WriteTime(writer, "finished", Finished);
        writer.WriteNumber("exitCode", ExitCode);
        writer.WriteNumber("pid", Launcher.ProcessId);
        writer.WriteNumber("pidStart", Launcher.StartTicks);
        writer.WriteString("boot", Launcher.Boot);
        writer.WriteBoolean("terminal", HasTerminal);
        writer.WriteBoolean("input", HasInput);
        writer.WriteBoolean("remove", IsRemoved);
        writer.WriteNumber("memory", Memory);
        writer.WriteEndObject();
    }

    /// <summary>Reads a record; null for what is none.</summary>
    public static EnclaveRecord? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement all = document.RootElement;
            if (all.GetProperty("format").GetString() != Format)
                return null;
            var command = new List<string>();
            foreach (JsonElement argument in all.GetProperty("command").EnumerateArray())
                command.Add(argument.GetString() ?? "");
            return new EnclaveRecord
            {
                Id = all.GetProperty("id").GetString()!,
                Name = all.GetProperty("name").GetString()!,
                Command = command,
                Root = all.GetProperty("root").GetString()!,
                Status = Enum.Parse<EnclaveStatus>(all.GetProperty("status").GetString()!, ignoreCase: true),
                Created = all.GetProperty("created").GetDateTimeOffset(),
                Started = ReadTime(all.GetProperty("started")),
                Finished = ReadTime(all.GetProperty("finished")),
                ExitCode = all.GetProperty("exitCode").GetInt32(),
                Launcher = new ProcessIdentity(
                    all.GetProperty("pid").GetInt32(), all.GetProperty("pidStart").GetInt64(), all.GetProperty("boot").GetString()!),
                HasTerminal = all.GetProperty("terminal").GetBoolean(),
                HasInput = all.GetProperty("input").GetBoolean(),
                IsRemoved = all.GetProperty("remove").GetBoolean(),
                Memory = all.GetProperty("memory").GetInt64(),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A status as users see it.</summary>
    public static string NameOf(EnclaveStatus status) => status.ToString().ToLowerInvariant();

    // JSON has no place for bytes that are no UTF-8.
    private static string Storable(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? PlainText.Escape(text) : text;

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            writer.WriteString(name, known);
        else
            writer.WriteNull(name);
    }

    private static DateTimeOffset? ReadTime(JsonElement time) => time.ValueKind == JsonValueKind.Null ? null : time.GetDateTimeOffset();
}

/// <summary>A process of this machine, not to be taken for a later one with the same number.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="StartTicks">When it started, in clock ticks since the machine did (proc_pid_stat(5)).</param>
/// <param name="Boot">Which run of the machine (/proc/sys/kernel/random/boot_id).</param>
public readonly record struct ProcessIdentity(int ProcessId, long StartTicks, string Boot)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current => new(Environment.ProcessId, ReadStart(Environment.ProcessId) ?? 0, ReadBoot());

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => Boot == ReadBoot() && ReadStart(ProcessId) == StartTicks;

    private static string ReadBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id", Encoding.ASCII).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // The name of the process, in parentheses, may hold any character but ends with the last one.
    private static long? ReadStart(int process)
    {
        const int startAfterName = 20;
        try
        {
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"), Encoding.Latin1);
            string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ');
            return fields.Length > startAfterName && fields[1] is not ("Z" or "X") ? long.Parse(fields[startAfterName], CultureInfo.InvariantCulture) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
