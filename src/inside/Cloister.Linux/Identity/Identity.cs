using System;
using Cloister.Contracts;

namespace Cloister.Linux.Identity;

/// <summary>A thread's user, groups and capabilities (credentials(7)). Immutable; changes make a new one.</summary>
internal sealed record Identity
{
    /// <summary>All capabilities of Linux 6.1: CAP_CHOWN to CAP_CHECKPOINT_RESTORE.</summary>
    public const ulong AllCapabilities = (1UL << 41) - 1;

    public uint UserId { get; init; }

    public uint EffectiveUserId { get; init; }

    public uint SavedUserId { get; init; }

    public uint FileUserId { get; init; }

    public uint GroupId { get; init; }

    public uint EffectiveGroupId { get; init; }

    public uint SavedGroupId { get; init; }

    public uint FileGroupId { get; init; }

    public uint[] Groups { get; init; } = [];

    public ulong Effective { get; init; }

    public ulong Permitted { get; init; }

    public ulong Inheritable { get; init; }

    public ulong Bounding { get; init; } = AllCapabilities;

    public ulong Ambient { get; init; }

    public uint SecureBits { get; init; }

    public bool NoNewPrivileges { get; init; }

    public Credentials FileCredentials => new(FileUserId, FileGroupId, Effective);

    public static Identity Create(uint userId, uint groupId, uint[] groups) => new()
    {
        UserId = userId,
        EffectiveUserId = userId,
        SavedUserId = userId,
        FileUserId = userId,
        GroupId = groupId,
        EffectiveGroupId = groupId,
        SavedGroupId = groupId,
        FileGroupId = groupId,
        Groups = groups,
        Effective = userId == 0 ? AllCapabilities : 0,
        Permitted = userId == 0 ? AllCapabilities : 0,
    };

    /// <summary>Whether a bit of <see cref="SecureBit"/> is set.</summary>
    public bool Has(SecureBit bit) => (SecureBits & (uint)bit) != 0;

    public bool Has(int capability) => (Effective >> capability & 1) != 0;

    public bool IsInGroup(uint group) => group == FileGroupId || Array.IndexOf(Groups, group) >= 0;

    /// <summary>Whether a signal may be sent to a thread with another identity (kill(2)).</summary>
    public bool MaySignal(Identity target) =>
        Has(Capability.Kill) || EffectiveUserId == target.UserId || EffectiveUserId == target.SavedUserId ||
        UserId == target.UserId || UserId == target.SavedUserId;
}

/// <summary>SECBIT_* (capabilities(7), "The securebits flags"). The bit above each locks it.</summary>
[Flags]
internal enum SecureBit : uint
{
    NoRoot = 1 << 0,
    NoSetUidFixup = 1 << 2,
    KeepCapabilities = 1 << 4,
    KeepCapabilitiesLocked = 1 << 5,
    NoAmbientRaise = 1 << 6,

    /// <summary>All bits that lock another.</summary>
    Locks = 0xAA,

    /// <summary>All that there are.</summary>
    All = 0xFF,
}

/// <summary>Capability numbers (capabilities(7)) that the kernel itself asks for.</summary>
internal static class Capability
{
    /// <summary>What only matters to files, and so comes and goes with the file-system user (CAP_FS_MASK of Linux).</summary>
    public const ulong OfFiles = 0b1_1111 | 1UL << 9 | 1UL << 27 | 1UL << 32;

    public const int OverrideAccess = 1;
    public const int FileOwner = 3;
    public const int Kill = 5;
    public const int SetGid = 6;
    public const int SetUid = 7;
    public const int SetPcap = 8;
    public const int IpcLock = 14;
    public const int IpcOwner = 15;
    public const int SysChroot = 18;
    public const int SysPtrace = 19;
    public const int SysAdmin = 21;
    public const int SysNice = 23;
    public const int SysResource = 24;
    public const int SysTime = 25;
    public const int Syslog = 34;
}
