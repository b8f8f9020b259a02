using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Cloister.Host.Enclaves;

/// <summary>A record of a log.</summary>
/// <param name="Time">When it was written, as it stands there.</param>
/// <param name="IsError">Whether it was standard error.</param>
/// <param name="IsWhole">Whether the line ends here.</param>
/// <param name="Text">The text, without the end of its line.</param>
public readonly record struct LogRecord(string Time, bool IsError, bool IsWhole, byte[] Text)
{
    /// <summary>The time as a value.</summary>
    public DateTimeOffset Instant =>
        DateTimeOffset.TryParse(Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) ? instant : default;
}

/// <summary>Reads the log of an enclave from its beginning, also while it grows and its files take turns.</summary>
public sealed class LogReader : IDisposable
{
    private readonly string _folder;
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly List<byte> _unfinished = [];
    private FileStream? _file;

    /// <summary>Opens the log in an enclave's folder.</summary>
    public LogReader(string folder)
    {
        _folder = folder;
        _file = Open(EnclaveLog.OldPathIn(folder)) ?? Open(EnclaveLog.PathIn(folder));
    }

    /// <summary>The records that there are now and weren't read before.</summary>
    public IEnumerable<LogRecord> Read()
    {
        while (Fill() is var count and > 0)
        {
            for (int start = 0; start < count;)
            {
                int end = Array.IndexOf(_buffer, (byte)'\n', start, count - start);
                _unfinished.AddRange(_buffer.AsSpan(start, (end < 0 ? count : end) - start));
                if (end < 0)
                    break;
                start = end + 1;
                LogRecord? record = Parse(_unfinished.ToArray());
                _unfinished.Clear();
                if (record is { } known)
                    yield return known;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>Takes a line apart; null for what is none of a log.</summary>
    public static LogRecord? Parse(ReadOnlySpan<byte> line)
    {
        int time = line.IndexOf((byte)' ');
        if (time < 0)
            return null;
        ReadOnlySpan<byte> rest = line[(time + 1)..];
        int stream = rest.IndexOf((byte)' ');
        // The stream, a letter between two spaces, and the text.
        if (stream < 0 || rest.Length < stream + 3 || rest[stream + 2] != (byte)' ')
            return null;
        return new LogRecord(
            Encoding.ASCII.GetString(line[..time]), rest[..stream].SequenceEqual("stderr"u8), rest[stream + 1] == (byte)'F', rest[(stream + 3)..].ToArray());
    }

    // At the end of a file goes on with the one whose turn it is meanwhile.
    private int Fill()
    {
        while (true)
        {
            _file ??= Open(EnclaveLog.PathIn(_folder));
            int count = _file?.Read(_buffer) ?? 0;
            if (count > 0 || _file is null || !IsOld(_file))
                return count;

            // Nothing is added to it any more, but something may have been since it was read.
            count = _file.Read(_buffer);
            if (count > 0)
                return count;
            _file.Dispose();
            _file = null;
        }
    }

    // A file that is no longer the present one.
    private bool IsOld(FileStream file)
    {
        using FileStream? present = Open(EnclaveLog.PathIn(_folder));
        return present is not null && HostPaths.GetIdentity(present.SafeFileHandle) != HostPaths.GetIdentity(file.SafeFileHandle);
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
