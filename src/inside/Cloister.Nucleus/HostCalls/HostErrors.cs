using Cloister.Abi;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>The error numbers that each request may fail with; everything else becomes EIO.</summary>
/// <remarks>
/// Programs act on error numbers: EAGAIN from a file, EINTR or one of the kernel's restart codes would send them, or
/// our own kernel, down paths that a read of a file never takes.
/// </remarks>
internal static class HostErrors
{
    /// <summary>The error that the kernel goes on with.</summary>
    public static Errno Check(HostOperation operation, Untrusted<int> error)
    {
        const int last = (int)Errno.EHWPOISON;
        if (!error.TryGet(0, last, out int number))
            return Errno.EIO;
        return number == 0 || IsKnown(operation, (Errno)number) ? (Errno)number : Errno.EIO;
    }

    private static bool IsKnown(HostOperation operation, Errno error) =>
        operation >= HostOperation.SocketOpen ? IsKnownOfSocket(operation, error) : IsKnownOfFile(operation, error);

    // What the network does to a socket is reported by whichever call comes next.
    private static bool IsKnownOfSocket(HostOperation operation, Errno error) => error switch
    {
        Errno.EPERM or Errno.EACCES or Errno.EBADF or Errno.EINVAL or Errno.ENOMEM or Errno.ENOBUFS or Errno.EOPNOTSUPP or Errno.EMFILE or Errno.ENFILE
            or Errno.ECONNRESET or Errno.ECONNREFUSED or Errno.ECONNABORTED or Errno.ETIMEDOUT or Errno.EHOSTUNREACH or Errno.ENETUNREACH
            or Errno.EHOSTDOWN or Errno.ENETDOWN or Errno.ENONET or Errno.ENETRESET or Errno.EPROTO or Errno.ENOTCONN or Errno.EIO => true,
        Errno.EADDRINUSE or Errno.EADDRNOTAVAIL => operation is HostOperation.SocketOpen or HostOperation.SocketBind or HostOperation.SocketConnect
            or HostOperation.SocketListen or HostOperation.SocketSend or HostOperation.SocketSetOption,
        Errno.EAFNOSUPPORT or Errno.EPROTONOSUPPORT => operation is HostOperation.SocketOpen or HostOperation.SocketBind or HostOperation.SocketConnect
            or HostOperation.SocketSend,
        Errno.EAGAIN => operation is HostOperation.SocketConnect or HostOperation.SocketAccept or HostOperation.SocketSend or HostOperation.SocketReceive,
        Errno.EINPROGRESS or Errno.EALREADY or Errno.EISCONN => operation is HostOperation.SocketConnect or HostOperation.SocketSend,
        Errno.EPIPE or Errno.EMSGSIZE or Errno.EDESTADDRREQ => operation is HostOperation.SocketSend or HostOperation.SocketReceive,
        Errno.ENOPROTOOPT or Errno.EDOM or Errno.ENODEV or Errno.ENOENT or Errno.EBUSY =>
            operation is HostOperation.SocketSetOption or HostOperation.SocketGetOption or HostOperation.SocketBind,
        _ => false,
    };

    private static bool IsKnownOfFile(HostOperation operation, Errno error) => error switch
    {
        Errno.EIO or Errno.ENOMEM or Errno.EPERM or Errno.EACCES or Errno.EBADF or Errno.EINVAL or Errno.EOPNOTSUPP
            or Errno.ENFILE or Errno.EMFILE or Errno.ESTALE or Errno.EOVERFLOW or Errno.ETIMEDOUT or Errno.ENODEV => true,
        Errno.ENXIO => operation is HostOperation.Root or HostOperation.Allocate or HostOperation.Read or HostOperation.Write,
        Errno.ENOENT or Errno.ENOTDIR or Errno.ENAMETOOLONG or Errno.ELOOP =>
            TakesName(operation) || operation is HostOperation.ReadDirectory or HostOperation.ReadLink or HostOperation.Root,
        Errno.EEXIST => Creates(operation) || operation is HostOperation.HardLink or HostOperation.Rename or HostOperation.SetExtendedAttribute,
        Errno.ENOTEMPTY or Errno.EBUSY => operation is HostOperation.RemoveDirectory or HostOperation.Rename or HostOperation.Unlink
            or HostOperation.Lookup or HostOperation.Allocate or HostOperation.SetExtendedAttribute,
        Errno.EISDIR => operation is HostOperation.Read or HostOperation.Write or HostOperation.Truncate or HostOperation.Unlink
            or HostOperation.Rename or HostOperation.Allocate,
        Errno.EXDEV => operation is HostOperation.HardLink or HostOperation.Rename or HostOperation.Lookup,
        Errno.EMLINK => operation is HostOperation.HardLink or HostOperation.Rename or HostOperation.MakeDirectory,
        Errno.EROFS or Errno.ENOSPC or Errno.EDQUOT => Changes(operation) || operation is HostOperation.ConsoleWrite or HostOperation.ConsoleTruncate,
        Errno.EFBIG or Errno.ETXTBSY => operation is HostOperation.Write or HostOperation.Truncate or HostOperation.Allocate
            or HostOperation.ConsoleWrite or HostOperation.ConsoleTruncate,
        Errno.ENODATA => operation is HostOperation.GetExtendedAttribute or HostOperation.RemoveExtendedAttribute or HostOperation.SetExtendedAttribute,
        Errno.ERANGE => operation is HostOperation.GetExtendedAttribute or HostOperation.ListExtendedAttributes
            or HostOperation.SetExtendedAttribute or HostOperation.RemoveExtendedAttribute or HostOperation.ReadLink,
        Errno.E2BIG => operation is HostOperation.ListExtendedAttributes or HostOperation.GetExtendedAttribute or HostOperation.SetExtendedAttribute,
        Errno.EAGAIN => operation is HostOperation.ConsoleRead or HostOperation.ConsoleWrite,
        Errno.EPIPE or Errno.ECONNRESET => operation is HostOperation.ConsoleRead or HostOperation.ConsoleWrite,
        Errno.ESPIPE => operation is HostOperation.ConsoleSeek,
        Errno.ENOTTY => operation is HostOperation.ConsoleGetTermios or HostOperation.ConsoleSetTermios or HostOperation.ConsoleFlush
            or HostOperation.ConsoleGetWindowSize or HostOperation.ConsoleSetWindowSize or HostOperation.ConsoleReadable,
        _ => false,
    };

    private static bool Creates(HostOperation operation) =>
        operation is HostOperation.Create or HostOperation.MakeDirectory or HostOperation.MakeNode or HostOperation.SymbolicLink;

    private static bool TakesName(HostOperation operation) => Creates(operation)
        || operation is HostOperation.Lookup or HostOperation.HardLink or HostOperation.Unlink or HostOperation.RemoveDirectory or HostOperation.Rename;

    private static bool Changes(HostOperation operation) => Creates(operation)
        || operation is HostOperation.HardLink or HostOperation.Unlink or HostOperation.RemoveDirectory or HostOperation.Rename
            or HostOperation.Write or HostOperation.Truncate or HostOperation.Allocate or HostOperation.Synchronize or HostOperation.SetMode
            or HostOperation.SetOwner or HostOperation.SetTimes or HostOperation.SetExtendedAttribute or HostOperation.RemoveExtendedAttribute;
}
