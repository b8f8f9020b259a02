using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>The descriptor of an io_uring instance: it can be polled and mapped, the rest are calls of its own.</summary>
internal sealed class RingFile(IRing ring) : OpenFile, IRingFile
{
    public IRing Ring => ring;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(ring.Events);
        return ring.Poll();
    }

    // Each of its areas has an end of its own.
    public override long Length => 1L << 48;

    protected override void OnClosed() => ring.OnClosed();
}
