using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Identity;

/// <summary>
/// Who a process is after execve(2): set-user-ID bits and capabilities of the file, and what is left of the caller's
/// (capabilities(7), "Transformation of capabilities during execve"; cap_bprm_creds_from_file of Linux).
/// </summary>
internal static class ProgramIdentity
{
    private const uint SetUserId = 0x800;
    private const uint SetGroupId = 0x400;
    private const uint GroupExecute = 0x8;

    // struct vfs_ns_cap_data: magic and flags, then permitted and inheritable in two words each, then the root user's id.
    private const uint RevisionMask = 0xFF000000;
    private const uint Revision2 = 0x02000000;
    private const uint Revision3 = 0x03000000;
    private const uint EffectiveFlag = 1;
    private const int Size2 = 20;
    private const int Size3 = 24;

    /// <summary>Calculates the new identity.</summary>
    /// <param name="thread">The caller.</param>
    /// <param name="file">The program.</param>
    /// <param name="status">Its status.</param>
    /// <param name="gains">Whether the program has more rights than its caller: AT_SECURE.</param>
    public static Identity Of(LinuxThread thread, IOpenFile file, in FileStatus status, out bool gains)
    {
        Identity old = thread.Identity;
        bool isTrusted = !thread.Kernel.Vfs.IgnoresPrivileges(file);
        uint user = old.EffectiveUserId;
        uint group = old.EffectiveGroupId;
        if (isTrusted && !old.NoNewPrivileges)
        {
            if ((status.Mode & SetUserId) != 0)
                user = status.UserId;
            if ((status.Mode & (SetGroupId | GroupExecute)) == (SetGroupId | GroupExecute))
                group = status.GroupId;
        }

        bool isEffective = false;
        ulong filePermitted = 0;
        ulong fileInheritable = 0;
        bool hasFileCapabilities = isTrusted && TryReadCapabilities(thread, file, out filePermitted, out fileInheritable, out isEffective);
        ulong permitted = (filePermitted & old.Bounding) | (fileInheritable & old.Inheritable);

        // Root's programs have all capabilities, but a set-user-ID root program of somebody else with capabilities of its own.
        bool isSetUserIdRoot = user == 0 && old.UserId != 0;
        if (!old.Has(SecureBit.NoRoot) && !(hasFileCapabilities && isSetUserIdRoot))
        {
            if (user == 0 || old.UserId == 0)
                permitted = old.Bounding | old.Inheritable;
            isEffective |= user == 0;
        }

        // Who can be steered from outside gets no more than it had (check_unsafe_exec of Linux).
        bool changesId = user != old.UserId || group != old.GroupId;
        if ((changesId || (permitted & ~old.Permitted) != 0) && (old.NoNewPrivileges || IsSteered(thread)))
        {
            if (old.NoNewPrivileges || !old.Has(Capability.SetUid))
            {
                user = old.UserId;
                group = old.GroupId;
            }

            permitted &= old.Permitted;
        }

        ulong ambient = hasFileCapabilities || changesId ? 0 : old.Ambient;
        permitted |= ambient;
        gains = changesId || (old.UserId != 0 && (isEffective || (permitted & ~ambient) != 0));
        return old with
        {
            EffectiveUserId = user,
            SavedUserId = user,
            FileUserId = user,
            EffectiveGroupId = group,
            SavedGroupId = group,
            FileGroupId = group,
            Permitted = permitted,
            Effective = isEffective ? permitted : ambient,
            Ambient = ambient,
            SecureBits = old.SecureBits & ~(uint)SecureBit.KeepCapabilities,
        };
    }

    /// <summary>Whether another process shares the working directory and root (CLONE_FS), or traces the thread without the right to.</summary>
    private static bool IsSteered(LinuxThread thread)
    {
        if (thread.Trace is { } trace && !trace.Tracer.Identity.Has(Capability.SysPtrace))
            return true;
        foreach (LinuxProcess other in thread.Kernel.Processes.Snapshot())
        {
            if (other != thread.Process && !other.IsZombie && ReferenceEquals(other.FileSystemContext, thread.Process.FileSystemContext))
                return true;
        }

        return false;
    }

    /// <summary>Reads the file's attribute security.capability.</summary>
    private static bool TryReadCapabilities(LinuxThread thread, IOpenFile file, out ulong permitted, out ulong inheritable, out bool isEffective)
    {
        permitted = 0;
        inheritable = 0;
        isEffective = false;
        Span<byte> value = stackalloc byte[Size3];
        var path = new PathArgument(thread.Process.FileSystemContext, file, default, LookupFlags.AllowEmpty);
        Errno error = thread.Kernel.Vfs.GetExtendedAttribute(thread, path, "security.capability"u8, value, out int length);
        if (error != Errno.Success || length is not (Size2 or Size3))
            return false;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        bool isKnown = (magic & RevisionMask) switch
        {
            Revision2 => length == Size2,
            Revision3 => length == Size3 && BinaryPrimitives.ReadUInt32LittleEndian(value[20..]) == 0,
            _ => false,
        };
        if (!isKnown)
            return false;
        isEffective = (magic & EffectiveFlag) != 0;
        permitted = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[12..]) << 32;
        inheritable = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[16..]) << 32;
        permitted &= Identity.AllCapabilities;
        inheritable &= Identity.AllCapabilities;
        return true;
    }
}
