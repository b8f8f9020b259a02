using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Vfs.Core;
using Cloister.Vfs.Devices;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Terminals;

/// <summary>devpts: a device file for each pseudoterminal. Also the driver of /dev/ptmx and of the slaves.</summary>
internal sealed class TerminalFileSystem : FileSystem, IDevice
{
    /// <summary>DEVPTS_SUPER_MAGIC.</summary>
    private const long DevptsMagic = 0x1cd1;

    /// <summary>/proc/sys/kernel/pty/max.</summary>
    private const int MostTerminals = 4096;

    /// <summary>Group tty, as distributions number it.</summary>
    private const uint TerminalGroup = 5;

    // Guarded by the namespace lock.
    private readonly Dictionary<int, (Pseudoterminal Terminal, Dentry Entry)> _terminals = [];
    private readonly MemoryFileSystem _inodes;

    public TerminalFileSystem(VirtualFileSystem vfs)
        : base(vfs, "devpts"u8.ToArray(), DevptsMagic)
    {
        Options = ",gid=5,mode=620,ptmxmode=666"u8.ToArray();

        // Its inodes are those of memory; the instance is only their home.
        _inodes = new MemoryFileSystem(vfs, "devpts"u8, 0x1ED, magic: DevptsMagic);
        Root = _inodes.Root;
        var ptmx = new MemorySpecial(_inodes, FileModes.S_IFCHR | 0x1B6, 0, 0, DeviceNumbers.Make(5, 2));
        ptmx.SetTimes(vfs.Services.Clock.RealtimeNanoseconds);
        Root.Children!.Add(vfs.CreateDentry(Root, "ptmx"u8, ptmx));
        vfs.Devices.Register(5, 2, this);
    }

    /// <summary>What is mounted.</summary>
    public MemoryFileSystem Tree => _inodes;

    /// <summary>Where the tree is mounted.</summary>
    public Mount? Mount { get; set; }

    /// <summary>Opens a device: a new master for ptmx, or the slave of a number.</summary>
    public Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        if (DeviceNumbers.Major(path.Inode.RawDevice) == Pseudoterminal.SlaveMajor)
        {
            Pseudoterminal? terminal = Find((int)DeviceNumbers.Minor(path.Inode.RawDevice));
            file = null;
            return terminal is null ? Errno.EIO : OpenSlave(caller, terminal, path, flags, out file);
        }

        file = null;
        if (Create(caller) is not { } made)
            return Errno.ENOSPC;
        file = new MasterFile(this, made);
        file.Begin(path, flags);
        return Errno.Success;
    }

    /// <summary>Opens the slave of a terminal at its place in devpts.</summary>
    public Errno OpenSlave(ICaller caller, Pseudoterminal terminal, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        Dentry entry;
        using (_inodes.NamespaceLock.Enter())
        {
            if (!_terminals.TryGetValue(terminal.Number, out (Pseudoterminal Terminal, Dentry Entry) found) || found.Terminal != terminal || Mount is null)
                return Errno.EIO;
            entry = found.Entry;
        }

        return OpenSlave(caller, terminal, new VfsPath(Mount, entry), flags, out file);
    }

    /// <summary>The master is closed: the name goes.</summary>
    public void Remove(Pseudoterminal terminal)
    {
        using (_inodes.NamespaceLock.Enter())
        {
            if (!_terminals.Remove(terminal.Number, out (Pseudoterminal Terminal, Dentry Entry) found))
                return;
            found.Entry.IsRemoved = true;
            Root.Children!.Remove(found.Entry);
        }
    }

    private Errno OpenSlave(ICaller caller, Pseudoterminal terminal, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (terminal.IsLocked || terminal.IsMasterClosed)
            return Errno.EIO;
        if (terminal.IsExclusive && !caller.Credentials.Has(FileCapabilities.CAP_SYS_ADMIN))
            return Errno.EBUSY;
        terminal.AddSlave();
        file = new SlaveFile(terminal);
        file.Begin(path, flags);

        // The first terminal that a session leader opens becomes its controlling terminal, if it belongs to nobody (tty(4)).
        if ((flags & OpenFlags.O_NOCTTY) == 0 && Vfs.JobControl is { } jobs && terminal.Session == 0
            && jobs.SessionOf(caller) == caller.ProcessId && jobs.GetControllingTerminal(caller) is null)
        {
            jobs.SetControllingTerminal(caller, terminal, false);
        }

        return Errno.Success;
    }

    private Pseudoterminal? Find(int number)
    {
        using (_inodes.NamespaceLock.Enter())
            return _terminals.TryGetValue(number, out (Pseudoterminal Terminal, Dentry Entry) found) ? found.Terminal : null;
    }

    /// <returns>Null where there are <see cref="MostTerminals"/>.</returns>
    private Pseudoterminal? Create(ICaller caller)
    {
        using (_inodes.NamespaceLock.Enter())
        {
            if (_terminals.Count >= MostTerminals)
                return null;
            int number = 0;
            while (_terminals.ContainsKey(number))
                number++;
            ulong device = DeviceNumbers.Make(Pseudoterminal.SlaveMajor, (uint)number);
            var inode = new MemorySpecial(_inodes, FileModes.S_IFCHR | 0x190, caller.Credentials.UserId, TerminalGroup, device);
            inode.SetTimes(caller.RealtimeNow);
            Dentry entry = Vfs.CreateDentry(Root, new ByteWriter().Number(number).Written, inode);
            Root.Children!.Add(entry);
            var terminal = new Pseudoterminal(Vfs, number);
            _terminals.Add(number, (terminal, entry));
            Vfs.Devices.Register(Pseudoterminal.SlaveMajor, (uint)number, this);
            return terminal;
        }
    }
}
