using System;
using Cloister.Contracts;

namespace Cloister.Vfs.Core;

/// <summary>The kernel itself as the caller, before there are programs: may everything, never waits.</summary>
internal sealed class KernelCaller(VfsServices services) : ICaller
{
    public int ProcessId => 0;

    public int ThreadId => 0;

    public Credentials Credentials => new(0, 0, ulong.MaxValue);

    public long FileSizeLimit => long.MaxValue;

    public IKernelMemory KernelMemory => services.Memory;

    public long MonotonicNow => services.Clock.MonotonicNanoseconds;

    public long RealtimeNow => services.Clock.RealtimeNanoseconds;

    public bool IsInGroup(uint group) => group == 0;

    public void Watch(IWaitQueue queue, bool exclusive = false) => throw new NotSupportedException("The kernel doesn't wait for files.");

    public void StopWatching()
    {
    }

    public WaitOutcome Sleep(long deadline) => throw new NotSupportedException("The kernel doesn't wait for files.");

    public void RaiseSignal(int signal)
    {
    }
}
