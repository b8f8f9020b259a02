using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Abi;

[assembly: DisableRuntimeMarshalling]

namespace Cloister.Fuse;

/// <summary>The calls of the C library that mounting and serving need.</summary>
internal static unsafe partial class Native
{
    public const int ReadWrite = 2;
    public const int CloseOnExec = 0x80000;

    private const string Library = "libc";

    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* into, nint length);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* from, nint length);

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true)]
    public static partial int Mount(byte* source, byte* target, byte* type, nuint flags, byte* options);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true)]
    public static partial int Unmount(byte* target, int flags);
}
