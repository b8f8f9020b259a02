using System;

namespace Cloister.Host.Native;

/// <summary>A use of a descriptor, which stays open until the use ends.</summary>
internal readonly ref struct HeldDescriptor(FileDescriptor file, int number)
{
    /// <summary>Bytes for <see cref="WritePath"/>.</summary>
    public const int PathLength = 32;

    /// <summary>For calls that take a descriptor.</summary>
    public FileDescriptor File { get; } = file;

    /// <summary>The bare number, for calls that take nothing else.</summary>
    public int Number { get; } = number;

    /// <summary>Writes the path in /proc through which calls without a descriptor reach exactly this file, with a NUL.</summary>
    /// <param name="into">At least <see cref="PathLength"/> bytes.</param>
    public void WritePath(Span<byte> into)
    {
        ReadOnlySpan<byte> folder = "/proc/self/fd/"u8;
        folder.CopyTo(into);
        WriteName(into[folder.Length..]);
    }

    /// <summary>Writes the name of this descriptor in <see cref="FileDescriptor.Descriptors"/>, with a NUL.</summary>
    public void WriteName(Span<byte> into)
    {
        Number.TryFormat(into, out int digits);
        into[digits] = 0;
    }

    /// <summary>Leaves the hold to somebody else, who releases it with DangerousRelease.</summary>
    public int Detach(out FileDescriptor file)
    {
        file = File;
        return Number;
    }

    /// <summary>Ends the use. Not after <see cref="Detach"/>.</summary>
    public void Dispose() => File?.DangerousRelease();
}
