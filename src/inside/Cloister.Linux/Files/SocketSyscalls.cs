using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>socket(2), bind(2), connect(2), accept(2) and the other calls that don't move data.</summary>
public static class SocketSyscalls
{
    /// <summary>struct sockaddr_storage.</summary>
    internal const int AddressSize = 128;

    private const int LargestOption = 256;

    [Syscall(41, "socket", SyscallSupport.Partial, Note = "AF_UNIX, AF_INET, AF_INET6, AF_NETLINK (routes, sock_diag); other families give EAFNOSUPPORT.")]
    public static SyscallResult Socket(LinuxThread thread, AddressFamily family, SocketType type, int protocol)
    {
        Errno error = thread.Kernel.Vfs.CreateSocket(thread, family, type, protocol, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (type & SocketType.SOCK_CLOEXEC) != 0);
    }

    [Syscall(53, "socketpair")]
    public static SyscallResult SocketPair(LinuxThread thread, AddressFamily family, SocketType type, int protocol, UserAddress descriptors)
    {
        Errno error = thread.Kernel.Vfs.CreateSocketPair(thread, family, type, protocol, out IOpenFile? first, out IOpenFile? second);
        if (error != Errno.Success)
            return error;
        return PipeSyscalls.InstallPair(thread, first!, second!, descriptors, (type & SocketType.SOCK_CLOEXEC) != 0);
    }

    [Syscall(49, "bind")]
    public static SyscallResult Bind(LinuxThread thread, Fd fd, UserAddress address, int length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        Span<byte> bytes = stackalloc byte[AddressSize];
        if (error == Errno.Success)
            error = ReadAddress(thread, address, length, ref bytes);
        return error != Errno.Success ? error : socket!.Bind(thread, thread.Process.FileSystemContext, bytes);
    }

    [Syscall(42, "connect")]
    public static SyscallResult Connect(LinuxThread thread, Fd fd, UserAddress address, int length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        Span<byte> bytes = stackalloc byte[AddressSize];
        if (error == Errno.Success)
            error = ReadAddress(thread, address, length, ref bytes);
        return error != Errno.Success ? error : socket!.Connect(thread, thread.Process.FileSystemContext, bytes);
    }

