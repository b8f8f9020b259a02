using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Time;
using Cloister.Nucleus;

namespace Cloister.Linux.Ipc;

/// <summary>struct shmid64_ds.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
internal struct SharedMemoryStatus
{
    public IpcPermissions Permissions;
    public ulong Size;
    public long AttachTime;
    public long DetachTime;
    public long ChangeTime;
    public int Creator;
    public int LastUser;
    public ulong Attaches;
}

/// <summary>A segment of shmget(2): memory without a name, which lives until it is removed and nobody shows it any more.</summary>
internal sealed class SharedMemorySegment : IpcObject, IMappingObserver
{
    /// <summary>What one weighs on the kernel's heap.</summary>
    public const int Weight = 512;

    private const uint Removed = 0x200;
    private const uint Locked = 0x400;

    private readonly IpcTable<SharedMemorySegment> _table;
    private readonly IClock _clock;
    private int _attaches;
    private long _detachTime;

    public SharedMemorySegment(
        LinuxThread creator, IpcFlags flags, IpcTable<SharedMemorySegment> table, IOpenFile file, in FileMapping mapping, ulong size)
        : base(creator, flags)
    {
        _table = table;
        _clock = creator.Kernel.Platform.Clock;
        File = file;
        Mapping = mapping;
        Size = size;
        Creator = creator.ProcessId;
    }

    public IOpenFile File { get; }

    /// <summary>Its pages.</summary>
    public FileMapping Mapping { get; }

    public ulong Size { get; }

    public ulong Pages => (Size + AddressSpace.PageSize - 1) / AddressSpace.PageSize;

    public ulong ResidentPages => (ulong)((MemoryObject)Mapping.Memory!).ResidentPages;

    public int Creator { get; }

    public int LastUser { get; set; }

    public long AttachTime { get; set; }

    /// <summary>Regions that show it, and calls that are about to (shm_nattch).</summary>
    public int Attaches => Volatile.Read(ref _attaches);

    public long DetachTime => Volatile.Read(ref _detachTime);

    /// <summary>IPC_RMID has been called: it goes with the last region.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>SHM_LOCK.</summary>
    public bool IsLocked { get; set; }

    public override ulong OpenSize => Size;

    protected override uint MoreModeBits => (IsDoomed ? Removed : 0) | (IsLocked ? Locked : 0);

    public SharedMemoryStatus Status => new()
    {
        Permissions = Permissions,
        Size = Size,
        AttachTime = AttachTime,
        DetachTime = DetachTime,
        ChangeTime = ChangeTime,
        Creator = Creator,
        LastUser = LastUser,
        Attaches = (ulong)Attaches,
    };

    /// <summary>A call is about to show it. With the table's lock held.</summary>
    public void BeginAttach() => Interlocked.Increment(ref _attaches);

    /// <summary>The call has done so, or failed.</summary>
    public void EndAttach()
    {
        Interlocked.Decrement(ref _attaches);
        OnUnmapped();
    }

    /// <inheritdoc/>
    public void OnRegion() => Interlocked.Increment(ref _attaches);

    /// <inheritdoc/>
    public void OnRegionEnd()
    {
        Volatile.Write(ref _detachTime, _clock.RealtimeNanoseconds / Timespec.PerSecond);
        Interlocked.Decrement(ref _attaches);
    }

    /// <inheritdoc/>
    public void OnUnmapped()
    {
        using (_table.Lock.Enter())
        {
            if (!IsDoomed || IsRemoved || Attaches > 0)
                return;
            _table.Remove(this);
        }

        Discard();
    }

    /// <inheritdoc/>
    public override void Discard()
    {
        File.Release();
        Account.Give(Weight);
    }
}
