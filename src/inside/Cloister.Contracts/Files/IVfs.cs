using System;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Contracts.Files;

/// <summary>
/// The virtual file system: everything that works on paths, and the makers of files that have none.
/// </summary>
/// <remarks>Errors are those of the manual page that each member is named after.</remarks>
public interface IVfs
{
    /// <summary>Root and working directory for the first process.</summary>
    IFileSystemContext CreateContext();

    /// <summary>An empty descriptor table with one user.</summary>
    IDescriptorTable CreateDescriptorTable();

    /// <summary>
    /// Whether there are as many open files as the enclave's memory is meant for (/proc/sys/fs/file-max), or one process has half
    /// as many, so that none alone can take the others' files: ENFILE.
    /// </summary>
    /// <param name="descriptor">The descriptor of one more.</param>
    bool HasMostOpenFiles(int descriptor);

    /// <summary>open(2) and openat2(2), whose argument checks the handlers have made.</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="path">The path; <see cref="LookupFlags.Follow"/> follows from O_NOFOLLOW.</param>
    /// <param name="flags">Flags of open(2).</param>
    /// <param name="mode">Permissions of a new file, before the umask.</param>
    /// <param name="file">The file with one reference, for the caller.</param>
    Errno Open(ICaller caller, in PathArgument path, OpenFlags flags, uint mode, out IOpenFile? file);

    /// <summary>
    /// Makes the file of a core dump, in place of one that is there (core(5)). EPERM where it would be the host's: memory doesn't leave the enclave
    /// in the clear.
    /// </summary>
    Errno CreateCoreFile(ICaller caller, in PathArgument path, out IOpenFile? file);

    /// <summary>Opens a program for execve(2): regular, executable, not on a noexec mount (EACCES).</summary>
    Errno OpenExecutable(ICaller caller, in PathArgument path, out IOpenFile? file);

    /// <summary>The process that an open directory of /proc is for; null for other files.</summary>
    IProcessInformation? FindProcess(IOpenFile file);

    /// <summary>Whether set-user-ID bits and capabilities of a program count for nothing where it lies (MS_NOSUID, mount(2)).</summary>
    bool IgnoresPrivileges(IOpenFile program);

    /// <summary>stat(2).</summary>
    Errno GetStatus(ICaller caller, in PathArgument path, out FileStatus status);

    /// <summary>access(2) with the given identity.</summary>
    Errno CheckAccess(ICaller caller, Credentials identity, in PathArgument path, AccessMode mode);

    /// <summary>mkdir(2).</summary>
    Errno MakeDirectory(ICaller caller, in PathArgument path, uint mode);

    /// <summary>mknod(2).</summary>
    Errno MakeNode(ICaller caller, in PathArgument path, uint mode, ulong device);

    /// <summary>rmdir(2).</summary>
    Errno RemoveDirectory(ICaller caller, in PathArgument path);

    /// <summary>unlink(2).</summary>
    Errno Unlink(ICaller caller, in PathArgument path);

    /// <summary>symlink(2).</summary>
    Errno MakeSymbolicLink(ICaller caller, ReadOnlySpan<byte> target, in PathArgument path);

    /// <summary>link(2).</summary>
    Errno Link(ICaller caller, in PathArgument existing, in PathArgument path);

    /// <summary>renameat2(2).</summary>
    Errno Rename(ICaller caller, in PathArgument from, in PathArgument to, RenameFlags flags);

    /// <summary>readlink(2): the bytes that fit.</summary>
    Errno ReadLink(ICaller caller, in PathArgument path, Span<byte> into, out int length);

    /// <summary>chmod(2).</summary>
    Errno ChangeMode(ICaller caller, in PathArgument path, uint mode);

    /// <summary>chown(2); uint.MaxValue leaves an id as it is.</summary>
    Errno ChangeOwner(ICaller caller, in PathArgument path, uint userId, uint groupId);

    /// <summary>utimensat(2).</summary>
    Errno SetTimes(ICaller caller, in PathArgument path, FileTimesChange times);

    /// <summary>truncate(2).</summary>
    Errno Truncate(ICaller caller, in PathArgument path, long length);

    /// <summary>chdir(2) and fchdir(2).</summary>
    Errno ChangeDirectory(ICaller caller, in PathArgument path);

    /// <summary>chroot(2).</summary>
    Errno ChangeRoot(ICaller caller, in PathArgument path);

    /// <summary>statfs(2).</summary>
    Errno GetFileSystemStatus(ICaller caller, in PathArgument path, out FileSystemStatus status);

    /// <summary>Tells those who poll /proc/sys/kernel/hostname and domainname of a change.</summary>
    void NoteNamesChanged();

    /// <summary>sync(2).</summary>
    void SynchronizeAll(ICaller caller);

    /// <summary>syncfs(2).</summary>
    Errno SynchronizeFileSystem(ICaller caller, IOpenFile file);

    /// <summary>getxattr(2): with an empty span only the length; ERANGE.</summary>
    Errno GetExtendedAttribute(ICaller caller, in PathArgument path, ReadOnlySpan<byte> name, Span<byte> value, out int length);

