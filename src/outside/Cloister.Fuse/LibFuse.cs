using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Cloister.Fuse;

/// <summary>The low-level interface of libfuse 3 (fuse_lowlevel.h), as far as it is used here.</summary>
internal static unsafe partial class LibFuse
{
    private const string Library = "libfuse3.so.3";

    /// <summary>Number of function pointers in <c>struct fuse_lowlevel_ops</c> of version 3.12, whose size a session is told.</summary>
    public const int OperationCount = 44;

    [LibraryImport(Library, EntryPoint = "fuse_session_new")]
    public static partial nint NewSession(Arguments* arguments, nint* operations, nint operationsSize, nint userData);

    [LibraryImport(Library, EntryPoint = "fuse_session_mount")]
    public static partial int Mount(nint session, byte* path);

    [LibraryImport(Library, EntryPoint = "fuse_session_loop_mt_312")]
    public static partial int Loop(nint session, nint configuration);

    [LibraryImport(Library, EntryPoint = "fuse_session_exit")]
    public static partial void Exit(nint session);

    [LibraryImport(Library, EntryPoint = "fuse_session_unmount")]
    public static partial void Unmount(nint session);

    [LibraryImport(Library, EntryPoint = "fuse_session_destroy")]
    public static partial void Destroy(nint session);

    [LibraryImport(Library, EntryPoint = "fuse_req_userdata")]
    public static partial nint GetUserData(nint request);

    [LibraryImport(Library, EntryPoint = "fuse_req_ctx")]
    public static partial RequestContext* GetContext(nint request);

    [LibraryImport(Library, EntryPoint = "fuse_reply_err")]
    public static partial int ReplyError(nint request, int error);

    [LibraryImport(Library, EntryPoint = "fuse_reply_none")]
    public static partial void ReplyNone(nint request);

    [LibraryImport(Library, EntryPoint = "fuse_reply_entry")]
    public static partial int ReplyEntry(nint request, Entry* entry);

    [LibraryImport(Library, EntryPoint = "fuse_reply_create")]
    public static partial int ReplyCreate(nint request, Entry* entry, FileInformation* file);

    [LibraryImport(Library, EntryPoint = "fuse_reply_attr")]
    public static partial int ReplyAttributes(nint request, Stat* attributes, double timeout);

    [LibraryImport(Library, EntryPoint = "fuse_reply_readlink")]
    public static partial int ReplyReadLink(nint request, byte* target);

    [LibraryImport(Library, EntryPoint = "fuse_reply_open")]
    public static partial int ReplyOpen(nint request, FileInformation* file);

    [LibraryImport(Library, EntryPoint = "fuse_reply_write")]
    public static partial int ReplyWrite(nint request, nint count);

    [LibraryImport(Library, EntryPoint = "fuse_reply_buf")]
    public static partial int ReplyBuffer(nint request, byte* bytes, nint length);

    [LibraryImport(Library, EntryPoint = "fuse_reply_statfs")]
    public static partial int ReplyFileSystem(nint request, StatVfs* status);

    [LibraryImport(Library, EntryPoint = "fuse_reply_xattr")]
    public static partial int ReplyAttributeLength(nint request, nint length);

    [LibraryImport(Library, EntryPoint = "fuse_reply_lseek")]
    public static partial int ReplySeek(nint request, long offset);

    [LibraryImport(Library, EntryPoint = "fuse_add_direntry")]
    public static partial nint AddEntry(nint request, byte* buffer, nint size, byte* name, Stat* attributes, long offset);

    /// <summary><c>struct fuse_args</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Arguments
    {
        public int Count;
        public byte** Values;
        public int IsAllocated;
    }

    /// <summary><c>struct fuse_ctx</c>: who asks.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RequestContext
    {
        public uint UserId;
        public uint GroupId;
        public int ProcessId;
        public uint Umask;
    }

    /// <summary><c>struct fuse_file_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    public struct FileInformation
    {
        /// <summary>Bit of <see cref="Bits"/>: what the kernel has cached of the file stays good.</summary>
        public const uint KeepCache = 4;

        public int Flags;
        public uint Bits;
    }

    /// <summary><c>struct stat</c> of x86-64.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    public struct Stat
    {
        public ulong Device;
        public ulong Inode;
        public ulong LinkCount;
        public uint Mode;
        public uint UserId;
        public uint GroupId;
        public uint Padding;
        public ulong RawDevice;
        public long Size;
        public long BlockSize;
        public long Blocks;
        public long AccessSeconds;
        public long AccessNanoseconds;
        public long ModificationSeconds;
        public long ModificationNanoseconds;
        public long ChangeSeconds;
        public long ChangeNanoseconds;
    }

    /// <summary><c>struct fuse_entry_param</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public ulong Inode;
        public ulong Generation;
        public Stat Attributes;
        public double AttributesTimeout;
        public double EntryTimeout;
    }

    /// <summary><c>struct statvfs</c>.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 112)]
    public struct StatVfs
    {
        public ulong BlockSize;
        public ulong FragmentSize;
        public ulong Blocks;
        public ulong BlocksFree;
        public ulong BlocksAvailable;
        public ulong Files;
        public ulong FilesFree;
        public ulong FilesAvailable;
        public ulong Id;
        public ulong Flags;
        public ulong NameMax;
    }
}
