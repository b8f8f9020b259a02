using System.Runtime.InteropServices;
using Cloister.Abi;

namespace Cloister.Host.Native;

/// <summary>The error of the last call of the C library on this thread.</summary>
internal static class Failure
{
    /// <summary>The error, of those that the enclave expects.</summary>
    public static Errno Last
    {
        get
        {
            var error = (Errno)Marshal.GetLastPInvokeError();
            // To a program, a call that the host's kernel or file system lacks is one that this file doesn't support.
            return error == Errno.ENOSYS ? Errno.EOPNOTSUPP : error;
        }
    }

    /// <summary>Whether a signal interrupted the last call: it has to be repeated.</summary>
    public static bool WasInterrupted => Marshal.GetLastPInvokeError() == (int)Errno.EINTR;

    /// <summary>Success for a result that isn't negative, else the error.</summary>
    public static Errno From(long result) => result >= 0 ? Errno.Success : Last;
}
