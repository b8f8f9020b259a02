using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

/// <summary>PROT_* of mmap(2).</summary>
[Flags]
internal enum ProtectionFlags : uint
{
    PROT_NONE = 0,
    PROT_READ = 1,
    PROT_WRITE = 2,
    PROT_EXEC = 4,
    PROT_SEM = 8,
    PROT_GROWSDOWN = 0x01000000,
    PROT_GROWSUP = 0x02000000,
}

/// <summary>MAP_* of mmap(2).</summary>
[Flags]
internal enum MapFlags : uint
{
    MAP_SHARED = 1,
    MAP_PRIVATE = 2,
    MAP_SHARED_VALIDATE = 3,
    MAP_FIXED = 0x10,
    MAP_ANONYMOUS = 0x20,
    MAP_32BIT = 0x40,
    MAP_ABOVE4G = 0x80,
    MAP_GROWSDOWN = 0x100,
    MAP_DENYWRITE = 0x800,
    MAP_EXECUTABLE = 0x1000,
    MAP_LOCKED = 0x2000,
    MAP_NORESERVE = 0x4000,
    MAP_POPULATE = 0x8000,
    MAP_NONBLOCK = 0x10000,
    MAP_STACK = 0x20000,
    MAP_HUGETLB = 0x40000,
    MAP_SYNC = 0x80000,
    MAP_FIXED_NOREPLACE = 0x100000,
    MAP_UNINITIALIZED = 0x4000000,
    MAP_HUGE_2MB = 21 << 26,
    MAP_HUGE_1GB = 30 << 26,
}

/// <summary>Memory mappings.</summary>
internal static class MemorySyscalls
{
    private const ulong PageMask = AddressSpace.PageSize - 1;
    private const ulong Low32BitEnd = 1UL << 31;

    /// <summary>LEGACY_MAP_MASK: what MAP_SHARED_VALIDATE accepts.</summary>
    private const MapFlags KnownFlags =
        MapFlags.MAP_SHARED_VALIDATE | MapFlags.MAP_FIXED | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_DENYWRITE | MapFlags.MAP_EXECUTABLE |
        MapFlags.MAP_UNINITIALIZED | MapFlags.MAP_GROWSDOWN | MapFlags.MAP_LOCKED | MapFlags.MAP_NORESERVE | MapFlags.MAP_POPULATE |
        MapFlags.MAP_NONBLOCK | MapFlags.MAP_STACK | MapFlags.MAP_HUGETLB | MapFlags.MAP_32BIT | MapFlags.MAP_ABOVE4G |
        MapFlags.MAP_HUGE_2MB | MapFlags.MAP_HUGE_1GB | MapFlags.MAP_FIXED_NOREPLACE;

