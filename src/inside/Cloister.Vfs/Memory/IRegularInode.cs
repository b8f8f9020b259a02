using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>A regular file: what <see cref="RegularFile"/> works on.</summary>
internal interface IRegularInode
{
    /// <summary>Bytes of the file.</summary>
    long Size { get; }

    /// <summary>Pages for mappings, made at the first use.</summary>
    MemoryObject Pages { get; }

    /// <summary>Whether the content never changes.</summary>
    bool IsReadOnlyContent { get; }

    SyscallResult Read(ICaller caller, IIoBuffer buffer, long offset);

    /// <summary>Writes; with <paramref name="append"/> the offset becomes the end and is returned.</summary>
    SyscallResult Write(ICaller caller, IIoBuffer buffer, ref long offset, bool append);

    Errno Truncate(ICaller caller, long length);

    Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length);

    /// <summary>SEEK_DATA and SEEK_HOLE; ENXIO behind the end.</summary>
    SyscallResult SeekSparse(long offset, bool data);

    Errno Synchronize(bool dataOnly);

    /// <summary>Counts a mapping that may write to the pages; false where they are sealed against it.</summary>
    bool TryBeginSharedMapping();

    /// <summary>Ends one.</summary>
    void EndSharedMapping();
}
