namespace Cloister.Linux.Identity;

/// <summary>Whether a process may look into another (ptrace(2), "Ptrace access mode checking").</summary>
internal static class ProcessAccess
{
    /// <summary>Checks it.</summary>
    /// <param name="caller">Who wants to.</param>
    /// <param name="target">Into whom.</param>
    /// <param name="ofFiles">PTRACE_MODE_FSCREDS: by the file-system ids, as for /proc; else by the real ones, as for system calls.</param>
    public static bool MayInspect(LinuxThread caller, LinuxThread target, bool ofFiles)
    {
        if (caller.Process == target.Process)
            return true;
        Identity identity = caller.Identity;
        if (identity.Has(Capability.SysPtrace))
            return true;
        uint user = ofFiles ? identity.FileUserId : identity.UserId;
        uint group = ofFiles ? identity.FileGroupId : identity.GroupId;
        Identity other = target.Identity;
        ulong capabilities = ofFiles ? identity.Effective : identity.Permitted;
        return user == other.UserId && user == other.EffectiveUserId && user == other.SavedUserId &&
            group == other.GroupId && group == other.EffectiveGroupId && group == other.SavedGroupId &&
            target.Process.Dumpable == 1 && (other.Permitted & ~capabilities) == 0;
    }
}