    [Syscall(9, "mmap", SyscallSupport.Partial,
        Note = "No MAP_HUGETLB (ENOMEM, as without reserved huge pages), no MAP_SYNC.",
        Lacks = "MAP_HUGETLB MAP_SYNC")]
    public static SyscallResult Map(
        LinuxThread thread, UserAddress address, ulong length, ProtectionFlags protection, MapFlags flags, Fd fd, ulong offset)
    {
        if ((offset & PageMask) != 0)
            return Errno.EINVAL;
        if ((flags & MapFlags.MAP_ANONYMOUS) == 0)
        {
            // Before anything else, as on Linux.
            using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
            if (borrowed.File is null)
                return Errno.EBADF;
        }

        if (length == 0)
            return Errno.EINVAL;
        ulong size = (length + PageMask) & ~PageMask;
        if (size < length || size > 1UL << 47)
            return Errno.ENOMEM;
        MapFlags type = flags & MapFlags.MAP_SHARED_VALIDATE;
        if (type == 0)
            return Errno.EINVAL;
        bool isShared = type != MapFlags.MAP_PRIVATE;
        bool isAnonymous = (flags & MapFlags.MAP_ANONYMOUS) != 0;
        if (isAnonymous && (type == MapFlags.MAP_SHARED_VALIDATE || (isShared && (flags & MapFlags.MAP_GROWSDOWN) != 0)))
            return Errno.EINVAL;
        if (type == MapFlags.MAP_SHARED_VALIDATE && (flags & ~KnownFlags) != 0)
            return Errno.EOPNOTSUPP;
        if ((flags & MapFlags.MAP_HUGETLB) != 0)
            return Errno.ENOMEM;
        if (offset > (ulong)long.MaxValue - size)
            return Errno.EOVERFLOW;

        var rights = (Protection)(protection & (ProtectionFlags.PROT_READ | ProtectionFlags.PROT_WRITE | ProtectionFlags.PROT_EXEC));
        const Protection all = Protection.Read | Protection.Write | Protection.Execute;
        Protection most = all;
        bool isUnreserved = (flags & MapFlags.MAP_NORESERVE) != 0;
        bool isAccounted = !isShared && (rights & Protection.Write) != 0 && !isUnreserved;
        MemoryObject? memory = null;
        FileBacking? backing = null;
        var limits = MemoryLimits.Of(thread);
        bool isLocked = (flags & MapFlags.MAP_LOCKED) != 0;
        if (isLocked && !limits.MayLock)
            return Errno.EPERM;
        if (thread.Memory.Space.ExceedsLocked(size, isLocked, limits))
            return Errno.EAGAIN;
        if (!isAnonymous)
        {
            Errno error = OpenMapping(thread, fd, rights, isShared, ref most, size, ref offset, out memory, out backing);
            if (error != Errno.Success)
                return error;
        }

        bool isOwn = isShared && memory is null;
        if (isOwn)
        {
            IKernelMemory account = thread.KernelMemory;
            if (!account.TryTake(MemoryObject.Weight))
                return Errno.ENOMEM;

            // As long as it is made: a mapping that grows later reaches behind its end (SIGBUS), as on Linux.
            memory = new MemoryObject(thread.Kernel.Memory) { MostPages = (long)(size / AddressSpace.PageSize), Account = account };
            offset = 0;
        }

        var attributes = new MappingAttributes(rights, most, isShared, isAccounted)
        {
            Memory = memory,
            Offset = memory is null ? 0 : (long)offset,
            File = backing,
            IsUnreserved = isUnreserved,
            IsLocked = isLocked,
            GrowsDown = isAnonymous && (flags & MapFlags.MAP_GROWSDOWN) != 0,
        };
        SyscallResult result = Place(thread, address, size, flags, attributes, limits);
        backing?.Release();
        if (isOwn)
            memory!.RemoveUser();
        return result;
    }

    [Syscall(11, "munmap")]
    public static SyscallResult Unmap(LinuxThread thread, UserAddress address, ulong length)
    {
        if (!TryRound(address, length, out ulong size) || size == 0)
            return Errno.EINVAL;
        return thread.Memory.Space.Unmap(address.Value, size);
    }

    [Syscall(10, "mprotect", Note = "PROT_GROWSUP gives EINVAL, as on all processors whose stacks grow downwards.")]
    public static SyscallResult Protect(LinuxThread thread, UserAddress address, ulong length, ProtectionFlags protection)
    {
        const ProtectionFlags known = ProtectionFlags.PROT_READ | ProtectionFlags.PROT_WRITE | ProtectionFlags.PROT_EXEC | ProtectionFlags.PROT_SEM;
        const ProtectionFlags growth = ProtectionFlags.PROT_GROWSDOWN | ProtectionFlags.PROT_GROWSUP;
        bool isDownwards = (protection & growth) == ProtectionFlags.PROT_GROWSDOWN;
        if ((address.Value & PageMask) != 0 || (protection & ~(known | growth)) != 0 || ((protection & growth) != 0 && !isDownwards))
            return Errno.EINVAL;
        if (length == 0)
            return 0;
        ulong size = (length + PageMask) & ~PageMask;
        ulong end = address.Value + size;
        if (size < length || end < address.Value)
            return Errno.ENOMEM;
        AddressSpace space = thread.Memory.Space;
        ulong start = address.Value;
        Errno error = isDownwards ? space.FindStack(address.Value, end, out start) : Errno.Success;
        if (error != Errno.Success)
            return error;
        return space.Protect(start, end - start, (Protection)(protection & (ProtectionFlags)7), MemoryLimits.Of(thread));
    }

