using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID/ns (namespaces(7)): there is one namespace of each kind, with the number that Linux gives the first one.</summary>
internal sealed class NamespaceDirectory : Inode
{
    private static readonly (byte[] Name, byte[] Kind, ulong Number)[] Namespaces =
    [
        ("cgroup"u8.ToArray(), "cgroup"u8.ToArray(), 0xEFFFFFFB),
        ("ipc"u8.ToArray(), "ipc"u8.ToArray(), 0xEFFFFFFF),
        ("mnt"u8.ToArray(), "mnt"u8.ToArray(), 0xEFFFFFF8),
        ("net"u8.ToArray(), "net"u8.ToArray(), 0xEFFFFFF9),
        ("pid"u8.ToArray(), "pid"u8.ToArray(), 0xEFFFFFFC),
        ("pid_for_children"u8.ToArray(), "pid"u8.ToArray(), 0xEFFFFFFC),
        ("time"u8.ToArray(), "time"u8.ToArray(), 0xEFFFFFFA),
        ("time_for_children"u8.ToArray(), "time"u8.ToArray(), 0xEFFFFFFA),
        ("user"u8.ToArray(), "user"u8.ToArray(), 0xEFFFFFFD),
        ("uts"u8.ToArray(), "uts"u8.ToArray(), 0xEFFFFFFE),
    ];

    private readonly IProcessInformation _process;

    public NamespaceDirectory(FileSystem fileSystem, IProcessInformation process, ulong number, Inode owner)
        : base(fileSystem, FileModes.S_IFDIR | 0x149, owner.UserId, owner.GroupId, number)
    {
        _process = process;
        LinkCount = 2;
    }

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        child = null;
        for (int i = 0; i < Namespaces.Length; i++)
        {
            (byte[] known, byte[] kind, ulong number) = Namespaces[i];
            if (name.SequenceEqual(known))
                child = new Dentry(directory, known, hash, new NamespaceLink(FileSystem, _process, Number + 1 + (ulong)i, kind, number));
        }

        return Errno.Success;
    }

    public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        entry = default;
        int index = (int)(position - 2);
        if (index >= Namespaces.Length)
            return false;
        byte[] name = Namespaces[index].Name;
        name.CopyTo(nameBuffer);
        entry = new ListedEntry(Number + 1 + (ulong)index, FileModes.S_IFLNK, name.Length);
        position++;
        return true;
    }

    /// <summary>A link whose text names a namespace, and which leads to the namespace's own file.</summary>
    private sealed class NamespaceLink(FileSystem fileSystem, IProcessInformation process, ulong number, byte[] kind, ulong id)
        : Inode(fileSystem, FileModes.S_IFLNK | FileModes.S_IRWXUGO, 0, 0, number)
    {
        public override bool TryJump(ICaller caller, out Errno error, out VfsPath target)
        {
            error = ProcessDirectory.MayInspect(caller, process) ? Errno.Success : Errno.EACCES;
            target = error == Errno.Success ? FileSystem.Vfs.CreateNamespacePlace(id, Text()) : default;
            return true;
        }

        public override Errno GetLinkTarget(ICaller caller, out byte[] target)
        {
            target = Text();
            return ProcessDirectory.MayInspect(caller, process) ? Errno.Success : Errno.EACCES;
        }

        private byte[] Text() => new ByteWriter().Write(kind).Write(":["u8).Number(id).Write(']').ToArray();
    }
}
