using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Identity;

/// <summary>Users, groups, capabilities (credentials(7)).</summary>
internal static class IdentitySyscalls
{
    private const uint Unchanged = uint.MaxValue;
    private const int MostGroups = 65536;
    private const uint CapabilityVersion1 = 0x19980330;
    private const uint CapabilityVersion2 = 0x20071026;
    private const uint CapabilityVersion3 = 0x20080522;

    [Syscall(102, "getuid")]
    public static SyscallResult GetUid(LinuxThread thread) => thread.Identity.UserId;

    [Syscall(104, "getgid")]
    public static SyscallResult GetGid(LinuxThread thread) => thread.Identity.GroupId;

    [Syscall(107, "geteuid")]
    public static SyscallResult GetEuid(LinuxThread thread) => thread.Identity.EffectiveUserId;

    [Syscall(108, "getegid")]
    public static SyscallResult GetEgid(LinuxThread thread) => thread.Identity.EffectiveGroupId;

    [Syscall(105, "setuid")]
    public static SyscallResult SetUid(LinuxThread thread, uint user)
    {
        Identity old = thread.Identity;
        if (user == Unchanged)
            return Errno.EINVAL;
        if (old.Has(Capability.SetUid))
            return Adopt(thread, old with { UserId = user, EffectiveUserId = user, SavedUserId = user, FileUserId = user });
        if (user != old.UserId && user != old.SavedUserId)
            return Errno.EPERM;
        return Adopt(thread, old with { EffectiveUserId = user, FileUserId = user });
    }

    [Syscall(106, "setgid")]
    public static SyscallResult SetGid(LinuxThread thread, uint group)
    {
        Identity old = thread.Identity;
        if (group == Unchanged)
            return Errno.EINVAL;
        if (old.Has(Capability.SetGid))
            return Adopt(thread, old with { GroupId = group, EffectiveGroupId = group, SavedGroupId = group, FileGroupId = group });
        if (group != old.GroupId && group != old.SavedGroupId)
            return Errno.EPERM;
        return Adopt(thread, old with { EffectiveGroupId = group, FileGroupId = group });
    }

    [Syscall(113, "setreuid")]
    public static SyscallResult SetReUid(LinuxThread thread, uint real, uint effective)
    {
        Identity old = thread.Identity;
        bool isPrivileged = old.Has(Capability.SetUid);
        if (!isPrivileged && real != Unchanged && real != old.UserId && real != old.EffectiveUserId)
            return Errno.EPERM;
        if (!isPrivileged && effective != Unchanged && effective != old.UserId && effective != old.EffectiveUserId && effective != old.SavedUserId)
            return Errno.EPERM;
        uint newReal = real == Unchanged ? old.UserId : real;
        uint newEffective = effective == Unchanged ? old.EffectiveUserId : effective;
        bool savesToo = real != Unchanged || (effective != Unchanged && effective != old.UserId);
        return Adopt(thread, old with
        {
            UserId = newReal,
            EffectiveUserId = newEffective,
            FileUserId = newEffective,
            SavedUserId = savesToo ? newEffective : old.SavedUserId,
        });
    }

    [Syscall(114, "setregid")]
    public static SyscallResult SetReGid(LinuxThread thread, uint real, uint effective)
    {
        Identity old = thread.Identity;
        bool isPrivileged = old.Has(Capability.SetGid);
        if (!isPrivileged && real != Unchanged && real != old.GroupId && real != old.EffectiveGroupId)
            return Errno.EPERM;
        if (!isPrivileged && effective != Unchanged && effective != old.GroupId && effective != old.EffectiveGroupId && effective != old.SavedGroupId)
            return Errno.EPERM;
        uint newReal = real == Unchanged ? old.GroupId : real;
        uint newEffective = effective == Unchanged ? old.EffectiveGroupId : effective;
        bool savesToo = real != Unchanged || (effective != Unchanged && effective != old.GroupId);
        return Adopt(thread, old with
        {
            GroupId = newReal,
            EffectiveGroupId = newEffective,
            FileGroupId = newEffective,
            SavedGroupId = savesToo ? newEffective : old.SavedGroupId,
        });
    }

