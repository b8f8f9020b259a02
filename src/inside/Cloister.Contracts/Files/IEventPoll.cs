using System;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Contracts.Files;

/// <summary>An eventfd (eventfd(2)).</summary>
public interface IEventCounter
{
}

/// <summary>An epoll instance (epoll(7)).</summary>
public interface IEventPoll
{
    /// <summary>epoll_ctl(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="operation">Add, modify, delete.</param>
    /// <param name="fd">The descriptor, which identifies the entry together with the file.</param>
    /// <param name="file">The descriptor's file.</param>
    /// <param name="item">Events and data.</param>
    Errno Change(ICaller caller, EpollOperation operation, int fd, IOpenFile file, in EpollEvent item);

    /// <summary>A file that is watched, by the descriptor it was added with, and by order where that has several (kcmp(2), KCMP_EPOLL_TFD).</summary>
    /// <returns>With a reference for the caller; null where there is none.</returns>
    IOpenFile? TakeTarget(int fd, int index);

    /// <summary>epoll_wait(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="into">Where events go.</param>
    /// <param name="deadline">Monotonic nanoseconds; 0 doesn't wait.</param>
    /// <returns>How many events; EINTR.</returns>
    SyscallResult Wait(ICaller caller, Span<EpollEvent> into, long deadline);
}
