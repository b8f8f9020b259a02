using System;
using System.Buffers.Binary;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Signals;

/// <summary>
/// What a signalfd of a process reads. A read takes the reader's own signals, whoever made the file (signalfd(2)); only
/// poll can't tell who asks, and looks at the maker's.
/// </summary>
internal sealed class SignalSource(LinuxProcess process) : ISignalSource
{
    /// <inheritdoc/>
    public IWaitQueue SignalQueue => process.SignalEvents;

    /// <inheritdoc/>
    public IWaitQueue QueueOf(ICaller caller) => ((LinuxThread)caller).Process.SignalEvents;

    /// <inheritdoc/>
    public bool IsPending(ulong set)
    {
        using (process.SignalLock.Enter())
        {
            ulong pending = process.Pending.Mask;
            foreach (LinuxThread thread in process.SnapshotThreads())
                pending |= thread.Pending.Mask;
            return (pending & set) != 0;
        }
    }

    /// <inheritdoc/>
    public bool TryTake(ICaller caller, ulong set, Span<byte> information)
    {
        SignalInfo info;
        var reader = (LinuxThread)caller;
        using (reader.Process.SignalLock.Enter())
        {
            if (!LinuxProcess.TryTakePending(reader, set, out info))
                return false;
        }

        // struct signalfd_siginfo (signalfd(2)).
        information.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(information, info.Signal);
        BinaryPrimitives.WriteInt32LittleEndian(information[4..], info.Error);
        BinaryPrimitives.WriteInt32LittleEndian(information[8..], info.Code);
        if (info.Code == SignalInfo.FromTimer)
        {
            BinaryPrimitives.WriteInt32LittleEndian(information[24..], info.TimerId);
            BinaryPrimitives.WriteInt32LittleEndian(information[32..], info.Overrun);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(information[12..], info.ProcessId);
            BinaryPrimitives.WriteUInt32LittleEndian(information[16..], info.UserId);
        }

        if (info.Signal == Signal.Child && info.Code > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(information[40..], info.Status);
            BinaryPrimitives.WriteInt64LittleEndian(information[56..], info.UserTime);
            BinaryPrimitives.WriteInt64LittleEndian(information[64..], info.SystemTime);
        }
        else if (info.Code < 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(information[44..], (int)info.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(information[48..], info.Value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(information[72..], info.Address);
        }

        return true;
    }
}
