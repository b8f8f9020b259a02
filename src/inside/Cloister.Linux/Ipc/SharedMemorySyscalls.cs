using System;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus;

namespace Cloister.Linux.Ipc;

/// <summary>System V shared memory (shmget(2), shmop(2), shmctl(2)).</summary>
internal static class SharedMemorySyscalls
{
    private const ulong PageMask = AddressSpace.PageSize - 1;

    [Syscall(29, "shmget", SyscallSupport.Partial,
        Note = "SHM_HUGETLB gives ENOMEM: there are no huge pages.",
        Lacks = "SHM_HUGETLB")]
    public static SyscallResult Get(LinuxThread thread, int key, ulong size, IpcFlags flags)
    {
        IpcTable<SharedMemorySegment> table = thread.Kernel.Ipc.Segments;
        return table.Get(thread, key, flags, size, (out SharedMemorySegment? made) => Make(thread, table, key, size, flags, out made));
    }

    [Syscall(30, "shmat")]
    public static SyscallResult Attach(LinuxThread thread, int id, UserAddress address, AttachFlags flags)
    {
        ulong at = address.Value;
        if (id < 0)
            return Errno.EINVAL;
        if (at == 0)
        {
            if ((flags & AttachFlags.SHM_REMAP) != 0)
                return Errno.EINVAL;
        }
        else if ((at & PageMask) != 0)
        {
            at &= ~PageMask;
            if ((flags & AttachFlags.SHM_RND) == 0 || (at == 0 && (flags & AttachFlags.SHM_REMAP) != 0))
                return Errno.EINVAL;
        }

        bool isReadOnly = (flags & AttachFlags.SHM_RDONLY) != 0;
        bool isExecutable = (flags & AttachFlags.SHM_EXEC) != 0;
        uint wanted = IpcObject.ReadAll | (isReadOnly ? 0 : IpcObject.WriteAll) | (isExecutable ? IpcObject.ExecuteAll : 0);
        IpcTable<SharedMemorySegment> table = thread.Kernel.Ipc.Segments;
        SharedMemorySegment? segment;
        Errno error;
        using (table.Lock.Enter())
        {
            error = table.Find(thread, id, wanted, out segment);
            if (error != Errno.Success)
                return error;
            segment!.BeginAttach();
        }

        const Protection all = Protection.Read | Protection.Write | Protection.Execute;
        Protection rights = Protection.Read | (isReadOnly ? 0 : Protection.Write) | (isExecutable ? Protection.Execute : 0);
        error = Map(thread, segment, ref at, rights, isReadOnly ? all & ~Protection.Write : all, (flags & AttachFlags.SHM_REMAP) != 0);
        if (error == Errno.Success)
        {
            using (table.Lock.Enter())
            {
                segment.AttachTime = IpcObject.Now(thread);
                segment.LastUser = thread.ProcessId;
            }
        }

        segment.EndAttach();
        return SyscallResult.From(error, (long)at);
    }

    [Syscall(67, "shmdt")]
    public static SyscallResult Detach(LinuxThread thread, UserAddress address)
    {
        if ((address.Value & PageMask) != 0)
            return Errno.EINVAL;
        Errno error = thread.Memory.Space.Detach(address.Value, out IMappingObserver? observer);
        if (observer is SharedMemorySegment segment)
        {
            using (thread.Kernel.Ipc.Segments.Lock.Enter())
                segment.LastUser = thread.ProcessId;
        }

        return error;
    }

    private static Errno Make(
        LinuxThread thread, IpcTable<SharedMemorySegment> table, int key, ulong size, IpcFlags flags, out SharedMemorySegment? made)
    {
        made = null;
        if (size is 0 or > IpcLimits.MostSharedBytes)
            return Errno.EINVAL;

        // Its pages come when they are touched; what could never be had is refused at once.
        if ((flags & IpcFlags.SHM_HUGETLB) != 0 || size > (ulong)thread.Kernel.Memory.Total)
            return Errno.ENOMEM;
        if (!thread.KernelMemory.TryTake(SharedMemorySegment.Weight))
            return Errno.ENOMEM;
        byte[] name = Encoding.ASCII.GetBytes($"/SYSV{key:x8} (deleted)");
        Errno error = thread.Kernel.Vfs.CreateSharedMemory(thread, name, (long)size, out IOpenFile? file);
        FileMapping mapping = default;
        if (error == Errno.Success)
            error = file!.GetMapping(thread, MappingAccess.Shared | MappingAccess.Read | MappingAccess.Write, out mapping);
        if (error != Errno.Success)
        {
            file?.Release();
            thread.KernelMemory.Give(SharedMemorySegment.Weight);
            return error;
        }

        made = new SharedMemorySegment(thread, flags, table, file!, mapping, size);
        return Errno.Success;
    }

    private static Errno Map(LinuxThread thread, SharedMemorySegment segment, ref ulong at, Protection rights, Protection most, bool replaces)
    {
        AddressSpace space = thread.Memory.Space;
        var limits = MemoryLimits.Of(thread);
        ulong length = segment.Pages * AddressSpace.PageSize;
        if (at != 0 && (at + length < at || (at < space.Mmu.Lowest && !replaces)))
            return Errno.EINVAL;
        if (space.ExceedsLocked(length, false, limits))
            return Errno.EAGAIN;
        FileMapping mapping = segment.Mapping with { Inode = (ulong)segment.Id }; // as in /proc/PID/maps of Linux
        Errno error = FileBacking.Create(segment.File, mapping, (most & Protection.Write) != 0, out FileBacking? backing, segment);
        if (error != Errno.Success)
            return error;
        var attributes = new MappingAttributes(rights, most, IsShared: true, IsAccounted: false)
        {
            Memory = (MemoryObject)mapping.Memory!,
            File = backing,
        };
        error = at == 0
            ? space.Map(0, length, attributes, 0, limits, out at)
            : space.MapFixed(at, length, attributes, replaces, limits);
        backing!.Release();
        if (error == Errno.EEXIST)
            return Errno.EINVAL;
        if (error == Errno.Success && space.PopulatesFuture)
            space.Populate(at, length, write: false);
        return error;
    }
}
