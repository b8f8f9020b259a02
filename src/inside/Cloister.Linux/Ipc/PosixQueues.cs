using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Ipc;

/// <summary>The POSIX message queues of an enclave by name (mq_overview(7)), with the limits that Linux has where nobody changes them.</summary>
internal sealed class PosixQueues
{
    /// <summary>MQ_PRIO_MAX.</summary>
    public const int MostPriorities = 32768;

    /// <summary>/proc/sys/fs/mqueue/queues_max.</summary>
    private const int MostQueues = 256;

    /// <summary>msg_max and msg_default there, and what nobody may exceed.</summary>
    private const long UsualMessages = 10;
    private const long MostMessages = 65536;

    /// <summary>msgsize_max and msgsize_default there, and what nobody may exceed.</summary>
    private const long UsualSize = 8192;
    private const long MostSize = 16 << 20;

    private readonly Dictionary<string, PosixQueue> _queues = [];
    private readonly Dictionary<uint, long> _costs = [];

    /// <summary>Guards all queues.</summary>
    public KernelLock Lock { get; } = new(LockLevel.Ipc);

    /// <summary>Opens a queue, or makes it, and counts a user of it.</summary>
    /// <param name="thread">The caller.</param>
    /// <param name="name">Without the slash.</param>
    /// <param name="wanted">4 for reading, 2 for writing, of a mode.</param>
    /// <param name="creates">Whether it may be made.</param>
    /// <param name="isExclusive">Whether it must be made.</param>
    /// <param name="mode">Mode of a new one.</param>
    /// <param name="attributes">Attributes of a new one; null for the usual ones.</param>
    /// <param name="opened">The queue.</param>
    public Errno Open(
        LinuxThread thread, ReadOnlySpan<byte> name, uint wanted, bool creates, bool isExclusive, uint mode,
        QueueAttributes? attributes, out PosixQueue? opened)
    {
        string key = Encoding.Latin1.GetString(name);
        using (Lock.Enter())
        {
            if (_queues.TryGetValue(key, out opened))
            {
                if (creates && isExclusive)
                    return Errno.EEXIST;
                if (!Allows(thread, opened, wanted))
                    return Errno.EACCES;
                opened.Users++;
                return Errno.Success;
            }

            if (!creates)
                return Errno.ENOENT;
            QueueAttributes given = attributes ?? new QueueAttributes { MostMessages = UsualMessages, MessageSize = UsualSize };
            Errno error = Charge(thread, given);
            if (error != Errno.Success)
                return error;
            opened = new PosixQueue(this, thread, mode, given, thread.KernelMemory) { Users = 2 };
            _queues.Add(key, opened);
            return Errno.Success;
        }
    }

    /// <summary>mq_unlink(3).</summary>
    public Errno Unlink(LinuxThread thread, ReadOnlySpan<byte> name)
    {
        string key = Encoding.Latin1.GetString(name);
        PosixQueue? queue;
        using (Lock.Enter())
        {
            if (!_queues.TryGetValue(key, out queue))
                return Errno.ENOENT;

            // The directory of queues is sticky and root's.
            if (thread.Identity.FileUserId != queue.UserId && !thread.Identity.Has(Capability.FileOwner))
                return Errno.EPERM;
            _queues.Remove(key);
        }

        Release(queue);
        return Errno.Success;
    }

    /// <summary>Ends a use; the last one's end gives all back.</summary>
    public void Release(PosixQueue queue)
    {
        using (Lock.Enter())
        {
            // Nobody is told for a process that has closed its descriptors.
            if (queue.Notification is { Process.IsExiting: true })
                queue.Notification = null;
            if (--queue.Users > 0)
                return;
            long left = _costs[queue.Owner] - queue.Cost;
            if (left == 0)
                _costs.Remove(queue.Owner);
            else
                _costs[queue.Owner] = left;
        }

        queue.Account.Give(queue.Cost);
    }

    /// <summary>Checks a new queue's attributes, and takes what it may come to (mqueue_get_inode of Linux).</summary>
    private Errno Charge(LinuxThread thread, in QueueAttributes given)
    {
        bool isPrivileged = thread.Identity.Has(Capability.SysResource);
        if (_queues.Count >= MostQueues && !isPrivileged)
            return Errno.ENOSPC;
        if (given.MostMessages <= 0 || given.MessageSize <= 0 ||
            given.MostMessages > (isPrivileged ? MostMessages : UsualMessages) || given.MessageSize > (isPrivileged ? MostSize : UsualSize))
            return Errno.EINVAL;
        long cost = PosixQueue.CostOf(given.MostMessages, given.MessageSize);
        uint user = thread.Process.UserId;
        long taken = _costs.GetValueOrDefault(user);
        if ((ulong)(taken + cost) > thread.Process.Limits[Processes.ResourceLimits.MessageQueue].Soft)
            return Errno.EMFILE;
        if (!thread.KernelMemory.TryTake(cost))
            return Errno.ENOMEM;
        _costs[user] = taken + cost;
        return Errno.Success;
    }

    private static bool Allows(LinuxThread thread, PosixQueue queue, uint wanted)
    {
        Identity.Identity identity = thread.Identity;
        uint granted = identity.FileUserId == queue.UserId ? queue.Mode >> 6 : identity.IsInGroup(queue.GroupId) ? queue.Mode >> 3 : queue.Mode;
        return (wanted & ~granted & 7) == 0 || identity.Has(Capability.OverrideAccess);
    }
}