    [Syscall(329, "pkey_mprotect", SyscallSupport.Partial, Note = "Without protection keys: only key -1.")]
    public static SyscallResult ProtectWithKey(LinuxThread thread, UserAddress address, ulong length, ProtectionFlags protection, int key) =>
        key == -1 ? Protect(thread, address, length, protection) : Errno.EINVAL;

    [Syscall(12, "brk")]
    public static SyscallResult Break(LinuxThread thread, UserAddress address) =>
        thread.Memory.Space.SetBreak(address.Value, MemoryLimits.Of(thread));

    [Syscall(25, "mremap")]
    public static SyscallResult Remap(LinuxThread thread, UserAddress old, ulong oldLength, ulong newLength, uint flags, UserAddress target)
    {
        const uint mayMove = 1;
        const uint isFixed = 2;
        const uint doNotUnmap = 4;
        if ((flags & ~(mayMove | isFixed | doNotUnmap)) != 0 || (old.Value & PageMask) != 0 ||
            ((flags & (isFixed | doNotUnmap)) != 0 && (flags & mayMove) == 0))
            return Errno.EINVAL;
        ulong oldSize = (oldLength + PageMask) & ~PageMask;
        ulong newSize = (newLength + PageMask) & ~PageMask;
        if (newSize == 0 || newSize < newLength || oldSize < oldLength || newSize > 1UL << 47 ||
            ((flags & doNotUnmap) != 0 && oldSize != newSize))
            return Errno.EINVAL;
        ulong? fixedAddress = null;
        if ((flags & isFixed) != 0)
        {
            ulong to = target.Value;
            if ((to & PageMask) != 0 || to + newSize > 1UL << 47 || (to < old.Value + oldSize && old.Value < to + newSize))
                return Errno.EINVAL;
            fixedAddress = to;
        }

        AddressSpace space = thread.Memory.Space;
        Errno error = space.Remap(
            old.Value, oldSize, newSize, fixedAddress, (flags & mayMove) != 0, (flags & doNotUnmap) != 0, MemoryLimits.Of(thread), out ulong address);
        if (error == Errno.Success && newSize > oldSize && space.IsLocked(address))
            space.Populate(address + oldSize, newSize - oldSize, write: false);
        return SyscallResult.From(error, (long)address);
    }

    [Syscall(26, "msync")]
    public static SyscallResult Synchronize(LinuxThread thread, UserAddress address, ulong length, uint flags)
    {
        const uint asynchronous = 1;
        const uint invalidate = 2;
        const uint synchronous = 4;
        if ((flags & ~(asynchronous | invalidate | synchronous)) != 0 ||
            (flags & (asynchronous | synchronous)) == (asynchronous | synchronous) || (address.Value & PageMask) != 0)
            return Errno.EINVAL;
        ulong size = (length + PageMask) & ~PageMask;
        if (size < length || address.Value + size < address.Value)
            return Errno.ENOMEM;
        AddressSpace space = thread.Memory.Space;
        Errno result = Errno.Success;
        ulong end = address.Value + size;
        for (ulong at = address.Value; at < end;)
        {
            // Held while it is written: the mapping may go meanwhile.
            Errno error = space.NextToSynchronize(ref at, end, (flags & invalidate) != 0, out FileBacking? file);
            if (error == Errno.ENOMEM)
                result = error;
            else if (error != Errno.Success)
                return error;
            if (file is null)
                continue;
            error = (flags & synchronous) != 0 ? file.File.Synchronize(thread, dataOnly: true) : Errno.Success;
            file.Release();
            if (error != Errno.Success)
                return error;
        }

        return result;
    }

