using System;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Contracts.Files;

/// <summary>
/// An open file description (open(2)): what descriptors refer to. Counted, since the last close has effects that programs
/// see (end of file on a pipe, memory of a removed file given back), and since the objects are reused.
/// </summary>
/// <remarks>
/// Methods that return <see cref="SyscallResult"/> give a count of bytes or a negated errno: what the program gets,
/// without another step. Exception to the rules of domains.md, for the hot path: references to this interface are kept
/// by the Linux personality (descriptor tables, mappings) and cross unproxied.
/// </remarks>
public interface IOpenFile
{
    /// <summary>Access mode and status flags, as F_GETFL shows them.</summary>
    OpenFlags Flags { get; }

    /// <summary>Type bits of the mode (S_IF*); 0 for files without a type (eventfd, epoll).</summary>
    uint Type { get; }

    /// <summary>Counts one more holder.</summary>
    void AddReference();

    /// <summary>Drops a holder; the last one closes the file. Any thread; may run pending work of the file.</summary>
    void Release();

    /// <summary>Reads at the file's position.</summary>
    SyscallResult Read(ICaller caller, IIoBuffer buffer);

    /// <summary>Writes at the file's position.</summary>
    SyscallResult Write(ICaller caller, IIoBuffer buffer);

    /// <summary>Reads at an offset. ESPIPE where there are no positions.</summary>
    SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset);

    /// <summary>Writes at an offset (at the end with O_APPEND, pwrite(2), BUGS).</summary>
    SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset);

    /// <summary>Reads or writes with flags of preadv2(2); offset -1 means the position.</summary>
    SyscallResult Transfer(ICaller caller, IIoBuffer buffer, long offset, ReadWriteFlags flags, bool write);

    /// <summary>Moves the position (lseek(2)).</summary>
    SyscallResult Seek(ICaller caller, long offset, SeekWhence whence);

    /// <summary>Status of the file (fstat(2)).</summary>
    Errno GetStatus(ICaller caller, out FileStatus status);

    /// <summary>Whether what it is ready for changes, so that waiting for it makes sense: not regular files and directories.</summary>
    bool IsPollable { get; }

    /// <summary>
    /// What the file is ready for. Watches its queues first where a table is given, then looks: the order that loses
    /// no wake-up.
    /// </summary>
    PollEvents Poll(IPollTable? table);

    /// <summary>Changes O_APPEND, O_NONBLOCK, O_NOATIME, O_DIRECT and O_ASYNC (F_SETFL); other bits are ignored.</summary>
    /// <param name="caller">Who changes them.</param>
    /// <param name="flags">The new ones.</param>
    /// <param name="fd">The descriptor, which signals of O_ASYNC name.</param>
    Errno SetStatusFlags(ICaller caller, OpenFlags flags, int fd = -1);

    /// <summary>Who gets SIGIO with O_ASYNC, and SIGURG (F_SETOWN).</summary>
    SignalOwner SignalOwner { get; set; }

    /// <summary>Which signal the owner gets (F_SETSIG); 0 for SIGIO.</summary>
    int OwnerSignal { get; set; }

    /// <summary>
    /// ioctl(2). The personality moves structures between the program and <paramref name="data"/>, whose direction and
    /// size follow from the request.
    /// </summary>
    /// <param name="caller">The thread.</param>
    /// <param name="request">The request.</param>
    /// <param name="argument">The argument where it is a number.</param>
    /// <param name="data">The structure that the argument points to, in or out; empty for unknown requests.</param>
    /// <returns>ENOTTY for requests that the file doesn't know.</returns>
    SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data);

    /// <summary>Reads directory entries as records of getdents(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="format">Which record.</param>
    /// <param name="into">Where whole records go.</param>
    /// <returns>Bytes stored, 0 at the end; EINVAL where not even one fits, ENOTDIR.</returns>
    SyscallResult ReadDirectory(ICaller caller, DirectoryFormat format, Span<byte> into);

    /// <summary>Sets the length (ftruncate(2)).</summary>
    Errno Truncate(ICaller caller, long length);

    /// <summary>fallocate(2).</summary>
    Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length);

    /// <summary>Makes changes durable (fsync(2), fdatasync(2)). EINVAL where nothing can be.</summary>
    Errno Synchronize(ICaller caller, bool dataOnly);

    /// <summary>posix_fadvise(2). ESPIPE for pipes.</summary>
    Errno Advise(ICaller caller, long offset, long length, FileAdvice advice);

    /// <summary>Applies or removes a lock of the open file (flock(2)).</summary>
    Errno Lock(ICaller caller, FlockOperation operation);

    /// <summary>Finds what is in the way of a record lock (F_GETLK, F_OFD_GETLK).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="owner">The process's descriptor table; null for a lock of the open file.</param>
    /// <param name="record">The lock that is wanted; becomes the one in the way, or F_UNLCK.</param>
    Errno TestRecordLock(ICaller caller, IDescriptorTable? owner, ref Flock record);

    /// <summary>Sets or clears a record lock (F_SETLK, F_SETLKW and the OFD variants).</summary>
    Errno SetRecordLock(ICaller caller, IDescriptorTable? owner, in Flock record, bool wait);

    /// <summary>Checks a mapping and gives the pages for it. The mapper holds a reference to the file while it maps.</summary>
    /// <returns>EACCES, EPERM (noexec mount, seals), ENODEV where the file can't be mapped.</returns>
    Errno GetMapping(ICaller caller, MappingAccess access, out FileMapping mapping);

    /// <summary>Counts a mapping that may write to the file (MAP_SHARED of a file that is open for writing). Takes no lock.</summary>
    /// <returns>False where the file is sealed against writing.</returns>
    bool TryBeginSharedMapping();

    /// <summary>Ends a mapping that may write. The last one's end may write back what it has changed: no lock is held.</summary>
    void EndSharedMapping();

    /// <summary>Bytes of the file now: accesses to pages behind them are SIGBUS.</summary>
    long Length { get; }

    /// <summary>Keeps others from opening the file for writing while it is executed (ETXTBSY).</summary>
    /// <returns>ETXTBSY where it is open for writing.</returns>
    Errno BeginExecution();

    /// <summary>Ends <see cref="BeginExecution"/>.</summary>
    void EndExecution();

    /// <summary>Path of the file as /proc/PID/maps and fd links show it: "/path", "/path (deleted)", "pipe:[5]".</summary>
    /// <param name="context">Whose root the path starts at; null for the first root.</param>
    /// <param name="into">Where the bytes go; 4096 are enough.</param>
    /// <returns>How many bytes, 0 where the path is longer.</returns>
    int GetPath(IFileSystemContext? context, Span<byte> into);
}

/// <summary>Records of directory reads.</summary>
public enum DirectoryFormat
{
    /// <summary>struct linux_dirent of getdents(2).</summary>
    Dirent,

    /// <summary>struct linux_dirent64 of getdents64(2).</summary>
    Dirent64,
}

/// <summary>A file that can be sealed (memfd_create(2)).</summary>
public interface ISealableFile
{
    /// <summary>F_GET_SEALS.</summary>
    FileSeals Seals { get; }

    /// <summary>F_ADD_SEALS.</summary>
    Errno AddSeals(FileSeals seals);
}

/// <summary>A pipe's capacity (fcntl(2), F_SETPIPE_SZ).</summary>
public interface IPipeFile
{
    /// <summary>Bytes that fit.</summary>
    int Capacity { get; }

    /// <summary>Changes the capacity.</summary>
    /// <returns>The new capacity, EBUSY where more is in the pipe, EPERM beyond the limit.</returns>
    SyscallResult SetCapacity(ICaller caller, uint capacity);
}
