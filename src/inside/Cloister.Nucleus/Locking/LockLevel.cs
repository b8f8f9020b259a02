namespace Cloister.Nucleus.Locking;

/// <summary>
/// The one order of the kernel's locks: a thread takes a lock only while all that it holds come earlier here.
/// docs/architecture.md tells what the groups are.
/// </summary>
public enum LockLevel : byte
{
    /// <summary>The position of an open file, over a whole read or write.</summary>
    FilePosition,

    /// <summary>A network socket while it gets a name, a peer or a backlog. The host is asked with it.</summary>
    NetworkSocket,

    /// <summary>One direction of a connection inside, for the one who writes or reads. Programs' pages are touched with it.</summary>
    NetworkStream,

    /// <summary>The names of a file system. Directories are read from the host and from stores with it.</summary>
    Namespace,

    /// <summary>An inode's attributes, and the content of a file among its writers.</summary>
    Inode,

    /// <summary>What mappings have written to a file's pages, on its way to where the file is kept.</summary>
    WriteBack,

    /// <summary>The host's handle of an imported file.</summary>
    ImportHandle,

    /// <summary>The text of a file that is made when it is read.</summary>
    GeneratedText,

    /// <summary>What was read from the launcher's console.</summary>
    Console,

    /// <summary>Files that were sent over sockets and not received yet.</summary>
    FilesInFlight,

    /// <summary>A socket's state and peer.</summary>
    Socket,

    /// <summary>Ports, states and backlogs of network sockets.</summary>
    NetworkPorts,

    /// <summary>Abstract names of sockets.</summary>
    SocketNames,

    /// <summary>What epoll instances watch.</summary>
    EpollRegistrations,

    /// <summary>Both ends of a pseudoterminal.</summary>
    Terminal,

    /// <summary>A pipe's buffers and ends.</summary>
    Pipe,

    /// <summary>Messages on their way to a socket.</summary>
    SocketQueue,

    /// <summary>What inotify instances watch.</summary>
    Watches,

    /// <summary>An eventfd, timerfd or inotify instance.</summary>
    EventFile,

    /// <summary>The queues of an io_uring instance, and what is registered with it.</summary>
    Ring,

    /// <summary>Record and flock locks of a file.</summary>
    RecordLocks,

    /// <summary>Who waits for whose record lock.</summary>
    RecordLockWaits,

    /// <summary>A table of descriptors.</summary>
    Descriptors,

    /// <summary>The mount table.</summary>
    Mounts,

    /// <summary>The table of devices.</summary>
    Devices,

    /// <summary>System V and POSIX queues, semaphores and shared segments.</summary>
    Ipc,

    /// <summary>A bucket of the futex table.</summary>
    Futexes,

    /// <summary>Sessions and their terminals.</summary>
    Jobs,

    /// <summary>Processes and their families.</summary>
    Processes,

    /// <summary>A process's POSIX timers.</summary>
    ProcessTimers,

    /// <summary>What is pending for a process and its threads.</summary>
    Signals,

    /// <summary>One of a process's timers.</summary>
    ProcessTimer,

    /// <summary>A process's threads and state.</summary>
    Process,

    /// <summary>An address space's regions.</summary>
    Space,

    /// <summary>A memory object's pages.</summary>
    MemoryObject,

    /// <summary>Which objects have pages that can be given back.</summary>
    PageCache,

    /// <summary>What of an imported file doesn't count any more.</summary>
    Pager,

    /// <summary>Who waits for an object.</summary>
    WaitQueue,

    /// <summary>Events that an epoll instance has to report.</summary>
    EpollReady,

    /// <summary>Operations of a process's rings that can go on; a wake-up adds to them.</summary>
    RingTasks,

    /// <summary>Armed timers; a wake-up may arm one.</summary>
    TimerQueue,

    /// <summary>Requests to the host.</summary>
    HostRequests,

    /// <summary>Answers of the host.</summary>
    HostAnswers,

    /// <summary>Free slots of the host channel.</summary>
    HostSlots,

    /// <summary>What the log has reported.</summary>
    Log,

    /// <summary>What processes do with signals.</summary>
    SignalActions,

    /// <summary>Objects kept for their next use, counters: nothing is called with it.</summary>
    Leaf,
}

/// <summary>What holds for the locks of a level.</summary>
internal static class LockLevels
{
    /// <summary>What a thread may wait for while it holds one.</summary>
    public static WaitKinds MayWaitFor(LockLevel level) => level switch
    {
        LockLevel.FilePosition or LockLevel.Inode or LockLevel.NetworkStream => WaitKinds.Host | WaitKinds.UserPage | WaitKinds.Thread,
        LockLevel.Namespace or LockLevel.WriteBack or LockLevel.ImportHandle or LockLevel.NetworkSocket => WaitKinds.Host | WaitKinds.Thread,
        LockLevel.GeneratedText => WaitKinds.Host | WaitKinds.UserPage | WaitKinds.Thread,
        LockLevel.Console => WaitKinds.Host | WaitKinds.UserPage | WaitKinds.Thread,
        _ => WaitKinds.None,
    };

    /// <summary>
    /// Whether locks of the level are taken one within the other in an order of their own: a wake-up goes on along the
    /// graph of epoll instances, which has no cycle.
    /// </summary>
    public static bool OrdersItself(LockLevel level) => level is LockLevel.WaitQueue or LockLevel.EpollReady;
}
