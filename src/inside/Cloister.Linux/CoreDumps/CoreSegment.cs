using System;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Nucleus;

namespace Cloister.Linux.CoreDumps;

/// <summary>How much of a range a core file has.</summary>
internal enum CoreShare
{
    None,

    /// <summary>The first page, if an ELF header is there: debuggers find out by it which build of a library it is.</summary>
    Header,

    /// <summary>All or nothing: shared memory where the file has no name, else a file.</summary>
    ByName,

    All,
}

/// <summary>A range of memory in a core file.</summary>
internal sealed class CoreSegment(Region region, byte[] name)
{
    public ulong Start { get; } = region.Start;

    public ulong End { get; } = region.End;

    public ulong Length => End - Start;

    public Protection Protection { get; } = region.Protection;

    public bool IsShared { get; } = region.IsShared;

    /// <summary>What it shows; null for private anonymous memory.</summary>
    public MemoryObject? Memory { get; } = region.Memory;

    public FileBacking? File { get; } = region.File;

    /// <summary>Offset in the file, in bytes.</summary>
    public long Offset { get; } = region.Offset;

    /// <summary>Path of the file.</summary>
    public byte[] Name { get; } = name;

    public CoreShare Share { get; set; }

    /// <summary>Bytes that the core file has of it: <see cref="Decide"/> sets them.</summary>
    public ulong FileLength { get; private set; }

    /// <summary>Whether what its object doesn't hold is zero: not so for files, whose pages come when they are read.</summary>
    public bool IsSparse { get; private set; }

    /// <summary>Whether all of it is to be read: private copies of files.</summary>
    public bool IsWhole => Memory is not null;

    /// <summary>The platform's code that all programs see.</summary>
    public static CoreSegment Of(IVdso vdso)
    {
        var region = new Region
        {
            Start = vdso.Address,
            End = vdso.Address + vdso.Length,
            Protection = Protection.Read | Protection.Execute,
            Kind = RegionKind.Vdso,
        };
        return new CoreSegment(region, []) { Share = CoreShare.All, Vdso = vdso };
    }

    /// <summary>The platform has it; null for a program's own memory.</summary>
    public IVdso? Vdso { get; private init; }

    /// <summary>Finds out what could not be told with the space's lock.</summary>
    public void Decide(LinuxThread thread, AddressSpace space, CoreContents wanted)
    {
        switch (Share)
        {
            case CoreShare.ByName:
                bool isFile = File!.File.GetStatus(thread, out FileStatus status) == Errno.Success && status.LinkCount > 0;
                IsSparse = !isFile;
                FileLength = (wanted & (isFile ? CoreContents.SharedFiles : CoreContents.SharedAnonymous)) != 0 ? Length : 0;
                break;
            case CoreShare.Header:
                Span<byte> head = stackalloc byte[4];
                bool isElf = space.ReadForcibly(Start, head) == head.Length && head.SequenceEqual("\u007fELF"u8);
                FileLength = isElf ? (ulong)FrameExtent.FrameSize : 0;
                break;
            default:
                IsSparse = IsShared;
                FileLength = Share == CoreShare.All ? Length : 0;
                break;
        }
    }

    public void Release()
    {
        File?.Release();
        Memory?.RemoveUser();
    }
}
