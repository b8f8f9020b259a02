using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace Cloister.Host.Enclaves;

/// <summary>
/// What the programs of an enclave in the background write, kept in two files that take turns, so that it is bounded. A record is a
/// line, as Kubernetes' container runtimes write it: time, stream, F for a line that is complete or P for a piece of one, text.
/// </summary>
public sealed class EnclaveLog : IDisposable
{
    /// <summary>Bytes of a file before the other one's turn.</summary>
    public const int LargestFile = 8 << 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Action _grown;
    private FileStream _file;

    /// <summary>Begins an empty log.</summary>
    /// <param name="folder">The enclave's folder.</param>
    /// <param name="grown">Called after each addition.</param>
    public EnclaveLog(string folder, Action grown)
    {
        _path = PathIn(folder);
        _grown = grown;
        _file = Open();
    }

    /// <summary>The present file.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "log");

    /// <summary>The file before it.</summary>
    public static string OldPathIn(string folder) => Path.Combine(folder, "log.1");

    /// <summary>Adds what a stream has given.</summary>
    /// <param name="stream">stdout or stderr.</param>
    /// <param name="data">Whole lines or not.</param>
    public void Add(string stream, ReadOnlySpan<byte> data)
    {
        string time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        using var records = new MemoryStream(data.Length + 128);
        while (!data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n');
            records.Write(Encoding.ASCII.GetBytes($"{time} {stream} {(end < 0 ? 'P' : 'F')} "));
            records.Write(end < 0 ? data : data[..end]);
            records.WriteByte((byte)'\n');
            data = end < 0 ? default : data[(end + 1)..];
        }

        lock (_lock)
        {
            try
            {
                if (_file.Length + records.Length > LargestFile)
                    Rotate();
                _file.Write(records.GetBuffer(), 0, (int)records.Length);
            }
            catch (IOException)
            {
                // The disk is full: programs go on without a log.
            }
        }

        _grown();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            _file.Dispose();
    }

    private void Rotate()
    {
        _file.Dispose();
        File.Move(_path, _path + ".1", overwrite: true);
        _file = Open();
    }

    private FileStream Open() => new(_path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
