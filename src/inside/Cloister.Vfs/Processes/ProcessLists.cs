using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>Directories of procfs with one entry for each descriptor or thread.</summary>
internal abstract class ProcessList : Inode
{
    protected ProcessList(ProcessFileSystem fileSystem, IProcessInformation process, ulong number, Inode owner, uint permissions)
        : base(fileSystem, FileModes.S_IFDIR | permissions, owner.UserId, owner.GroupId, number)
    {
        Files = fileSystem;
        Process = process;
        LinkCount = 2;
    }

    protected ProcessFileSystem Files { get; }

    protected IProcessInformation Process { get; }

    /// <summary>Lowest number that is at least <paramref name="number"/>, or -1.</summary>
    protected abstract int Next(int number);

    /// <summary>The inode of a number that is there.</summary>
    protected abstract Inode? Create(int number);

    protected abstract uint EntryMode { get; }

    /// <summary>Whether anybody may look.</summary>
    protected abstract bool IsPublic { get; }

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        child = null;
        if (!IsPublic && !ProcessDirectory.MayInspect(caller, Process))
            return Errno.EACCES;
        int number = ProcessFileSystem.ParseId(name);
        if (number >= 0 && Create(number) is { } inode)
            child = new Dentry(directory, name.ToArray(), hash, inode);
        return Errno.Success;
    }

    public override Errno PrepareListing(ICaller caller, Dentry directory) =>
        IsPublic || ProcessDirectory.MayInspect(caller, Process) ? Errno.Success : Errno.EACCES;

    public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        entry = default;
        int number = Next((int)(position - 2));
        if (number < 0)
            return false;
        position = number + 3L;
        number.TryFormat(nameBuffer, out int length);
        entry = new ListedEntry(Number + 1 + (ulong)(uint)number, EntryMode, length);
        return true;
    }

    public override Errno SetAttributes(ICaller caller, in AttributeChange change) => Errno.EPERM;
}

/// <summary>/proc/PID/fd.</summary>
internal sealed class DescriptorList(ProcessFileSystem fileSystem, IProcessInformation process, ulong number, Inode owner)
    : ProcessList(fileSystem, process, number, owner, 0x140)
{
    protected override uint EntryMode => FileModes.S_IFLNK;

    protected override bool IsPublic => false;

    protected override int Next(int fd) => Process.Descriptors?.NextInUse(fd) ?? -1;

    protected override Inode? Create(int fd)
    {
        if (Process.Descriptors?.Take(fd) is not OpenFile file)
            return null;

        // The mode of the link shows how the file is open (proc(5)).
        uint permissions = (file.CanRead ? 0x140u : 0) | (file.CanWrite ? 0xC0u : 0);
        file.Release();
        return new DescriptorLink(Files, Process, Number + 1 + (ulong)(uint)fd, this, fd, permissions);
    }
}

/// <summary>/proc/PID/fdinfo.</summary>
internal sealed class DescriptorInformationList(ProcessFileSystem fileSystem, IProcessInformation process, ulong number, Inode owner)
    : ProcessList(fileSystem, process, number, owner, 0x140)
{
    protected override uint EntryMode => FileModes.S_IFREG;

    protected override bool IsPublic => false;

    protected override int Next(int fd) => Process.Descriptors?.NextInUse(fd) ?? -1;

    protected override Inode? Create(int fd)
    {
        if (Process.Descriptors?.Take(fd) is not { } file)
            return null;
        file.Release();
        return new GeneratedInode(Files, Number + 1 + (ulong)(uint)fd, 0x100, UserId, GroupId, (_, writer) => Describe(fd, writer)) { IsSplicable = false };
    }

    private Errno Describe(int fd, ByteWriter writer)
    {
        if (Process.Descriptors is not { } table || table.Take(fd) is not OpenFile file)
            return Errno.ENOENT;
        table.GetCloseOnExec(fd, out bool closeOnExec);
        OpenFlags flags = file.Flags | (closeOnExec ? OpenFlags.O_CLOEXEC : 0);
        writer.Write("pos:\t"u8).Number(file.Position);
        writer.Write("\nflags:\t0"u8).Octal((uint)flags);
        writer.Write("\nmnt_id:\t"u8).Number(file.Path.Mount.Id);
        writer.Write("\nino:\t"u8).Number(file.Inode.Number).Write('\n');
        file.DescribeDetails(writer);
        file.Release();
        return Errno.Success;
    }
}

/// <summary>/proc/PID/task.</summary>
internal sealed class TaskList(ProcessFileSystem fileSystem, IProcessInformation process, ulong number, Inode owner)
    : ProcessList(fileSystem, process, number, owner, 0x16D)
{
    protected override uint EntryMode => FileModes.S_IFDIR;

    protected override bool IsPublic => true;

    protected override int Next(int threadId)
    {
        int next = Process.NextThread(Math.Max(0, threadId - 1));
        return next == 0 ? -1 : next;
    }

    protected override Inode? Create(int threadId) =>
        threadId > 0 && Process.TryGetStatus(threadId, out _) ? new ProcessDirectory(Files, Process, threadId) : null;
}
