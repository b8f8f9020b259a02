using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Identity;

/// <summary>What is counted for each user.</summary>
internal enum UserResource
{
    /// <summary>Threads and processes (RLIMIT_NPROC).</summary>
    Tasks,

    /// <summary>Queued signals and POSIX timers (RLIMIT_SIGPENDING).</summary>
    QueuedSignals,
}

/// <summary>What the processes of each real user hold of the kernel (struct ucounts). The lock is innermost.</summary>
/// <remarks>
/// Users' limits are theirs to raise where they are root, so that there is one for all users together beside, which follows from
/// the enclave's memory.
/// </remarks>
/// <param name="mostTasks">Threads of all users (/proc/sys/kernel/threads-max).</param>
/// <param name="mostQueuedSignals">Queued signals and timers of all users.</param>
internal sealed class UserAccounts(long mostTasks, long mostQueuedSignals)
{
    /// <summary>One part in so many of what all users together may have is for others, whatever one user takes.</summary>
    private const int OthersShare = 8;

    private Account _all;

    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Dictionary<uint, Account> _accounts = [];
    private readonly Dictionary<uint, long> _locked = [];

    /// <summary>Threads of all users, at most.</summary>
    public long MostTasks { get; } = mostTasks;

    /// <summary>Counts one more.</summary>
    /// <param name="user">Real user id.</param>
    /// <param name="resource">What.</param>
    /// <param name="limit">How many there may be with this one.</param>
    /// <returns>False where the limit is reached; nothing is counted then.</returns>
    public bool TryAdd(uint user, UserResource resource, ulong limit)
    {
        using (_lock.Enter())
        {
            long most = resource == UserResource.Tasks ? MostTasks : mostQueuedSignals;
            if (_all[resource] >= most)
                return false;
            ref Account account = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, user, out _);
            ref long count = ref account[resource];
            if ((ulong)count >= limit || count >= most - (most / OthersShare))
            {
                Forget(user, account);
                return false;
            }

            count++;
            _all[resource]++;
            return true;
        }
    }

    /// <summary>Counts pages that are locked without being mapped so (RLIMIT_MEMLOCK of registered buffers).</summary>
    /// <returns>False where there would be more than the limit.</returns>
    public bool TryAddLocked(uint user, long pages, long limit)
    {
        using (_lock.Enter())
        {
            ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(_locked, user, out _);
            if (count + pages > limit)
                return false;
            count += pages;
            return true;
        }
    }

    /// <summary>Counts them less.</summary>
    public void RemoveLocked(uint user, long pages)
    {
        using (_lock.Enter())
        {
            if ((CollectionsMarshal.GetValueRefOrAddDefault(_locked, user, out _) -= pages) == 0)
                _locked.Remove(user);
        }
    }

    /// <summary>Counts one more, whatever there is: for what can't fail.</summary>
    public void Add(uint user, UserResource resource)
    {
        using (_lock.Enter())
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_accounts, user, out _)[resource]++;
            _all[resource]++;
        }
    }

    /// <summary>Counts one less.</summary>
    public void Remove(uint user, UserResource resource)
    {
        using (_lock.Enter())
        {
            ref Account account = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, user, out _);
            account[resource]--;
            _all[resource]--;
            Forget(user, account);
        }
    }

    /// <summary>How many there are.</summary>
    public long Count(uint user, UserResource resource)
    {
        using (_lock.Enter())
        {
            Account account = _accounts.GetValueOrDefault(user);
            return account[resource];
        }
    }

    private void Forget(uint user, in Account account)
    {
        if (account is { Tasks: 0, QueuedSignals: 0 })
            _accounts.Remove(user);
    }

    private struct Account
    {
        public long Tasks;
        public long QueuedSignals;

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref long this[UserResource resource] => ref resource == UserResource.Tasks ? ref Tasks : ref QueuedSignals;
    }
}
