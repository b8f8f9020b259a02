namespace Cloister.Contracts.Files;

/// <summary>
/// Pages of a file that can be mapped. Opaque here: the nucleus's <c>MemoryObject</c> is the only implementation, as its
/// <c>WaitQueue</c> is of <see cref="IWaitQueue"/>.
/// </summary>
public interface IMemoryObject
{
}

/// <summary>What a file offers to mmap(2).</summary>
/// <param name="Memory">The file's pages; null where the mapping is anonymous memory (/dev/zero).</param>
/// <param name="Device">st_dev, for /proc/PID/maps.</param>
/// <param name="Inode">st_ino, likewise.</param>
/// <param name="IsReadOnlyContent">Whether the content can't change (a read-only import), so that copies of it may be kept.</param>
/// <param name="NeverExecutes">Whether mprotect may not make it executable either: a file of a noexec mount.</param>
/// <param name="NeverWrites">Whether mprotect may not make a shared one writable either: a file that is sealed against stores.</param>
public readonly record struct FileMapping(
    IMemoryObject? Memory, ulong Device, ulong Inode, bool IsReadOnlyContent, bool NeverExecutes = false, bool NeverWrites = false);

/// <summary>What a program wants to do with a mapping.</summary>
[System.Flags]
public enum MappingAccess
{
    /// <summary>Nothing (PROT_NONE).</summary>
    None = 0,

    /// <summary>PROT_READ.</summary>
    Read = 1,

    /// <summary>PROT_WRITE.</summary>
    Write = 2,

    /// <summary>PROT_EXEC.</summary>
    Execute = 4,

    /// <summary>MAP_SHARED: writes go to the file.</summary>
    Shared = 8,
}
