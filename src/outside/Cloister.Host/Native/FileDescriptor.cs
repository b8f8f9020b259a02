using System;
using System.Runtime.InteropServices;

namespace Cloister.Host.Native;

/// <summary>
/// An open file descriptor. Counted while a call uses it: a request that closes a file can't make another request, on
/// another thread, work on whatever file gets the number next.
/// </summary>
internal sealed class FileDescriptor : SafeHandle
{
    /// <summary>Takes a descriptor over.</summary>
    public FileDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    private FileDescriptor(int descriptor, bool owns)
        : base(-1, owns) => SetHandle(descriptor);

    /// <summary>The working directory (AT_FDCWD), for calls with absolute paths.</summary>
    public static FileDescriptor WorkingDirectory { get; } = new(Constants.AT_FDCWD, owns: false);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>Whether it was opened for reading, not only to name the file (O_PATH).</summary>
    public bool CanRead { get; init; }

    /// <summary>Whether it was opened for writing, at any offset.</summary>
    public bool CanWrite { get; init; }

    /// <summary>A descriptor that somebody else owns, such as standard input.</summary>
    public static FileDescriptor Borrow(int descriptor) => new(descriptor, owns: false);

    /// <summary>
    /// Keeps the descriptor open until the result is disposed of. The bare number, and the path in /proc that is made of it, are
    /// only to be had in this way: without a hold they are whatever file gets the number next.
    /// </summary>
    /// <returns>False where it has been closed.</returns>
    public bool TryHold(out HeldDescriptor held)
    {
        bool added = false;
        try
        {
            DangerousAddRef(ref added);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: the caller opens it again, or says so.
        }

        held = added ? new HeldDescriptor(this, (int)handle) : default;
        return added;
    }

    /// <summary>
    /// The directory /proc/self/fd, opened once: opening a descriptor anew relative to it saves Linux the walk from the
    /// root, most of the cost.
    /// </summary>
    public static FileDescriptor Descriptors { get; } = OpenDescriptors();

    private static unsafe FileDescriptor OpenDescriptors()
    {
        fixed (byte* path = "/proc/self/fd\0"u8)
            return new FileDescriptor(Libc.Open(path, Constants.O_PATH | Constants.O_DIRECTORY | Constants.O_CLOEXEC, 0));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