    [Syscall(50, "listen")]
    public static SyscallResult Listen(LinuxThread thread, Fd fd, int backlog)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        return error != Errno.Success ? error : socket!.Listen(thread, backlog);
    }

    [Syscall(43, "accept")]
    public static SyscallResult Accept(LinuxThread thread, Fd fd, UserAddress address, UserAddress length) => Accept4(thread, fd, address, length, 0);

    [Syscall(288, "accept4")]
    public static SyscallResult Accept4(LinuxThread thread, Fd fd, UserAddress address, UserAddress length, SocketType flags)
    {
        if ((flags & ~(SocketType.SOCK_NONBLOCK | SocketType.SOCK_CLOEXEC)) != 0)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        error = OpenSyscalls.Reserve(thread, (flags & SocketType.SOCK_CLOEXEC) != 0, out int newFd);
        if (error != Errno.Success)
            return error;
        error = socket!.Accept(thread, (flags & SocketType.SOCK_NONBLOCK) != 0, out IOpenFile? accepted);
        if (error == Errno.Success && !address.IsNull)
        {
            Span<byte> name = stackalloc byte[AddressSize];
            error = ((ISocketFile)accepted!).GetAcceptedName(name, out int whole);
            if (error == Errno.Success)
                error = PutAddress(thread, name, whole, address, length);

            // A client that has already gone has no address, but was accepted.
            if (error == Errno.ENOTCONN)
                error = Errno.Success;
            if (error != Errno.Success)
                accepted!.Release();
        }

        if (error != Errno.Success)
        {
            thread.Process.Descriptors.Unreserve(newFd);
            return error;
        }

        thread.Process.Descriptors.Install(newFd, accepted!);
        return newFd;
    }

    [Syscall(51, "getsockname")]
    public static SyscallResult GetSockName(LinuxThread thread, Fd fd, UserAddress address, UserAddress length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        return error != Errno.Success ? error : PutName(thread, socket!, false, address, length);
    }

    [Syscall(52, "getpeername")]
    public static SyscallResult GetPeerName(LinuxThread thread, Fd fd, UserAddress address, UserAddress length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        return error != Errno.Success ? error : PutName(thread, socket!, true, address, length);
    }

    [Syscall(48, "shutdown")]
    public static SyscallResult Shutdown(LinuxThread thread, Fd fd, int how)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        return error != Errno.Success ? error : socket!.Shutdown(thread, how);
    }

    [Syscall(55, "getsockopt", SyscallSupport.Partial, Note = "SOL_SOCKET, IP, IPv6, TCP, UDP; unknown options give ENOPROTOOPT.")]
    public static SyscallResult GetSockOpt(LinuxThread thread, Fd fd, int level, int name, UserAddress value, UserAddress length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        if (!thread.Memory.TryRead(length, out int room))
            return Errno.EFAULT;
        if (room < 0)
            return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[LargestOption];
        error = socket!.GetOption(level, name, bytes[..Math.Min(room, LargestOption)], out int stored);
        if (error != Errno.Success)
            return error;
        error = thread.Memory.CopyOut(value, bytes[..stored]);
        if (error != Errno.Success)
            return error;
        return thread.Memory.TryWrite(length, stored) ? 0 : Errno.EFAULT;
    }

    [Syscall(54, "setsockopt", SyscallSupport.Partial, Note = "SOL_SOCKET, IP, IPv6, TCP, UDP; unknown options give ENOPROTOOPT.")]
    public static SyscallResult SetSockOpt(LinuxThread thread, Fd fd, int level, int name, UserAddress value, int length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        if (length < 0)
            return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[LargestOption];
        bytes = bytes[..Math.Min(length, LargestOption)];
        error = thread.Memory.CopyIn(value, bytes);
        return error != Errno.Success ? error : socket!.SetOption(thread, level, name, bytes);
    }

    /// <summary>The socket of a descriptor: EBADF, ENOTSOCK.</summary>
    internal static Errno Find(IOpenFile? file, out ISocketFile? socket)
    {
        socket = file as ISocketFile;
        if (socket is not null)
            return Errno.Success;
        return file is null || (file.Flags & OpenFlags.O_PATH) != 0 ? Errno.EBADF : Errno.ENOTSOCK;
    }

    /// <summary>Copies an address in.</summary>
    internal static Errno ReadAddress(LinuxThread thread, UserAddress address, int length, ref Span<byte> bytes)
    {
        if (length is < 0 or > AddressSize)
            return Errno.EINVAL;
        bytes = bytes[..length];
        return thread.Memory.CopyIn(address, bytes);
    }

    /// <summary>Gives the program an address: what fits, and the whole length.</summary>
    internal static Errno PutAddress(LinuxThread thread, ReadOnlySpan<byte> bytes, int whole, UserAddress address, UserAddress length)
    {
        if (!thread.Memory.TryRead(length, out int room))
            return Errno.EFAULT;
        if (room < 0)
            return Errno.EINVAL;
        Errno error = thread.Memory.CopyOut(address, bytes[..Math.Min(room, Math.Min(whole, bytes.Length))]);
        if (error != Errno.Success)
            return error;
        return thread.Memory.TryWrite(length, whole) ? Errno.Success : Errno.EFAULT;
    }

    /// <summary>Gives the program the name of a socket, or of its peer.</summary>
    internal static Errno PutName(LinuxThread thread, ISocketFile socket, bool isPeer, UserAddress address, UserAddress length)
    {
        Span<byte> bytes = stackalloc byte[AddressSize];
        Errno error = socket.GetName(isPeer, bytes, out int whole);
        return error != Errno.Success ? error : PutAddress(thread, bytes, whole, address, length);
    }
}
