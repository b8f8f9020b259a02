using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

/// <summary>madvise(2): which advice does what.</summary>
internal static class MemoryAdvice
{
    private const int Normal = 0;
    private const int Random = 1;
    private const int Sequential = 2;
    private const int WillNeed = 3;
    private const int DontNeed = 4;
    private const int Free = 8;
    private const int Remove = 9;
    private const int DontFork = 10;
    private const int DoFork = 11;
    private const int Mergeable = 12;
    private const int Unmergeable = 13;
    private const int HugePage = 14;
    private const int NoHugePage = 15;
    private const int DontDump = 16;
    private const int DoDump = 17;
    private const int WipeOnFork = 18;
    private const int KeepOnFork = 19;
    private const int Cold = 20;
    private const int PageOut = 21;
    private const int PopulateRead = 22;
    private const int PopulateWrite = 23;
    private const int DontNeedLocked = 24;

    public static Errno Follow(LinuxThread thread, AddressSpace space, ulong address, ulong length, int advice)
    {
        switch (advice)
        {
            case DontNeed:
            case DontNeedLocked:
                return length == 0 ? Errno.Success : space.ForEach(address, length, (s, region, at, count) =>
                    region.IsLocked && advice == DontNeed ? Errno.EINVAL : s.DiscardPages(region, at, count));
            case Free:
                return length == 0 ? Errno.Success : space.ForEach(address, length, static (s, region, at, count) =>
                    region.IsPaged || region.IsShared || region.IsLocked ? Errno.EINVAL : s.DiscardPages(region, at, count));
            case Remove:
                return PunchHole(thread, space, address, length);
            case HugePage:
            case NoHugePage:
                return space.ForEach(address, length, (s, region, at, count) =>
                {
                    if (!region.IsPaged)
                        s.Mmu.AdviseHugePages(at, count, advice == HugePage);
                    return Errno.Success;
                });
            case WillNeed:
                return WillBeNeeded(space, address, length);
            case PopulateRead:
            case PopulateWrite:
                return Populate(space, address, length, write: advice == PopulateWrite);
            case DontFork:
            case DoFork:
                return space.SetInheritance(address, length, isInherited: advice == DoFork, isWiped: null);
            case WipeOnFork:
            case KeepOnFork:
                return space.SetInheritance(address, length, isInherited: null, isWiped: advice == WipeOnFork);

            case DontDump:
            case DoDump:
                return space.SetDumped(address, length, isDumped: advice == DoDump);

            // Hints about access patterns: Linux may ignore them too.
            case Normal:
            case Random:
            case Sequential:
            case Mergeable:
            case Unmergeable:
            case Cold:
            case PageOut:
                return space.ForEach(address, length, static (_, _, _, _) => Errno.Success);
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>MADV_WILLNEED: what can't be brought in now comes later.</summary>
    private static Errno WillBeNeeded(AddressSpace space, ulong address, ulong length)
    {
        Errno error = space.ForEach(address, length, static (_, _, _, _) => Errno.Success);
        if (error == Errno.Success)
            space.PopulateFiles(address, length);
        return error;
    }

    private static Errno Populate(AddressSpace space, ulong address, ulong length, bool write)
    {
        // EINVAL for a missing right (madvise_populate of Linux), EFAULT for what would be a SIGBUS.
        return space.Populate(address, length, write) switch
        {
            Errno.EFAULT => Errno.EINVAL,
            Errno.EIO => Errno.EFAULT,
            var error => error,
        };
    }

    /// <summary>MADV_REMOVE: region by region, as a hole in the file; without the space's lock, since the file may have to be written.</summary>
    private static Errno PunchHole(LinuxThread thread, AddressSpace space, ulong address, ulong length)
    {
        ulong at = address;
        while (at < address + length)
        {
            MemoryObject? memory = null;
            FileBacking? file = null;
            long start = 0;
            ulong done = 0;
            Errno error = space.ForEach(at, address + length - at, (_, region, from, count) =>
            {
                if (done != 0)
                    return Errno.Success;
                if (region.Memory is null)
                    return Errno.EINVAL;
                if (!region.IsShared || (region.Protection & Protection.Write) == 0)
                    return Errno.EACCES;
                memory = region.Memory;
                memory.AddUser();
                file = region.File;
                file?.Hold();
                start = region.Offset + (long)(from - region.Start);
                done = from + count - at;
                return Errno.Success;
            });
            if (memory is not null)
            {
                if (error == Errno.Success && file is null)
                    memory.Discard(start, start + (long)done, keepsCopies: true);
                else if (error == Errno.Success)
                    error = file!.File.Allocate(thread, FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE, start, (long)done);
                file?.Release();
                memory.RemoveUser();
            }

            if (error != Errno.Success)
                return error;
            at += done;
        }

        return Errno.Success;
    }
}
