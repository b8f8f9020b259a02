using System;
using Cloister.Abi;

namespace Cloister.Storage;

/// <summary>
/// The volume can't serve what was asked of it: the host failed, or what it returned isn't what was stored. Thrown where it is
/// found, deep in the index, and made an <see cref="Errno"/> where the file store is entered.
/// </summary>
public sealed class VolumeException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="error">What callers get.</param>
    /// <param name="message">Which object, and what is wrong with it.</param>
    /// <param name="cause">Where it wasn't the host's doing.</param>
    public VolumeException(Errno error, string message, Exception? cause = null)
        : base(message, cause) => Error = error;

    /// <summary>EIO, EBADMSG where a tag doesn't fit, ENOSPC, EKEYREJECTED, ESTALE for an old volume.</summary>
    public Errno Error { get; }
}
