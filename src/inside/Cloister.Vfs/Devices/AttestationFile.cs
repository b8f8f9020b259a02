using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Devices;

/// <summary>
/// /dev/attestation, where the platform has a root of trust: who has written up to 64 bytes reads a report of this enclave that holds them. Each
/// write begins a new report; without one it holds none.
/// </summary>
internal sealed class AttestationFile(IRootOfTrust root) : MemoryDeviceFile
{
    private readonly KernelLock _lock = new(LockLevel.Devices);
    private readonly byte[] _data = new byte[IRootOfTrust.MostData];
    private int _length;
    private byte[]? _report;
    private int _position;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (!CanWrite)
            return Errno.EBADF;
        if (buffer.Remaining > IRootOfTrust.MostData)
            return Errno.EMSGSIZE;
        Span<byte> data = stackalloc byte[(int)buffer.Remaining];
        if (buffer.Fetch(data) < data.Length)
            return Errno.EFAULT;
        using (_lock.Enter())
        {
            data.CopyTo(_data);
            _length = data.Length;
            _report = null;
        }

        return data.Length;
    }

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (!CanRead)
            return Errno.EBADF;
        ReadOnlySpan<byte> part;
        using (_lock.Enter())
        {
            if (_report is null && !TryMake())
                return Errno.EIO;
            part = _report.AsSpan(_position);
            part = part[..(int)Math.Min(part.Length, buffer.Remaining)];
            _position += part.Length;
        }

        int stored = buffer.Store(part);
        return stored < part.Length && stored == 0 ? Errno.EFAULT : stored;
    }

    private bool TryMake()
    {
        byte[] report = new byte[root.ReportSize];
        if (!root.TryReport(_data.AsSpan(0, _length), report))
            return false;
        _report = report;
        _position = 0;
        return true;
    }
}