    /// <summary>setxattr(2).</summary>
    Errno SetExtendedAttribute(ICaller caller, in PathArgument path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags);

    /// <summary>listxattr(2): with an empty span only the length; ERANGE.</summary>
    Errno ListExtendedAttributes(ICaller caller, in PathArgument path, Span<byte> names, out int length);

    /// <summary>removexattr(2).</summary>
    Errno RemoveExtendedAttribute(ICaller caller, in PathArgument path, ReadOnlySpan<byte> name);

    /// <summary>mount(2).</summary>
    Errno Mount(ICaller caller, in PathArgument source, in PathArgument target, ReadOnlySpan<byte> type, MountFlags flags, ReadOnlySpan<byte> options);

    /// <summary>umount2(2).</summary>
    Errno Unmount(ICaller caller, in PathArgument target, UnmountFlags flags);

    /// <summary>memfd_create(2).</summary>
    Errno CreateMemoryFile(ICaller caller, ReadOnlySpan<byte> name, MemfdFlags flags, out IOpenFile? file);

    /// <summary>Makes shared memory that no path leads to, such as a segment of shmget(2).</summary>
    /// <param name="caller">Whose it is.</param>
    /// <param name="name">Its name in /proc/PID/maps.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="file">The memory, open for reading and writing.</param>
    Errno CreateSharedMemory(ICaller caller, ReadOnlySpan<byte> name, long length, out IOpenFile? file);

    /// <summary>pipe2(2).</summary>
    Errno CreatePipe(ICaller caller, OpenFlags flags, out IOpenFile? reader, out IOpenFile? writer);

    /// <summary>eventfd2(2).</summary>
    Errno CreateEventCounter(ICaller caller, uint initial, EventFdFlags flags, out IOpenFile? file);

    /// <summary>epoll_create1(2).</summary>
    Errno CreateEventPoll(ICaller caller, out IOpenFile? file);

    /// <summary>inotify_init1(2). EMFILE where the user has too many.</summary>
    Errno CreateInotify(ICaller caller, bool isNonBlocking, out IOpenFile? file);

    /// <summary>timerfd_create(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="isRealtime">Whether absolute times are of the wall clock.</param>
    /// <param name="isNonBlocking">TFD_NONBLOCK.</param>
    /// <param name="file">The file, an <see cref="ITimerFile"/>.</param>
    Errno CreateTimer(ICaller caller, bool isRealtime, bool isNonBlocking, out IOpenFile? file);

    /// <summary>signalfd4(2).</summary>
    Errno CreateSignalFile(ICaller caller, ISignalSource source, ulong mask, bool isNonBlocking, out IOpenFile? file);

    /// <summary>A process descriptor (pidfd_open(2)).</summary>
    Errno CreateProcessFile(ICaller caller, IProcessHandle process, bool isNonBlocking, out IOpenFile? file);

    /// <summary>A descriptor of a POSIX message queue (mq_open(3)).</summary>
    Errno CreateMessageQueueFile(ICaller caller, IMessageQueue queue, ReadOnlySpan<byte> name, OpenFlags flags, out IOpenFile? file);

    /// <summary>The descriptor of an instance of io_uring(7).</summary>
    IOpenFile CreateRingFile(IRing ring);

    /// <summary>socket(2). EAFNOSUPPORT for families that are not there.</summary>
    Errno CreateSocket(ICaller caller, AddressFamily family, SocketType type, int protocol, out IOpenFile? file);

    /// <summary>socketpair(2).</summary>
    Errno CreateSocketPair(ICaller caller, AddressFamily family, SocketType type, int protocol, out IOpenFile? first, out IOpenFile? second);

    /// <summary>poll(2): fills in ReturnedEvents.</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="table">Its descriptors.</param>
    /// <param name="descriptors">What to watch.</param>
    /// <param name="deadline">Monotonic nanoseconds; <see cref="Deadline.Never"/>; 0 doesn't wait.</param>
    /// <returns>Entries with events; ERESTARTNOHAND.</returns>
    SyscallResult Poll(ICaller caller, IDescriptorTable table, Span<PollDescriptor> descriptors, long deadline);

    /// <summary>sendfile(2) and copy_file_range(2): copies through the kernel. Offset -1 means the position.</summary>
    SyscallResult Copy(ICaller caller, IOpenFile from, ref long fromOffset, IOpenFile to, ref long toOffset, ulong count, CopyKind kind);
}

/// <summary>Which call copies.</summary>
public enum CopyKind
{
    /// <summary>sendfile(2).</summary>
    SendFile,

    /// <summary>copy_file_range(2).</summary>
    CopyFileRange,

    /// <summary>splice(2).</summary>
    Splice,

    /// <summary>splice(2) with SPLICE_F_NONBLOCK.</summary>
    SpliceNonBlocking,

    /// <summary>tee(2).</summary>
    Tee,

    /// <summary>tee(2) with SPLICE_F_NONBLOCK.</summary>
    TeeNonBlocking,
}
