using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>The descriptor of a POSIX message queue: messages come by calls of its own, a read tells of the queue.</summary>
internal sealed class MessageQueueFile(IMessageQueue queue) : OpenFile, IMessageQueueFile
{
    private int _position;

    public IMessageQueue Queue => queue;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        var text = new ByteWriter();
        queue.Describe(text);
        if (_position >= text.Length)
            return 0;
        int done = buffer.Store(text.Written[_position..]);
        _position += done;
        return done > 0 || buffer.Remaining == 0 ? done : Errno.EFAULT;
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(queue.Events);
        return queue.Poll();
    }

    protected override void OnClosed() => queue.OnClosed();
}