    [Syscall(28, "madvise", SyscallSupport.Partial, Note = "Advice that changes contents or memory use is followed, the rest has no effect.")]
    public static SyscallResult Advise(LinuxThread thread, UserAddress address, ulong length, int advice)
    {
        if ((address.Value & PageMask) != 0)
            return Errno.EINVAL;
        ulong size = (length + PageMask) & ~PageMask;
        if (size < length || address.Value + size < address.Value)
            return Errno.EINVAL;
        return MemoryAdvice.Follow(thread, thread.Memory.Space, address.Value, size, advice);
    }

    [Syscall(27, "mincore")]
    public static SyscallResult InCore(LinuxThread thread, UserAddress address, ulong length, UserAddress vector)
    {
        if ((address.Value & PageMask) != 0)
            return Errno.EINVAL;
        ulong size = (length + PageMask) & ~PageMask;
        if (size < length || address.Value + size < address.Value)
            return Errno.ENOMEM;
        Span<byte> bytes = stackalloc byte[512];
        for (ulong done = 0; done < size;)
        {
            ulong part = Math.Min(size - done, (ulong)bytes.Length * AddressSpace.PageSize);
            int pages = (int)(part / AddressSpace.PageSize);
            Errno error = thread.Memory.Space.GetResidence(address.Value + done, part, bytes[..pages]);
            if (error == Errno.Success)
                error = thread.Memory.CopyOut(vector.Offset(done / AddressSpace.PageSize), bytes[..pages]);
            if (error != Errno.Success)
                return error;
            done += part;
        }

        return 0;
    }

    [Syscall(149, "mlock")]
    public static SyscallResult Lock(LinuxThread thread, UserAddress address, ulong length) =>
        SetLocked(thread, address, length, true, populate: true);

    [Syscall(325, "mlock2")]
    public static SyscallResult Lock2(LinuxThread thread, UserAddress address, ulong length, uint flags) =>
        (flags & ~1u) != 0 ? Errno.EINVAL : SetLocked(thread, address, length, true, populate: flags == 0);

    [Syscall(150, "munlock")]
    public static SyscallResult Unlock(LinuxThread thread, UserAddress address, ulong length) =>
        SetLocked(thread, address, length, false, populate: false);

    [Syscall(151, "mlockall", Note = "Enclave memory is never paged out by us.")]
    public static SyscallResult LockAll(LinuxThread thread, uint flags)
    {
        const uint current = 1;
        const uint future = 2;
        const uint onFault = 4;
        if ((flags & (current | future)) == 0 || (flags & ~(current | future | onFault)) != 0)
            return Errno.EINVAL;
        var limits = MemoryLimits.Of(thread);
        if (!limits.MayLock)
            return Errno.EPERM;
        AddressSpace space = thread.Memory.Space;
        Errno error = space.SetAllLocked((flags & current) != 0 ? true : null, (flags & future) != 0, (flags & onFault) == 0, limits);
        if (error == Errno.Success && (flags & current) != 0 && (flags & onFault) == 0)
            space.PopulateAll();
        return error;
    }

    [Syscall(152, "munlockall")]
    public static SyscallResult UnlockAll(LinuxThread thread) =>
        thread.Memory.Space.SetAllLocked(false, future: false, populates: false, MemoryLimits.None);