    [Syscall(117, "setresuid")]
    public static SyscallResult SetResUid(LinuxThread thread, uint real, uint effective, uint saved)
    {
        Identity old = thread.Identity;
        bool MayBe(uint id) => id == Unchanged || old.Has(Capability.SetUid) || id == old.UserId || id == old.EffectiveUserId || id == old.SavedUserId;
        if (!MayBe(real) || !MayBe(effective) || !MayBe(saved))
            return Errno.EPERM;
        uint newEffective = effective == Unchanged ? old.EffectiveUserId : effective;
        return Adopt(thread, old with
        {
            UserId = real == Unchanged ? old.UserId : real,
            EffectiveUserId = newEffective,
            SavedUserId = saved == Unchanged ? old.SavedUserId : saved,
            FileUserId = newEffective,
        });
    }

    [Syscall(119, "setresgid")]
    public static SyscallResult SetResGid(LinuxThread thread, uint real, uint effective, uint saved)
    {
        Identity old = thread.Identity;
        bool MayBe(uint id) => id == Unchanged || old.Has(Capability.SetGid) || id == old.GroupId || id == old.EffectiveGroupId || id == old.SavedGroupId;
        if (!MayBe(real) || !MayBe(effective) || !MayBe(saved))
            return Errno.EPERM;
        uint newEffective = effective == Unchanged ? old.EffectiveGroupId : effective;
        return Adopt(thread, old with
        {
            GroupId = real == Unchanged ? old.GroupId : real,
            EffectiveGroupId = newEffective,
            SavedGroupId = saved == Unchanged ? old.SavedGroupId : saved,
            FileGroupId = newEffective,
        });
    }

    [Syscall(118, "getresuid")]
    public static SyscallResult GetResUid(LinuxThread thread, UserAddress real, UserAddress effective, UserAddress saved)
    {
        Identity identity = thread.Identity;
        return WriteThree(thread, real, identity.UserId, effective, identity.EffectiveUserId, saved, identity.SavedUserId);
    }

    [Syscall(120, "getresgid")]
    public static SyscallResult GetResGid(LinuxThread thread, UserAddress real, UserAddress effective, UserAddress saved)
    {
        Identity identity = thread.Identity;
        return WriteThree(thread, real, identity.GroupId, effective, identity.EffectiveGroupId, saved, identity.SavedGroupId);
    }

    [Syscall(122, "setfsuid")]
    public static SyscallResult SetFsUid(LinuxThread thread, uint user)
    {
        Identity old = thread.Identity;
        bool mayBe = old.Has(Capability.SetUid) || user == old.UserId || user == old.EffectiveUserId || user == old.SavedUserId || user == old.FileUserId;
        if (user == Unchanged || !mayBe || user == old.FileUserId)
            return old.FileUserId;
        Identity changed = old with { FileUserId = user };
        if (!old.Has(SecureBit.NoSetUidFixup))
        {
            // capabilities(7), "Effect of user ID changes", 4.
            if (old.FileUserId == 0)
                changed = changed with { Effective = old.Effective & ~Capability.OfFiles };
            else if (user == 0)
                changed = changed with { Effective = old.Effective | (old.Permitted & Capability.OfFiles) };
        }

        Commit(thread, changed);
        return old.FileUserId;
    }

    [Syscall(123, "setfsgid")]
    public static SyscallResult SetFsGid(LinuxThread thread, uint group)
    {
        Identity old = thread.Identity;
        bool mayBe = old.Has(Capability.SetGid) || group == old.GroupId || group == old.EffectiveGroupId || group == old.SavedGroupId || group == old.FileGroupId;
        if (group != Unchanged && mayBe)
            Commit(thread, old with { FileGroupId = group });
        return old.FileGroupId;
    }

    [Syscall(115, "getgroups")]
    public static SyscallResult GetGroups(LinuxThread thread, int size, UserAddress list)
    {
        uint[] groups = thread.Identity.Groups;
        if (size < 0 || (size != 0 && size < groups.Length))
            return Errno.EINVAL;
        if (size == 0)
            return groups.Length;
        Errno error = thread.Memory.CopyOut(list, MemoryMarshal.AsBytes(groups.AsSpan()));
        return SyscallResult.From(error, groups.Length);
    }

    [Syscall(116, "setgroups")]
    public static SyscallResult SetGroups(LinuxThread thread, int size, UserAddress list)
    {
        if (!thread.Identity.Has(Capability.SetGid))
            return Errno.EPERM;
        if ((uint)size > MostGroups)
            return Errno.EINVAL;
        uint[] groups = new uint[size];
        Errno error = thread.Memory.CopyIn(list, MemoryMarshal.AsBytes(groups.AsSpan()));
        if (error == Errno.Success)
            thread.Identity = thread.Identity with { Groups = groups };
        return error;
    }

