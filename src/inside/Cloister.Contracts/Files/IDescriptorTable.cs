using System;
using Cloister.Abi;

namespace Cloister.Contracts.Files;

/// <summary>
/// File descriptors of a process, or of several threads and processes that share them (CLONE_FILES).
/// </summary>
public interface IDescriptorTable
{
    /// <summary>
    /// The file of a descriptor, for the time of one call of the calling thread. Counts a reference only where other
    /// threads share the table, since only they could close the descriptor meanwhile.
    /// </summary>
    BorrowedFile Borrow(int fd);

    /// <summary>No descriptor in use has this number or a higher one.</summary>
    int Capacity { get; }

    /// <summary>The file of a descriptor with a reference counted for the taker, or null: for mmap, /proc and passing on.</summary>
    IOpenFile? Take(int fd);

    /// <summary>Reserves the lowest free descriptor, so that nothing has happened yet when there is none.</summary>
    /// <param name="minimum">Lowest number allowed.</param>
    /// <param name="limit">RLIMIT_NOFILE.</param>
    /// <param name="closeOnExec">FD_CLOEXEC.</param>
    /// <param name="fd">The descriptor.</param>
    /// <returns>EMFILE.</returns>
    Errno Reserve(int minimum, ulong limit, bool closeOnExec, out int fd);

    /// <summary>Gives a reserved descriptor its file; takes over the caller's reference.</summary>
    void Install(int fd, IOpenFile file);

    /// <summary>Gives back a reserved descriptor.</summary>
    void Unreserve(int fd);

    /// <summary>close(2). EBADF.</summary>
    Errno Close(ICaller caller, int fd);

    /// <summary>dup2(2) and dup3(2): the new descriptor is closed first where it is open.</summary>
    /// <returns>EBADF, EBUSY where the new one is just being opened.</returns>
    Errno Duplicate(ICaller caller, int oldFd, int newFd, ulong limit, bool closeOnExec);

    /// <summary>close_range(2): closes, or only marks, all descriptors from first to last.</summary>
    void CloseRange(ICaller caller, uint first, uint last, bool onlyMark);

    /// <summary>FD_CLOEXEC of a descriptor; EBADF.</summary>
    Errno GetCloseOnExec(int fd, out bool closeOnExec);

    /// <summary>Sets FD_CLOEXEC; EBADF.</summary>
    Errno SetCloseOnExec(int fd, bool closeOnExec);

    /// <summary>Lowest descriptor in use that is at least <paramref name="fd"/>, or -1: for /proc/PID/fd.</summary>
    int NextInUse(int fd);

    /// <summary>A copy for a new process (fork), with one user.</summary>
    IDescriptorTable Clone();

    /// <summary>Closes what is marked, for execve.</summary>
    void CloseMarked(ICaller caller);

    /// <summary>Users of the table: each thread that works with it counts.</summary>
    int Users { get; }

    /// <summary>One more thread works with the table.</summary>
    void AddUser();

    /// <summary>A thread ended; the last one closes everything.</summary>
    void RemoveUser(ICaller caller);
}

/// <summary>A file borrowed for one call; give it back with <see cref="Dispose"/>.</summary>
/// <remarks>A ref struct, so that the compiler keeps it from outliving the call.</remarks>
public readonly ref struct BorrowedFile
{
    private readonly bool _isCounted;

    /// <summary>Wraps a file.</summary>
    public BorrowedFile(IOpenFile? file, bool isCounted)
    {
        File = file;
        _isCounted = isCounted;
    }

    /// <summary>The file; null where the descriptor is not open.</summary>
    public IOpenFile? File { get; }

    /// <summary>Ends the borrowing.</summary>
    public void Dispose()
    {
        if (_isCounted)
            File!.Release();
    }
}
