using System.Runtime.InteropServices;
using Cloister.Contracts;
using Cloister.Linux.Identity;

namespace Cloister.Linux.Ipc;

/// <summary>struct ipc64_perm.</summary>
[StructLayout(LayoutKind.Sequential, Size = 48)]
internal struct IpcPermissions
{
    public int Key;
    public uint UserId;
    public uint GroupId;
    public uint CreatorUserId;
    public uint CreatorGroupId;
    public uint Mode;
    public ushort Sequence;
}

/// <summary>What a segment, a set of semaphores and a message queue have in common (svipc(7)). Guarded by the lock of their table.</summary>
internal abstract class IpcObject(LinuxThread creator, IpcFlags flags)
{
    /// <summary>Read or write permission for all, as calls ask for it.</summary>
    public const uint ReadAll = 0x124;
    public const uint WriteAll = 0x92;
    public const uint ExecuteAll = 0x49;

    private const uint ModeBits = 0x1FF;

    public int Key { get; set; }

    public int Id { get; set; }

    /// <summary>Times that its place in the table was used before.</summary>
    public ushort Sequence { get; set; }

    public uint UserId { get; private set; } = creator.Identity.EffectiveUserId;

    public uint GroupId { get; private set; } = creator.Identity.EffectiveGroupId;

    public uint CreatorUserId { get; } = creator.Identity.EffectiveUserId;

    public uint CreatorGroupId { get; } = creator.Identity.EffectiveGroupId;

    public uint Mode { get; private set; } = (uint)flags & ModeBits;

    /// <summary>Seconds since 1970 of the last change of owner or mode.</summary>
    public long ChangeTime { get; set; } = Now(creator);

    /// <summary>Whether it has been removed: who waits for it gets EIDRM.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Whose kernel memory it is made of.</summary>
    public IKernelMemory Account { get; } = creator.KernelMemory;

    /// <summary>Whether a thread may do what the bits of a mode stand for (ipcperms of Linux).</summary>
    public bool Allows(LinuxThread thread, uint wanted)
    {
        uint requested = (wanted >> 6 | wanted >> 3 | wanted) & 7;
        Identity.Identity identity = thread.Identity;
        uint granted = Mode;
        if (identity.EffectiveUserId == CreatorUserId || identity.EffectiveUserId == UserId)
            granted >>= 6;
        else if (identity.IsInGroup(CreatorGroupId) || identity.IsInGroup(GroupId))
            granted >>= 3;
        return (requested & ~granted) == 0 || identity.Has(Capability.IpcOwner);
    }

    /// <summary>Whether a thread may change or remove it (ipcctl_obtain_check of Linux).</summary>
    public bool IsOwnedBy(LinuxThread thread)
    {
        Identity.Identity identity = thread.Identity;
        return identity.EffectiveUserId == CreatorUserId || identity.EffectiveUserId == UserId || identity.Has(Capability.SysAdmin);
    }

    /// <summary>IPC_SET.</summary>
    public void SetPermissions(LinuxThread thread, in IpcPermissions permissions)
    {
        UserId = permissions.UserId;
        GroupId = permissions.GroupId;
        Mode = permissions.Mode & ModeBits;
        ChangeTime = Now(thread);
    }

    public IpcPermissions Permissions => new()
    {
        Key = Key,
        UserId = UserId,
        GroupId = GroupId,
        CreatorUserId = CreatorUserId,
        CreatorGroupId = CreatorGroupId,
        Mode = Mode | MoreModeBits,
        Sequence = Sequence,
    };

    /// <summary>What semget and shmget may ask for at most; msgget asks for nothing.</summary>
    public abstract ulong OpenSize { get; }

    /// <summary>Gives back what it holds; it has never been, or is no longer in the table. Without the lock.</summary>
    public abstract void Discard();

    /// <summary>Bits that only IPC_STAT shows.</summary>
    protected virtual uint MoreModeBits => 0;

    /// <summary>Seconds since 1970.</summary>
    public static long Now(LinuxThread thread) => thread.RealtimeNow / Time.Timespec.PerSecond;
}
