using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Terminals;

namespace Cloister.Vfs.Devices;

/// <summary>/dev/console: the launcher's terminal, where it has one; for a program that has joined with a terminal, that one.</summary>
internal sealed class ConsoleDevice(VirtualFileSystem vfs, ConsoleTerminal terminal) : IDevice
{
    public Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file) =>
        Open(vfs.JobControl?.GetControllingTerminal(caller) as ConsoleTerminal ?? terminal, path, flags, out file);

    public static Errno Open(ConsoleTerminal terminal, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        int stream = terminal.TerminalStream;
        if (stream < 0)
            return Errno.ENXIO;
        file = new ConsoleFile(terminal, stream);
        file.Begin(path, flags);
        return Errno.Success;
    }
}

/// <summary>/dev/tty: the controlling terminal of the caller's session (tty(4)).</summary>
internal sealed class ControllingTerminalDevice(VirtualFileSystem vfs, ConsoleDevice console) : IDevice
{
    public Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (vfs.JobControl is not { } jobs)
            return console.Open(caller, path, flags, out file);
        return jobs.GetControllingTerminal(caller) switch
        {
            null => Errno.ENXIO,
            ConsoleTerminal terminal => ConsoleDevice.Open(terminal, path, flags, out file),
            Pseudoterminal terminal => vfs.OpenTerminal(caller, terminal, flags | OpenFlags.O_NOCTTY, out file),
            _ => console.Open(caller, path, flags, out file),
        };
    }
}

/// <summary>A standard stream that is not a terminal: a pipe or a file of the host, without a name inside.</summary>
internal sealed class ConsoleStreamInode : AnonymousInode
{
    private readonly ConsoleTerminal _terminal;
    private readonly int _stream;

    public ConsoleStreamInode(FileSystem fileSystem, ConsoleTerminal terminal, int stream, uint mode, uint userId, uint groupId)
        : base(fileSystem, mode, userId, groupId)
    {
        _terminal = terminal;
        _stream = stream;
    }

    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = new ConsoleFile(_terminal, _stream);
        file.Begin(path, flags);
        return Errno.Success;
    }
}
