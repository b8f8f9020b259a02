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

    /// <summary>The bare number.</summary>
    public int Number => (int)handle;

    /// <summary>A descriptor that somebody else owns, such as standard input.</summary>
    public static FileDescriptor Borrow(int descriptor) => new(descriptor, owns: false);

    /// <summary>Writes the path in /proc through which calls without a descriptor reach exactly this file, with a NUL.</summary>
    /// <param name="into">At least <see cref="PathLength"/> bytes.</param>
    public void WritePath(Span<byte> into)
    {
        "/proc/self/fd/"u8.CopyTo(into);
        Number.TryFormat(into["/proc/self/fd/"u8.Length..], out int digits);
        into["/proc/self/fd/"u8.Length + digits] = 0;
    }

    /// <summary>Bytes for <see cref="WritePath"/>.</summary>
    public const int PathLength = 32;

    /// <summary>
    /// The directory /proc/self/fd, opened once: opening a descriptor anew relative to it saves Linux the walk from the
    /// root, most of the cost.
    /// </summary>
    public static FileDescriptor Descriptors { get; } = OpenDescriptors();

    /// <summary>Writes the name of this descriptor in <see cref="Descriptors"/>, with a NUL.</summary>
    public void WriteName(Span<byte> into)
    {
        Number.TryFormat(into, out int digits);
        into[digits] = 0;
    }

    private static unsafe FileDescriptor OpenDescriptors()
    {
        fixed (byte* path = "/proc/self/fd\0"u8)
            return new FileDescriptor(Libc.Open(path, Constants.O_PATH | Constants.O_DIRECTORY | Constants.O_CLOEXEC, 0));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
