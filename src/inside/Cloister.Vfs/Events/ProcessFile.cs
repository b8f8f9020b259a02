using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>A process descriptor (pidfd_open(2)): readable once the process has ended.</summary>
internal sealed class ProcessFile(IProcessHandle process) : OpenFile, IProcessFile
{
    public IProcessHandle Process => process;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(process.EndQueue);
        if (!process.HasEnded)
            return PollEvents.None;
        PollEvents events = PollEvents.In | PollEvents.ReadNormal;
        return process.ProcessId < 0 ? events | PollEvents.HangUp : events;
    }

    public override void DescribeDetails(ByteWriter writer)
    {
        writer.Write("Pid:\t"u8).Number(process.ProcessId).Write("\nNSpid:\t"u8).Number(process.ProcessId).Write('\n');
    }
}
