using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>What may be submitted to an instance and registered with it (IORING_REGISTER_RESTRICTIONS).</summary>
internal sealed class RingRestrictions
{
    private readonly HashSet<RingRegistration> _registrations = [];
    private readonly HashSet<RingOperation> _operations = [];
    private SubmissionFlags _allowed;
    private SubmissionFlags _required;

    /// <summary>Reads them.</summary>
    /// <returns>EINVAL, EFAULT.</returns>
    public static Errno Read(LinuxThread thread, UserAddress address, uint count, out RingRestrictions restrictions)
    {
        restrictions = new RingRestrictions();
        const uint most = 25 + (uint)RingOperation.IORING_OP_LAST + 2;
        if (address.IsNull || count > most)
            return Errno.EINVAL;
        for (uint i = 0; i < count; i++)
        {
            if (!thread.Memory.TryRead(address.Offset(i * (ulong)RingRestriction.Size), out RingRestriction item))
                return Errno.EFAULT;
            switch (item.Kind)
            {
                case 0 when item.Value <= (byte)RingRegistration.IORING_REGISTER_FILE_ALLOC_RANGE:
                    restrictions._registrations.Add((RingRegistration)item.Value);
                    break;
                case 1 when item.Value < (byte)RingOperation.IORING_OP_LAST:
                    restrictions._operations.Add((RingOperation)item.Value);
                    break;
                case 2:
                    restrictions._allowed = (SubmissionFlags)item.Value;
                    break;
                case 3:
                    restrictions._required = (SubmissionFlags)item.Value;
                    break;
                default:
                    return Errno.EINVAL;
            }
        }

        return Errno.Success;
    }

    /// <summary>Whether an operation may be submitted.</summary>
    public bool MayDo(RingOperation operation, SubmissionFlags flags) =>
        _operations.Contains(operation) && (flags & _required) == _required && (flags & ~(_allowed | _required)) == 0;

    /// <summary>Whether something may be registered.</summary>
    public bool MayRegister(RingRegistration operation) => _registrations.Contains(operation);
}