    private static Errno OpenMapping(
        LinuxThread thread, Fd fd, Protection rights, bool isShared, ref Protection most, ulong size, ref ulong offset,
        out MemoryObject? memory, out FileBacking? backing)
    {
        memory = null;
        backing = null;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        const uint accessMode = 3;
        const uint writeOnly = 1;

        // Before it is looked at whether such a file can be mapped at all.
        if (((uint)file.Flags & accessMode) == writeOnly)
            return Errno.EACCES;
        if (file is IRingFile { Ring: Rings.Ring ring })
            return OpenRing(thread, file, ring, size, ref offset, out memory, out backing);
        MappingAccess access = (MappingAccess)rights | (isShared ? MappingAccess.Shared : MappingAccess.None);
        Errno error = file.GetMapping(thread, access, out FileMapping mapping);
        if (error != Errno.Success)
            return error;
        if (isShared && (((uint)file.Flags & accessMode) == 0 || mapping.NeverWrites))
            most &= ~Protection.Write;
        if (mapping.NeverExecutes)
            most &= ~Protection.Execute;
        if (mapping.Memory is MemoryObject pages)
        {
            memory = pages;
            return FileBacking.Create(file, mapping, isShared && (most & Protection.Write) != 0, out backing);
        }

        return Errno.Success;
    }

    /// <summary>An instance of io_uring(7) has several areas, which the offset tells apart.</summary>
    private static Errno OpenRing(
        LinuxThread thread, IOpenFile file, Rings.Ring ring, ulong size, ref ulong offset, out MemoryObject? memory, out FileBacking? backing)
    {
        backing = null;
        Errno error = ring.GetMapping(offset, size, out memory);
        if (error != Errno.Success)
            return error;
        offset = 0;
        error = file.GetStatus(thread, out FileStatus status);
        if (error != Errno.Success)
            return error;
        return FileBacking.Create(file, new FileMapping(memory, status.Device, status.Inode, false), mayWrite: false, out backing);
    }

    private static SyscallResult Place(
        LinuxThread thread, UserAddress address, ulong size, MapFlags flags, in MappingAttributes attributes, in MemoryLimits limits)
    {
        AddressSpace space = thread.Memory.Space;
        ulong at = address.Value;
        Errno error;
        if ((flags & (MapFlags.MAP_FIXED | MapFlags.MAP_FIXED_NOREPLACE)) != 0)
        {
            if ((at & PageMask) != 0)
                return Errno.EINVAL;
            if (at + size < at || at < space.Mmu.Lowest)
                return at < space.Mmu.Lowest ? Errno.EPERM : Errno.ENOMEM;
            error = space.MapFixed(at, size, attributes, replace: (flags & MapFlags.MAP_FIXED_NOREPLACE) == 0, limits);
        }
        else
        {
            error = space.Map(at, size, attributes, (flags & MapFlags.MAP_32BIT) != 0 ? Low32BitEnd : 0, limits, out at);
        }

        if (error != Errno.Success)
            return error;
        bool isPopulated = (flags & MapFlags.MAP_POPULATE) != 0 && (flags & MapFlags.MAP_NONBLOCK) == 0;
        if (isPopulated || attributes.IsLocked || space.PopulatesFuture)
            space.Populate(at, size, write: false);
        return at;
    }

    private static SyscallResult SetLocked(LinuxThread thread, UserAddress address, ulong length, bool locked, bool populate)
    {
        ulong start = address.Value & ~PageMask;
        ulong size = (length + (address.Value - start) + PageMask) & ~PageMask;
        if (start + size < start)
            return Errno.EINVAL;
        if (size == 0)
            return 0;
        var limits = MemoryLimits.Of(thread);
        if (locked && !limits.MayLock)
            return Errno.EPERM;
        AddressSpace space = thread.Memory.Space;
        Errno error = space.SetLocked(start, size, locked, limits);
        if (error != Errno.Success || !populate)
            return error;
        // What can't be brought in for want of a right is ENOMEM, for want of memory EAGAIN (__mlock_posix_error_return of Linux).
        error = space.Populate(start, size, write: false);
        return error switch
        {
            Errno.EFAULT => Errno.ENOMEM,
            Errno.ENOMEM or Errno.ENOBUFS => Errno.EAGAIN,
            _ => error,
        };
    }

    private static bool TryRound(UserAddress address, ulong length, out ulong size)
    {
        size = (length + PageMask) & ~PageMask;
        return (address.Value & PageMask) == 0 && size >= length && address.Value + size >= address.Value && address.Value + size <= 1UL << 47;
    }
}
