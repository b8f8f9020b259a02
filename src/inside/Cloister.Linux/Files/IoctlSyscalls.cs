using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>ioctl(2).</summary>
public static class IoctlSyscalls
{
    private const int LargestStructure = 64;

    // struct ifreq.
    private const int InterfaceRequestSize = 40;

    [Syscall(16, "ioctl", SyscallSupport.Partial, Note = "Terminals, sockets, pipes and the calls for every file; others give ENOTTY.")]
    public static SyscallResult IoCtl(LinuxThread thread, Fd fd, uint request, ulong argument)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file || (file.Flags & OpenFlags.O_PATH) != 0)
            return Errno.EBADF;
        switch (request)
        {
            case Ioctls.FIOCLEX:
                return thread.Process.Descriptors.SetCloseOnExec(fd.Value, true);
            case Ioctls.FIONCLEX:
                return thread.Process.Descriptors.SetCloseOnExec(fd.Value, false);
            case Ioctls.TIOCGPTPEER:
                return OpenPeer(thread, file, argument);
            case Ioctls.TCGETA:
                return TerminalIo.Get(thread, file, new UserAddress(argument));
            case Ioctls.TCSETA or Ioctls.TCSETAW or Ioctls.TCSETAF:
                return TerminalIo.Set(thread, file, request, new UserAddress(argument));
            case Ioctls.SIOCGIFCONF when file is ISocketFile:
                return ListInterfaces(thread, file, new UserAddress(argument));
        }

        (int input, int output) = SizesOf(request);
        Span<byte> data = stackalloc byte[LargestStructure];
        data = data[..Math.Max(input, output)];
        if (input > 0)
        {
            Errno error = thread.Memory.CopyIn(new UserAddress(argument), data[..input]);
            if (error != Errno.Success)
                return error;
        }

        SyscallResult result = file.Control(thread, request, argument, data);
        if (result.IsError || output == 0)
            return result;
        Errno stored = thread.Memory.CopyOut(new UserAddress(argument), data[..output]);
        return stored != Errno.Success ? stored : result;
    }

    /// <summary>SIOCGIFCONF: struct ifconf, a length and the address of a buffer; without one only the length is asked for (netdevice(7)).</summary>
    private static SyscallResult ListInterfaces(LinuxThread thread, IOpenFile file, UserAddress argument)
    {
        const int mostBytes = 4096;
        if (!thread.Memory.TryRead(argument, out int length) || !thread.Memory.TryRead(argument.Offset(sizeof(ulong)), out ulong buffer))
            return Errno.EFAULT;
        if (length < 0)
            return Errno.EINVAL;
        Span<byte> data = stackalloc byte[mostBytes];
        SyscallResult result = file.Control(thread, Ioctls.SIOCGIFCONF, 0, buffer == 0 ? default : data[..Math.Min(length, mostBytes)]);
        if (result.IsError)
            return result;
        if (buffer != 0 && thread.Memory.CopyOut(new UserAddress(buffer), data[..(int)result.Value]) != Errno.Success)
            return Errno.EFAULT;
        return thread.Memory.TryWrite(argument, (int)result.Value) ? 0 : Errno.EFAULT;
    }

    private static SyscallResult OpenPeer(LinuxThread thread, IOpenFile file, ulong flags)
    {
        if (file is not ITerminalMaster master)
            return Errno.ENOTTY;
        Errno error = master.OpenPeer(thread, (OpenFlags)(int)flags, out IOpenFile? peer);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, peer!, (flags & (ulong)OpenFlags.O_CLOEXEC) != 0);
    }

    /// <summary>Bytes that go in and come out by the argument's address; 0 where the argument is a number or unknown.</summary>
    private static (int Input, int Output) SizesOf(uint request) => request switch
    {
        Ioctls.TCGETS => (0, Termios.Size),
        Ioctls.TCSETS or Ioctls.TCSETSW or Ioctls.TCSETSF => (Termios.Size, 0),
        Ioctls.TCGETS2 => (0, Termios.LongSize),
        Ioctls.TCSETS2 or Ioctls.TCSETSW2 or Ioctls.TCSETSF2 => (Termios.LongSize, 0),
        Ioctls.TIOCGWINSZ => (0, WindowSize.Size),
        Ioctls.TIOCSWINSZ => (WindowSize.Size, 0),
        Ioctls.FIOQSIZE => (0, sizeof(long)),
        Ioctls.SIOCGSTAMP or Ioctls.SIOCGSTAMPNS => (0, 2 * sizeof(long)),
        Ioctls.FIONBIO or Ioctls.FIOASYNC or Ioctls.TIOCSPGRP or Ioctls.TIOCSPTLCK or Ioctls.TIOCPKT or Ioctls.FIOSETOWN or Ioctls.SIOCSPGRP => (sizeof(int), 0),
        Ioctls.TIOCSTI => (1, 0),
        Ioctls.FIONREAD or Ioctls.TIOCOUTQ or Ioctls.TIOCGPGRP or Ioctls.TIOCGSID or Ioctls.TIOCGPTN or Ioctls.TIOCGPTLCK or Ioctls.TIOCGPKT or Ioctls.TIOCGEXCL
            or Ioctls.RNDGETENTCNT or Ioctls.SIOCATMARK or Ioctls.FIOGETOWN or Ioctls.SIOCGPGRP => (0, sizeof(int)),
        Ioctls.SIOCGIFNAME or Ioctls.SIOCGIFFLAGS or Ioctls.SIOCGIFMETRIC or Ioctls.SIOCGIFMTU or Ioctls.SIOCGIFHWADDR or Ioctls.SIOCGIFSLAVE
            or Ioctls.SIOCGIFINDEX or Ioctls.SIOCGIFTXQLEN or Ioctls.SIOCGIFMAP or Ioctls.SIOCETHTOOL or Ioctls.SIOCGIFADDR or Ioctls.SIOCGIFDSTADDR
            or Ioctls.SIOCGIFBRDADDR or Ioctls.SIOCGIFNETMASK => (InterfaceRequestSize, InterfaceRequestSize),
        _ => (0, 0),
    };
}
