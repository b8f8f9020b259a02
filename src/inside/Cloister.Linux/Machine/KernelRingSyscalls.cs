using System;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>syslog(2): the kernel's ring buffer. Our log goes to the launcher; what programs find is the line of the start.</summary>
internal static class KernelRingSyscalls
{
    private const int Close = 0;
    private const int Open = 1;
    private const int Read = 2;
    private const int ReadAll = 3;
    private const int ReadAndClear = 4;
    private const int Clear = 5;
    private const int ConsoleOff = 6;
    private const int ConsoleOn = 7;
    private const int ConsoleLevel = 8;
    private const int UnreadSize = 9;
    private const int BufferSize = 10;

    private static ReadOnlySpan<byte> Prefix => "<5>[    0.000000] Linux version "u8;

    [Syscall(103, "syslog", SyscallSupport.Partial, Note = "The buffer holds one line; the console is the launcher's.")]
    public static SyscallResult Syslog(LinuxThread thread, int type, UserAddress buffer, int length)
    {
        bool isOpen = type is ReadAll or BufferSize; // dmesg_restrict is 0
        Identity.Identity identity = thread.Identity;
        if (!isOpen && !identity.Has(Capability.Syslog) && !identity.Has(Capability.SysAdmin))
            return Errno.EPERM;
        byte[] line = [.. Prefix, .. System.Text.Encoding.ASCII.GetBytes($"{SystemSyscalls.Release} {SystemSyscalls.Version}\n")];
        switch (type)
        {
            case Close or Open or Clear or ConsoleOff or ConsoleOn:
                return 0;
            case Read or ReadAll or ReadAndClear:
                if (buffer.IsNull || length < 0)
                    return Errno.EINVAL;
                // The newest whole lines that fit; ours is one.
                if (length < line.Length)
                    return 0;
                return SyscallResult.From(thread.Memory.CopyOut(buffer, line), line.Length);
            case ConsoleLevel:
                return length is < 1 or > 8 ? Errno.EINVAL : 0;
            case UnreadSize:
                return line.Length;
            case BufferSize:
                return 1 << 17;
            default:
                return Errno.EINVAL;
        }
    }
}
