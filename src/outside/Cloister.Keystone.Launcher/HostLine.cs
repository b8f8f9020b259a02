using System;

namespace Cloister.Keystone.Launcher;

/// <summary>The line to the one that serves the window: bells, each way.</summary>
internal readonly struct HostLine
{
    private readonly int _file;

    private HostLine(int file) => _file = file;

    /// <summary>Opens it. A port of a virtual machine comes up some time after the first process has started.</summary>
    public static bool TryOpen(string name, out HostLine line)
    {
        const int attempts = 500;
        const long step = 20_000_000;
        for (int i = 0; i < attempts; i++)
        {
            int file = Linux.Open(Text.Name(name), forWriting: true);
            line = new HostLine(file);
            if (file >= 0)
                return true;
            Linux.Sleep(step);
        }

        line = default;
        return false;
    }

    /// <summary>Sends all bytes, unless nobody takes them.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        for (long sent; !bytes.IsEmpty && (sent = Linux.Write(_file, bytes)) > 0;)
            bytes = bytes[(int)sent..];
    }

    /// <summary>Waits until there are bells, or for a time, and takes what there are.</summary>
    public void Wait(long nanoseconds)
    {
        Span<byte> bells = stackalloc byte[256];
        if (Linux.WaitForInput(_file, nanoseconds))
            Linux.Read(_file, bells);
    }
}
