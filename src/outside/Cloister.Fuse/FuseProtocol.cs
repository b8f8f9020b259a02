namespace Cloister.Fuse;

/// <summary>Requests of the kernel's FUSE protocol, as linux/fuse.h numbers them.</summary>
internal enum FuseOperation : uint
{
    Lookup = 1,
    Forget = 2,
    GetAttributes = 3,
    SetAttributes = 4,
    ReadLink = 5,
    SymbolicLink = 6,
    MakeNode = 8,
    MakeDirectory = 9,
    Unlink = 10,
    RemoveDirectory = 11,
    Rename = 12,
    Link = 13,
    Open = 14,
    Read = 15,
    Write = 16,
    StatFs = 17,
    Release = 18,
    Synchronize = 20,
    SetExtendedAttribute = 21,
    GetExtendedAttribute = 22,
    ListExtendedAttributes = 23,
    RemoveExtendedAttribute = 24,
    Flush = 25,
    Initialize = 26,
    OpenDirectory = 27,
    ReadDirectory = 28,
    ReleaseDirectory = 29,
    SynchronizeDirectory = 30,
    Create = 35,
    Interrupt = 36,
    Destroy = 38,
    BatchForget = 42,
    Allocate = 43,
    Rename2 = 45,
    Seek = 46,
    TemporaryFile = 51,
}

/// <summary>Sizes and flags of the protocol (linux/fuse.h).</summary>
internal static class FuseProtocol
{
    public const uint Major = 7;

    /// <summary>The newest minor version whose structures are used here; TMPFILE came with 37.</summary>
    public const uint Minor = 37;

    public const int InHeader = 40;
    public const int OutHeader = 16;
    public const int AttributesSize = 88;
    public const int EntrySize = 40 + AttributesSize;
    public const int OpenSize = 16;
    public const int InitializeSize = 64;

    public const uint AsyncRead = 1 << 0;
    public const uint AtomicTruncate = 1 << 3;
    public const uint BigWrites = 1 << 5;
    public const uint ParallelDirectories = 1 << 18;
    public const uint MaxPages = 1 << 22;

    /// <summary>FOPEN_KEEP_CACHE: nobody else changes the volume, so what the kernel has cached stays right.</summary>
    public const uint KeepCache = 1 << 1;

    /// <summary>Of open: the caller wants the file to be empty.</summary>
    public const uint OpenTruncate = 0x200;

    // FATTR_*.
    public const uint SetMode = 1 << 0;
    public const uint SetUser = 1 << 1;
    public const uint SetGroup = 1 << 2;
    public const uint SetSize = 1 << 3;
    public const uint SetAccessTime = 1 << 4;
    public const uint SetModificationTime = 1 << 5;
    public const uint SetAccessTimeNow = 1 << 7;
    public const uint SetModificationTimeNow = 1 << 8;
}