    [Syscall(125, "capget")]
    public static SyscallResult CapGet(LinuxThread thread, UserAddress header, UserAddress data)
    {
        Errno error = ReadHeader(thread, header, out int words, out int target);
        if (error != Errno.Success)
            return data.IsNull && error == Errno.EINVAL ? 0 : error;
        if (data.IsNull)
            return 0;
        LinuxThread? owner = target == 0 ? thread : thread.Kernel.Processes.FindThread(target);
        if (owner is null)
            return Errno.ESRCH;
        Identity identity = owner.Identity;
        Span<uint> sets = stackalloc uint[]
        {
            (uint)identity.Effective, (uint)identity.Permitted, (uint)identity.Inheritable,
            (uint)(identity.Effective >> 32), (uint)(identity.Permitted >> 32), (uint)(identity.Inheritable >> 32),
        };
        return thread.Memory.CopyOut(data, MemoryMarshal.AsBytes(sets[..(words * 3)]));
    }

    [Syscall(126, "capset")]
    public static SyscallResult CapSet(LinuxThread thread, UserAddress header, UserAddress data)
    {
        Errno error = ReadHeader(thread, header, out int words, out int target);
        if (error != Errno.Success)
            return error;
        if (target != 0 && target != thread.ThreadId)
            return Errno.EPERM;
        Span<uint> sets = stackalloc uint[6];
        sets.Clear();
        error = thread.Memory.CopyIn(data, MemoryMarshal.AsBytes(sets[..(words * 3)]));
        if (error != Errno.Success)
            return error;
        ulong effective = (sets[0] | (ulong)sets[3] << 32) & Identity.AllCapabilities;
        ulong permitted = (sets[1] | (ulong)sets[4] << 32) & Identity.AllCapabilities;
        ulong inheritable = (sets[2] | (ulong)sets[5] << 32) & Identity.AllCapabilities;
        Identity old = thread.Identity;
        if ((permitted & ~old.Permitted) != 0 || (effective & ~permitted) != 0 ||
            (inheritable & ~(old.Inheritable | (old.Has(Capability.SetPcap) ? old.Bounding : old.Permitted))) != 0)
            return Errno.EPERM;
        thread.Identity = old with
        {
            Effective = effective,
            Permitted = permitted,
            Inheritable = inheritable,
            Ambient = old.Ambient & permitted & inheritable,
        };
        return 0;
    }

    /// <summary>Changes user ids and with them the capabilities (capabilities(7), "Effect of user ID changes").</summary>
    private static SyscallResult Adopt(LinuxThread thread, Identity changed)
    {
        Identity old = thread.Identity;
        if (!old.Has(SecureBit.NoSetUidFixup))
            changed = FixCapabilities(old, changed);
        if (changed.UserId != old.UserId)
            MoveAccount(thread, changed);
        Commit(thread, changed);
        return 0;
    }

    private static Identity FixCapabilities(Identity old, Identity changed)
    {
        bool hadRoot = old.UserId == 0 || old.EffectiveUserId == 0 || old.SavedUserId == 0;
        bool hasRoot = changed.UserId == 0 || changed.EffectiveUserId == 0 || changed.SavedUserId == 0;
        if (hadRoot && !hasRoot)
        {
            if (!old.Has(SecureBit.KeepCapabilities))
                changed = changed with { Permitted = 0, Effective = 0 };
            changed = changed with { Ambient = 0 };
        }

        if (old.EffectiveUserId == 0 && changed.EffectiveUserId != 0)
            changed = changed with { Effective = 0 };
        else if (old.EffectiveUserId != 0 && changed.EffectiveUserId == 0)
            changed = changed with { Effective = changed.Permitted };
        return changed;
    }

    /// <summary>Takes a new identity. A process that has changed its rights is nobody's to look into (commit_creds of Linux).</summary>
    internal static void Commit(LinuxThread thread, Identity changed)
    {
        Identity old = thread.Identity;
        bool isOther = old.EffectiveUserId != changed.EffectiveUserId || old.EffectiveGroupId != changed.EffectiveGroupId ||
            old.FileUserId != changed.FileUserId || old.FileGroupId != changed.FileGroupId || (changed.Permitted & ~old.Permitted) != 0;
        thread.Identity = changed;
        if (!isOther)
            return;
        thread.Process.Dumpable = 0;
        thread.Process.ParentDeathSignal = 0;
    }

