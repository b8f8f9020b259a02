using Cloister.Linux.Identity;
using Cloister.Linux.Processes;

namespace Cloister.Linux.Rings;

/// <summary>Memory of registered buffers on the account of its user (RLIMIT_MEMLOCK), in pages.</summary>
internal sealed class LockedMemory
{
    private const int CapIpcLock = 14;
    private const int PageShift = 12;

    private UserAccounts? _users;
    private uint _user;
    private long _pages;

    /// <summary>Counts memory.</summary>
    /// <returns>False beyond the user's limit.</returns>
    public bool TryAdd(LinuxThread thread, ulong bytes)
    {
        if (thread.Identity.Has(CapIpcLock))
            return true;
        _users = thread.Kernel.Users;
        _user = _pages == 0 ? thread.Identity.UserId : _user;
        long pages = (long)(bytes >> PageShift);
        if (!_users.TryAddLocked(_user, pages, (long)(thread.Process.Limits[ResourceLimits.LockedMemory].Soft >> PageShift)))
            return false;
        _pages += pages;
        return true;
    }

    /// <summary>Takes it off the account.</summary>
    public void Release()
    {
        if (_pages > 0)
            _users!.RemoveLocked(_user, _pages);
        _pages = 0;
    }
}
