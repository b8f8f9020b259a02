using System.Collections.Generic;
using System.Threading;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>The accounts of kernel memory, one for each user.</summary>
public sealed class KernelAccounts(EnclaveMemory memory)
{
    /// <summary>A user gets one part in so many of the enclave's memory: others can go on.</summary>
    private const int UserShare = 8;

    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Dictionary<uint, Account> _accounts = [];

    /// <summary>A user's account.</summary>
    public IKernelMemory Of(uint user)
    {
        using (_lock.Enter())
        {
            if (!_accounts.TryGetValue(user, out Account? account))
                _accounts.Add(user, account = new Account(memory, memory.Total / UserShare));
            return account;
        }
    }

    private sealed class Account(EnclaveMemory memory, long most) : IKernelMemory
    {
        private long _taken;

        public bool TryTake(long bytes)
        {
            if (Interlocked.Add(ref _taken, bytes) <= most && memory.TryTakeKernel(bytes))
                return true;
            Interlocked.Add(ref _taken, -bytes);
            return false;
        }

        public void Give(long bytes)
        {
            Interlocked.Add(ref _taken, -bytes);
            memory.GiveKernel(bytes);
        }
    }
}