    /// <summary>The process is another user's now, and counts there. Over the limit, execve(2) will fail, not this call (set_user of Linux).</summary>
    private static void MoveAccount(LinuxThread thread, Identity changed)
    {
        LinuxProcess process = thread.Process;
        UserAccounts users = thread.Kernel.Users;
        if (process.UserId == changed.UserId)
            return; // another thread of it was first: the C library changes them all, one after the other
        for (int i = process.ThreadCount; i > 0; i--)
        {
            users.Add(changed.UserId, UserResource.Tasks);
            users.Remove(process.UserId, UserResource.Tasks);
        }

        process.UserId = changed.UserId;
        bool isExempt = changed.UserId == 0 || changed.Has(Capability.SysResource) || changed.Has(Capability.SysAdmin);
        thread.ExceedsTaskLimit = !isExempt &&
            (ulong)users.Count(changed.UserId, UserResource.Tasks) > process.Limits[Processes.ResourceLimits.Processes].Soft;
    }

    private static SyscallResult WriteThree(LinuxThread thread, UserAddress a, uint first, UserAddress b, uint second, UserAddress c, uint third) =>
        thread.Memory.TryWrite(a, first) && thread.Memory.TryWrite(b, second) && thread.Memory.TryWrite(c, third) ? 0 : Errno.EFAULT;

    private static Errno ReadHeader(LinuxThread thread, UserAddress header, out int words, out int target)
    {
        words = 0;
        target = 0;
        if (!thread.Memory.TryRead(header, out ulong value))
            return Errno.EFAULT;
        target = (int)(value >> 32);
        switch ((uint)value)
        {
            case CapabilityVersion1:
                words = 1;
                break;
            case CapabilityVersion2:
            case CapabilityVersion3:
                words = 2;
                break;
            default:
                return thread.Memory.TryWrite(header, CapabilityVersion3) ? Errno.EINVAL : Errno.EFAULT;
        }

        return target < 0 ? Errno.EINVAL : Errno.Success;
    }
}

/// <summary>Ids, groups and sessions of processes.</summary>
internal static class ProcessIdSyscalls
{
    [Syscall(39, "getpid")]
    public static SyscallResult GetPid(LinuxThread thread) => thread.ProcessId;

    [Syscall(186, "gettid")]
    public static SyscallResult GetTid(LinuxThread thread) => thread.ThreadId;

    [Syscall(110, "getppid")]
    public static SyscallResult GetPpid(LinuxThread thread) => thread.Process.Parent?.ProcessId ?? 0;

    [Syscall(111, "getpgrp")]
    public static SyscallResult GetPgrp(LinuxThread thread) => thread.Process.GroupId;

    [Syscall(121, "getpgid")]
    public static SyscallResult GetPgid(LinuxThread thread, int processId) =>
        Find(thread, processId) is { } process ? process.GroupId : Errno.ESRCH;

    [Syscall(124, "getsid")]
    public static SyscallResult GetSid(LinuxThread thread, int processId) =>
        Find(thread, processId) is { } process ? process.SessionId : Errno.ESRCH;

    [Syscall(109, "setpgid")]
    public static SyscallResult SetPgid(LinuxThread thread, int processId, int group)
    {
        if (group < 0)
            return Errno.EINVAL;
        Processes.ProcessTable table = thread.Kernel.Processes;
        LinuxProcess? process = Find(thread, processId);
        if (process is null || (process != thread.Process && process.Parent != thread.Process))
            return Errno.ESRCH;
        if (group == 0)
            group = process.ProcessId;
        if (process != thread.Process && process.HasExecuted)
            return Errno.EACCES;
        if (process.SessionId != thread.Process.SessionId || process.SessionId == process.ProcessId)
            return Errno.EPERM;
        if (group != process.ProcessId && !table.IsGroupInSession(group, thread.Process.SessionId))
            return Errno.EPERM;
        using (table.Lock.Enter())
            process.GroupId = group;
        return 0;
    }

    [Syscall(112, "setsid")]
    public static SyscallResult SetSid(LinuxThread thread)
    {
        Processes.ProcessTable table = thread.Kernel.Processes;
        LinuxProcess process = thread.Process;
        if (process.GroupId == process.ProcessId || table.SnapshotGroup(process.ProcessId).Length > 0)
            return Errno.EPERM;
        using (table.Lock.Enter())
        {
            process.SessionId = process.ProcessId;
            process.GroupId = process.ProcessId;
        }

        process.HasLeftTerminal = false;
        return process.ProcessId;
    }

    private static LinuxProcess? Find(LinuxThread thread, int processId) =>
        processId == 0 ? thread.Process : thread.Kernel.Processes.Find(processId);
}
