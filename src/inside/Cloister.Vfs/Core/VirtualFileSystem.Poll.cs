using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;
using Cloister.Vfs.Events;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    private PollWatcher? _freeWatcher;

    /// <summary>Guards the registrations of all epoll instances: instances and files each have lists of them.</summary>
    internal KernelLock RegistrationLock { get; } = new(LockLevel.EpollRegistrations);

    /// <summary>Walks over nested instances so far: marks which ones a walk has seen. With the registration lock held.</summary>
    internal long EventPollWalks { get; set; }

    /// <inheritdoc/>
    public SyscallResult Poll(ICaller caller, IDescriptorTable table, Span<PollDescriptor> descriptors, long deadline)
    {
        if (deadline == 0)
            return Scan(table, descriptors, null);
        PollWatcher watcher = Interlocked.Exchange(ref _freeWatcher, null) ?? new PollWatcher();
        watcher.Begin(caller, table.Users > 1);
        try
        {
            // Watch with the first look; later looks find the thread enlisted.
            int ready = Scan(table, descriptors, watcher);
            while (ready == 0)
            {
                WaitOutcome outcome = caller.Sleep(deadline);
                if (outcome == WaitOutcome.Interrupted)
                    return Errno.ERESTARTNOHAND;
                ready = Scan(table, descriptors, null);
                if (outcome == WaitOutcome.TimedOut)
                    break;
            }

            return ready;
        }
        finally
        {
            caller.StopWatching();
            watcher.End();
            Volatile.Write(ref _freeWatcher, watcher);
        }
    }

    private static int Scan(IDescriptorTable table, Span<PollDescriptor> descriptors, PollWatcher? watcher)
    {
        int ready = 0;
        for (int i = 0; i < descriptors.Length; i++)
        {
            ref PollDescriptor descriptor = ref descriptors[i];
            descriptor.ReturnedEvents = 0;
            if (descriptor.Fd < 0)
                continue;
            using BorrowedFile borrowed = table.Borrow(descriptor.Fd);
            PollEvents events = PollEvents.Invalid;
            if (borrowed.File is { } file)
            {
                // Once something is ready there will be no sleep: no need to watch more queues.
                PollWatcher? watching = ready == 0 ? watcher : null;
                PollEvents wanted = (PollEvents)(ushort)descriptor.Events | PollEvents.Error | PollEvents.HangUp | PollEvents.Invalid;
                if (watching is not null)
                {
                    watching.Hold((OpenFile)file);
                    watching.Wanted = wanted;
                }

                events = file.Poll(watching) & wanted;
            }

            if (events == PollEvents.None)
                continue;
            descriptor.ReturnedEvents = (short)events;
            ready++;
        }

        return ready;
    }
}
