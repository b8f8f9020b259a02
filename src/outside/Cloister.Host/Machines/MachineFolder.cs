using System;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;

namespace Cloister.Host.Machines;

/// <summary>The names that a launcher and its QEMU meet at: a file of memory, a socket for the line. They are needed until both have opened them.</summary>
internal sealed class MachineFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cloister-");
    private readonly Socket _listener;
    private bool _isNameless;

    /// <summary>Makes them.</summary>
    /// <param name="memory">Bytes of the memory.</param>
    public MachineFolder(long memory)
    {
        // A file in memory, where the host has a place for such.
        string shared = Directory.Exists("/dev/shm") ? "/dev/shm" : _folder.FullName;
        MemoryPath = Path.Combine(shared, _folder.Name + ".window");
        using (FileStream stream = new(MemoryPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite))
            stream.SetLength(memory);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(LinePath));
        _listener.Listen(1);
    }

    /// <summary>The memory's file.</summary>
    public string MemoryPath { get; }

    /// <summary>The line's socket.</summary>
    public string LinePath => PathOf("line");

    /// <summary>A name for another file.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>QEMU's end of the line. It connects before the machine's first instruction, or ends.</summary>
    public Socket Accept(Process process)
    {
        const int step = 50_000;
        while (!_listener.Poll(step, SelectMode.SelectRead))
        {
            if (process.HasExited)
                throw new HostException($"QEMU can't start the machine: {process.StandardError.ReadToEnd().Trim()}");
        }

        return _listener.Accept();
    }

    /// <summary>Removes the names: what is open stays so.</summary>
    public void RemoveNames()
    {
        if (_isNameless)
            return;
        _isNameless = true;
        File.Delete(MemoryPath);
        _folder.Delete(recursive: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        RemoveNames();
    }
}
