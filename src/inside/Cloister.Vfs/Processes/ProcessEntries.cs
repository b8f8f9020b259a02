using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>A file of /proc/PID.</summary>
internal sealed class ProcessEntry(string name, uint mode, bool isPerThread, ProcessEntryFactory create, bool isOfThreadsOnly = false)
{
    public byte[] Name { get; } = System.Text.Encoding.ASCII.GetBytes(name);

    /// <summary>Type and permissions.</summary>
    public uint Mode { get; } = mode;

    /// <summary>Whether /proc/PID/task/TID has it too.</summary>
    public bool IsPerThread { get; } = isPerThread;

    /// <summary>Whether only /proc/PID/task/TID has it.</summary>
    public bool IsOfThreadsOnly { get; } = isOfThreadsOnly;

    /// <summary>Whether the directory of a process, or of a thread, has it.</summary>
    public bool IsIn(bool threadDirectory) => threadDirectory ? IsPerThread : !IsOfThreadsOnly;

    public ProcessEntryFactory Create { get; } = create;
}

/// <summary>Makes the inode of a file of /proc/PID.</summary>
internal delegate Inode ProcessEntryFactory(ProcessFileSystem fileSystem, IProcessInformation process, int threadId, ulong number, Inode owner);

/// <summary>Writes a file of /proc/PID.</summary>
internal delegate Errno ProcessContent(ProcessFileSystem fileSystem, IProcessInformation process, int threadId, ByteWriter writer);

/// <summary>The files of /proc/PID, in the order in which they are listed.</summary>
internal static class ProcessEntries
{
    private const uint Everybody = 0x124;
    private const uint Owner = 0x100;

    /// <summary>When it is looked whether somebody may see a file (ptrace(2), access mode checking).</summary>
    private enum Secrecy
    {
        None,
        ToOpen,
        ToRead,
    }

    private static readonly ProcessEntry[] Entries =
    [
        new("attr", FileModes.S_IFDIR | 0x16D, true, (fs, process, thread, number, owner) => new GeneratedDirectory(fs, number)),
        Generated("auxv", Owner, false, Secrecy.ToOpen, (fs, process, thread, writer) => Write(writer, process.WriteAuxiliaryVector)),
        Generated("cgroup", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "0::/\n"u8)),
        new("children", FileModes.S_IFREG | Everybody, true, CreateChildren, isOfThreadsOnly: true),
        Generated("cmdline", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Write(writer, process.WriteCommandLine)),
        new("comm", FileModes.S_IFREG | 0x1A4, true, CreateName),
        new("coredump_filter", FileModes.S_IFREG | 0x1A4, true, CreateCoreFilter),
        Generated("cpuset", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "/\n"u8)),
        Link("cwd", ProcessLinkKind.WorkingDirectory),
        Generated("environ", Owner, true, Secrecy.ToOpen, (fs, process, thread, writer) => Write(writer, process.WriteEnvironment)),
        Link("exe", ProcessLinkKind.Executable),
        new("fd", FileModes.S_IFDIR | 0x140, true, (fs, process, thread, number, owner) => new DescriptorList(fs, process, SpaceFor(number, 0), owner)),
        new("fdinfo", FileModes.S_IFDIR | 0x140, true, (fs, process, thread, number, owner) => new DescriptorInformationList(fs, process, SpaceFor(number, 1), owner)),
        Generated("io", Owner, true, Secrecy.ToRead, (fs, process, thread, writer) => Text(writer, "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n"u8)),
        Generated("limits", Everybody, true, Secrecy.None, (fs, process, thread, writer) => ProcessText.WriteLimits(process, writer)),
        Generated("loginuid", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "4294967295"u8)),
        Generated("maps", Everybody, true, Secrecy.ToOpen, (fs, process, thread, writer) => ProcessMaps.Write(process, writer)),
        new("mem", FileModes.S_IFREG | 0x180, true, (fs, process, thread, number, owner) => new ProcessMemoryInode(fs, process, number, owner)),
        Generated("mountinfo", Everybody, true, Secrecy.None, (fs, process, thread, writer) => MountText.WriteInformation(fs.Vfs, process, writer), tellsMounts: true),
        Generated("mounts", Everybody, true, Secrecy.None, (fs, process, thread, writer) => MountText.WriteMounts(fs.Vfs, process, writer), tellsMounts: true),
        new("net", FileModes.S_IFDIR | 0x16D, true, (fs, process, thread, number, owner) => new NetworkDirectory(fs, number)),
        new("ns", FileModes.S_IFDIR | 0x149, true, (fs, process, thread, number, owner) =>
            new NamespaceDirectory(fs, process, SpaceFor(number, 3), owner)),
        Generated("oom_score", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "0\n"u8)),
        new("oom_score_adj", FileModes.S_IFREG | 0x1A4, true, CreateAdjustment),
        Generated("personality", Owner, true, Secrecy.ToRead, (fs, process, thread, writer) => Text(writer, "00000000\n"u8)),
        Link("root", ProcessLinkKind.Root),
        Generated("schedstat", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "0 0 0\n"u8)),
        Generated("sessionid", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "4294967295"u8)),
        Generated("setgroups", 0x1A4, false, Secrecy.None, (fs, process, thread, writer) => Text(writer, "allow\n"u8)),
        Generated("gid_map", 0x1A4, false, Secrecy.None, (fs, process, thread, writer) => Text(writer, "         0          0 4294967295\n"u8)),
        Generated("projid_map", 0x1A4, false, Secrecy.None, (fs, process, thread, writer) => Text(writer, "         0          0 4294967295\n"u8)),
        Generated("uid_map", 0x1A4, false, Secrecy.None, (fs, process, thread, writer) => Text(writer, "         0          0 4294967295\n"u8)),
        Generated("smaps", Everybody, true, Secrecy.ToOpen, (fs, process, thread, writer) => ProcessMaps.WriteDetails(process, writer)),
        Generated("smaps_rollup", Everybody, true, Secrecy.ToOpen, (fs, process, thread, writer) => ProcessMaps.WriteRollup(process, writer)),
        Generated("stat", Everybody, true, Secrecy.None, (fs, process, thread, writer) => ProcessText.WriteStat(process, thread, writer)),
        Generated("statm", Everybody, true, Secrecy.None, (fs, process, thread, writer) => ProcessText.WriteMemory(process, writer)),
        Generated("status", Everybody, true, Secrecy.None, (fs, process, thread, writer) => ProcessText.WriteStatus(process, thread, writer)),
        new("timerslack_ns", FileModes.S_IFREG | 0x1B6, false, CreateTimerSlack),
        new("task", FileModes.S_IFDIR | 0x16D, false, (fs, process, thread, number, owner) => new TaskList(fs, process, SpaceFor(number, 2), owner)),
        Generated("wchan", Everybody, true, Secrecy.None, (fs, process, thread, writer) => Text(writer, "0"u8)),
    ];

    public static ReadOnlySpan<ProcessEntry> All => Entries;

    private static ProcessEntry Link(string name, ProcessLinkKind kind) =>
        new(name, FileModes.S_IFLNK | FileModes.S_IRWXUGO, true, (fs, process, thread, number, owner) => new ProcessLink(fs, process, number, owner, kind));

    private static ProcessEntry Generated(
        string name, uint permissions, bool isPerThread, Secrecy secrecy, ProcessContent content, bool tellsMounts = false) =>
        new(name, FileModes.S_IFREG | permissions, isPerThread, (fs, process, thread, number, owner) =>
            new GeneratedInode(fs, number, permissions, owner.UserId, owner.GroupId, (caller, writer) =>
            {
                if (secrecy == Secrecy.ToRead && !ProcessDirectory.MayInspect(caller, process))
                    return Errno.EACCES;
                return process.TryGetStatus(thread, out _) ? content(fs, process, thread, writer) : Errno.ESRCH;
            })
            {
                Notice = tellsMounts ? fs.Vfs.Mounts.Notice : null,
                IsSplicable = tellsMounts,
                MayOpen = secrecy == Secrecy.ToOpen ? caller => ProcessDirectory.MayInspect(caller, process) : null,
            });

    /// <summary>A file that can be written too.</summary>
    private static GeneratedInode Changeable(
        ProcessFileSystem fs, ulong number, uint permissions, Inode owner, ContentGenerator read, ContentReceiver write) =>
        new(fs, number, permissions, owner.UserId, owner.GroupId, read, write) { IsSplicable = false };

    private static Inode CreateName(ProcessFileSystem fs, IProcessInformation process, int thread, ulong number, Inode owner) =>
        Changeable(
            fs,
            number,
            0x1A4,
            owner,
            (caller, writer) =>
            {
                process.WriteName(thread, writer);
                writer.Write('\n');
                return Errno.Success;
            },
            (caller, text) => process.SetName(caller, thread, text.TrimEnd((byte)'\n')));

    // Children are of the process here, whichever thread made them: the first thread shows them.
    private static Inode CreateChildren(ProcessFileSystem fs, IProcessInformation process, int thread, ulong number, Inode owner) =>
        new GeneratedInode(fs, number, Everybody, owner.UserId, owner.GroupId, (caller, writer) =>
        {
            int id = thread == process.ProcessId ? fs.Processes.NextProcess(0) : 0;
            for (; id != 0; id = fs.Processes.NextProcess(id))
            {
                bool isChild = fs.Processes.TryGetProcess(id, out IProcessInformation? other) && other!.TryGetStatus(0, out ProcessStatus status)
                    && status.ParentId == process.ProcessId;
                if (isChild)
                    writer.Number(id).Write(' ');
            }

            return Errno.Success;
        })
        {
            IsSplicable = false,
        };

    private static Inode CreateAdjustment(ProcessFileSystem fs, IProcessInformation process, int thread, ulong number, Inode owner) =>
        Changeable(
            fs,
            number,
            0x1A4,
            owner,
            (caller, writer) =>
            {
                writer.Number(process.OutOfMemoryAdjustment).Write('\n');
                return Errno.Success;
            },
            (caller, text) => SetAdjustment(caller, process, text));

    private static Inode CreateTimerSlack(ProcessFileSystem fs, IProcessInformation process, int thread, ulong number, Inode owner) =>
        Changeable(
            fs,
            number,
            0x1B6,
            owner,
            (caller, writer) =>
            {
                Errno error = process.GetTimerSlack(caller, out long slack);
                if (error == Errno.Success)
                    writer.Number(slack).Write('\n');
                return error;
            },
            (caller, text) =>
            {
                int slack = ProcessFileSystem.ParseId(text.Trim(" \n"u8));
                return slack >= 0 ? process.SetTimerSlack(caller, slack) : Errno.EINVAL;
            });

    private static Inode CreateCoreFilter(ProcessFileSystem fs, IProcessInformation process, int thread, ulong number, Inode owner) =>
        Changeable(
            fs,
            number,
            0x1A4,
            owner,
            (caller, writer) =>
            {
                writer.Hexadecimal((ulong)process.CoreContents, 8).Write('\n');
                return Errno.Success;
            },
            (caller, text) =>
            {
                if (!TryParseNumber(text.Trim(" \n\0"u8), out uint value))
                    return Errno.EINVAL;
                process.CoreContents = (int)value;
                return Errno.Success;
            });

    /// <summary>A number as C writes it: decimal, octal or hexadecimal (kstrtouint_from_user of Linux).</summary>
    private static bool TryParseNumber(ReadOnlySpan<byte> text, out uint value)
    {
        uint radix = 10;
        value = 0;
        if (text.StartsWith("0x"u8) || text.StartsWith("0X"u8))
        {
            radix = 16;
            text = text[2..];
        }
        else if (text.Length > 1 && text[0] == '0')
        {
            radix = 8;
            text = text[1..];
        }

        ulong sum = 0;
        foreach (byte digit in text)
        {
            uint part = (uint)(digit >= 'a' ? digit - 'a' + 10 : digit >= 'A' ? digit - 'A' + 10 : digit - '0');
            sum = sum * radix + part;
            if (part >= radix || sum > uint.MaxValue)
                return false;
        }

        value = (uint)sum;
        return !text.IsEmpty;
    }

    private static Errno SetAdjustment(ICaller caller, IProcessInformation process, ReadOnlySpan<byte> text)
    {
        // A string, which may end before what was written does.
        int end = text.IndexOf((byte)0);
        text = (end < 0 ? text : text[..end]).Trim(" \n"u8);
        bool isNegative = text.StartsWith("-"u8);
        int value = ProcessFileSystem.ParseId(isNegative ? text[1..] : text);
        if (value is < 0 or > 1000)
            return Errno.EINVAL;
        value = isNegative ? -value : value;
        if (value < process.OutOfMemoryAdjustment && !caller.Credentials.Has(FileCapabilities.CAP_SYS_RESOURCE))
            return Errno.EACCES;
        process.OutOfMemoryAdjustment = value;
        return Errno.Success;
    }

    private static Errno Write(ByteWriter writer, Action<IByteSink> write)
    {
        write(writer);
        return Errno.Success;
    }

    private static Errno Text(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        writer.Write(text);
        return Errno.Success;
    }

    // Directories with numbered entries have inode numbers of their own, far from those of the fixed files.
    private static ulong SpaceFor(ulong number, int list) => (number << 20) | (1UL << 62) | ((ulong)list << 60);
}
