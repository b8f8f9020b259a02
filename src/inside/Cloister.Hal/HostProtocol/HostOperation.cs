namespace Cloister.Hal.HostProtocol;

/// <summary>
/// What a submission asks of the host. Each comment names the fields of <see cref="SubmissionEntry"/> that count and
/// what comes back, besides <see cref="CompletionEntry.Error"/>. "Slot" is the data slot of the request: the request's
/// bytes lie at its start, the answer's bytes overwrite them.
/// </summary>
public enum HostOperation : ushort
{
    /// <summary>Does nothing.</summary>
    None = 0,

    /// <summary>Binds NewHandle to the root of share Handle. Slot: <see cref="FileRecord"/>.</summary>
    Root = 1,

    /// <summary>Binds NewHandle to a name in directory Handle. Slot: the name, FirstLength bytes; back: <see cref="FileRecord"/>.</summary>
    Lookup = 2,

    /// <summary>Frees Handle.</summary>
    Forget = 3,

    /// <summary>Status of Handle. Slot: <see cref="FileRecord"/>.</summary>
    GetStatus = 4,

    /// <summary>Entries of directory Handle from cookie Offset, at most Count bytes. Slot: <see cref="DirectoryRecord"/>s, Data bytes in all; Items of them, Value the next cookie, Flags 1 where the directory ends.</summary>
    ReadDirectory = 5,

    /// <summary>Target of symbolic link Handle. Slot: Data bytes.</summary>
    ReadLink = 6,

    /// <summary>
    /// Reads Count bytes at Offset of Handle. Slot: Data bytes. With Flags 1 it may be completed later, beside others;
    /// it is no error to complete it at once.
    /// </summary>
    Read = 7,

    /// <summary>Writes FirstLength bytes of the slot at Offset of Handle. Back: Data, how many. Flags as of <see cref="Read"/>.</summary>
    Write = 8,

    /// <summary>Status of the file system of Handle. Slot: <see cref="FileSystemRecord"/>.</summary>
    GetFileSystemStatus = 9,

    /// <summary>Value of an extended attribute of Handle. Slot: the name, FirstLength bytes; back: at most Count bytes, Data of them. Count 0 asks for Value, the length only.</summary>
    GetExtendedAttribute = 10,

    /// <summary>Names of extended attributes of Handle, each with a NUL; otherwise as <see cref="GetExtendedAttribute"/>.</summary>
    ListExtendedAttributes = 11,

    /// <summary>Sets an extended attribute. Slot: the name, FirstLength bytes, and the value, SecondLength bytes. Flags: XATTR_*.</summary>
    SetExtendedAttribute = 12,

    /// <summary>Removes an extended attribute. Slot: the name, FirstLength bytes.</summary>
    RemoveExtendedAttribute = 13,

    /// <summary>Makes a regular file in directory Handle with Mode, bound to NewHandle. Slot: the name; back: <see cref="FileRecord"/>.</summary>
    Create = 14,

    /// <summary>Makes a directory; otherwise as <see cref="Create"/>.</summary>
    MakeDirectory = 15,

    /// <summary>Makes a symbolic link. Slot: the name, FirstLength bytes, and the target, SecondLength bytes; otherwise as <see cref="Create"/>.</summary>
    SymbolicLink = 16,

    /// <summary>Gives Handle a name in directory SecondHandle. Slot: the name.</summary>
    HardLink = 17,

    /// <summary>Removes a name from directory Handle. Slot: the name.</summary>
    Unlink = 18,

    /// <summary>Removes an empty directory from directory Handle. Slot: the name.</summary>
    RemoveDirectory = 19,

    /// <summary>Renames from directory Handle to directory SecondHandle. Slot: old name, FirstLength bytes, new name, SecondLength bytes. Flags: RENAME_*.</summary>
    Rename = 20,

    /// <summary>Sets the length of Handle to Count.</summary>
    Truncate = 21,

    /// <summary>fallocate(2) of Handle with mode Flags, Offset, Count.</summary>
    Allocate = 22,

    /// <summary>fsync(2) of Handle; Flags 1 for fdatasync(2).</summary>
    Synchronize = 23,

    /// <summary>chmod(2) of Handle to Mode.</summary>
    SetMode = 24,

    /// <summary>chown(2) of Handle: user Mode, group Flags; 0xFFFFFFFF leaves one as it is.</summary>
    SetOwner = 25,

    /// <summary>Times of Handle: access time Offset, modification time Count; the smallest number leaves one as it is.</summary>
    SetTimes = 26,

    /// <summary>Makes a FIFO or a socket's name, by the type in Mode; otherwise as <see cref="Create"/>.</summary>
    MakeNode = 27,

    /// <summary>Reads at most Count bytes from stream Handle. Slot: Data bytes; 0 at the end of the stream. EAGAIN instead of waiting.</summary>
    ConsoleRead = 64,

    /// <summary>Writes FirstLength bytes of the slot to stream Handle. Back: Data, how many. EAGAIN instead of waiting.</summary>
    ConsoleWrite = 65,

    /// <summary>Readiness of stream Handle now: Flags, bits of poll(2).</summary>
    ConsolePoll = 66,

    /// <summary>Waits until stream Handle has one of the events Flags. Back: Flags. No slot; completed later.</summary>
    ConsoleWatch = 67,

    /// <summary>Status of stream Handle. Slot: <see cref="FileRecord"/>.</summary>
    ConsoleStatus = 68,

    /// <summary>lseek(2) of stream Handle: Offset, Flags the origin. Back: Value.</summary>
    ConsoleSeek = 69,

    /// <summary>ftruncate(2) of stream Handle to Count.</summary>
    ConsoleTruncate = 70,

    /// <summary>FIONREAD of stream Handle. Back: Value.</summary>
    ConsoleReadable = 71,

    /// <summary>Terminal settings of stream Handle. Slot: 36 bytes.</summary>
    ConsoleGetTermios = 72,

    /// <summary>Sets terminal settings of stream Handle. Slot: 36 bytes; Flags 0 TCSETS, 1 TCSETSW, 2 TCSETSF. May be completed later.</summary>
    ConsoleSetTermios = 73,

    /// <summary>TCFLSH of stream Handle with argument Flags.</summary>
    ConsoleFlush = 74,

    /// <summary>Window size of stream Handle. Back: Value, four 16-bit numbers from the lowest: rows, columns, width and height in pixels.</summary>
    ConsoleGetWindowSize = 75,

    /// <summary>Sets the window size of stream Handle to Offset, packed likewise.</summary>
    ConsoleSetWindowSize = 76,

    /// <summary>Stops the launcher until it is continued. Completed after that.</summary>
    Suspend = 77,

    /// <summary>
    /// Waits for a signal to the launcher, or to a program that has joined. Back: Value, its number; Items, the program it is for, 0 for
    /// the first; Flags 1 where it is for that program alone, even one that terminals send. No slot; completed later.
    /// </summary>
    WaitForSignal = 78,

    /// <summary>
    /// Waits for a program that is to join those inside. Slot: back a <see cref="ProgramRecord"/>, Data bytes with its strings.
    /// Completed later.
    /// </summary>
    WaitForProgram = 79,

    /// <summary>
    /// Tells of program Handle, 0 for the first. Flags: 1 it runs, 2 it couldn't be started, 3 it has ended. Count: its exit status, as
    /// a shell has it. Slot: a sentence for the user where it couldn't be started, FirstLength bytes.
    /// </summary>
    ReportProgram = 80,

    /// <summary>Program Handle has ended and nobody has its streams open any more: its number may be given again. No slot.</summary>
    ReleaseProgram = 81,

    /// <summary>
    /// Makes a socket, bound to NewHandle. Mode: 4 or 6, the version of its addresses. Flags: 1 for TCP, 2 for UDP; and 4 where it is in
    /// <see cref="SocketEvents"/> only after <see cref="SocketWatch"/>, as are the connections that it accepts. Count: 0, or 1 plus the number
    /// of a published port, whose socket it is.
    /// </summary>
    SocketOpen = 128,

    /// <summary>Closes socket Handle.</summary>
    SocketClose = 129,

    /// <summary>bind(2) of socket Handle. Slot: <see cref="EndpointRecord"/>; back: the real one.</summary>
    SocketBind = 130,

    /// <summary>connect(2) of socket Handle. Slot: <see cref="EndpointRecord"/>, or nothing to dissolve a connection; back: its own address.</summary>
    SocketConnect = 131,

    /// <summary>listen(2) of socket Handle with backlog Count.</summary>
    SocketListen = 132,

    /// <summary>accept4(2) of socket Handle; the connection is bound to NewHandle. Slot: two <see cref="EndpointRecord"/>s, its own and the peer's.</summary>
    SocketAccept = 133,

    /// <summary>Name of socket Handle; Flags 1 for its peer's. Slot: <see cref="EndpointRecord"/>.</summary>
    SocketName = 134,

    /// <summary>shutdown(2) of socket Handle; Flags as there.</summary>
    SocketShutdown = 135,

    /// <summary>
    /// sendmsg(2) on socket Handle. Slot: FirstLength bytes, and SecondLength bytes: a <see cref="DatagramRecord"/>, or nothing. Flags: MSG_OOB,
    /// MSG_MORE. Back: Data, how many.
    /// </summary>
    SocketSend = 136,

    /// <summary>
    /// recvmsg(2) on socket Handle, at most Count bytes. Flags: MSG_PEEK, MSG_OOB, MSG_ERRQUEUE. SecondLength: bytes of a
    /// <see cref="DatagramRecord"/>, or 0. Slot: Data bytes, and the record from offset Count. Back: Value, the whole length.
    /// </summary>
    SocketReceive = 137,

    /// <summary>Readiness of socket Handle now. Back: Flags, bits of epoll(7).</summary>
    SocketPoll = 138,

    /// <summary>getsockopt(2) of socket Handle: level Mode, name Flags, room Count. Slot: Data bytes.</summary>
    SocketGetOption = 139,

    /// <summary>setsockopt(2) of socket Handle: level Mode, name Flags. Slot: FirstLength bytes.</summary>
    SocketSetOption = 140,

    /// <summary>Counts of socket Handle: Flags 0 FIONREAD, 1 SIOCOUTQ, 2 SIOCATMARK. Back: Value.</summary>
    SocketCount = 141,

    /// <summary>
    /// Waits until sockets have become ready, each change once (EPOLLET of epoll(7)). Slot: Items <see cref="ReadinessRecord"/>s, at most
    /// Count. Completed later; the slot stays the host's until then.
    /// </summary>
    SocketEvents = 142,

    /// <summary>From now on changes of socket Handle are in <see cref="SocketEvents"/>.</summary>
    SocketWatch = 143,

    /// <summary>Makes a group of sockets that threads wait for, bound to NewHandle; groups have numbers of their own.</summary>
    SocketGroupOpen = 144,

    /// <summary>Ends group Handle.</summary>
    SocketGroupClose = 145,

    /// <summary>Sets which events (bits of epoll(7), Flags) of socket SecondHandle are changes of group Handle. Mode: 1 for EPOLLEXCLUSIVE.</summary>
    SocketGroupChange = 146,

    /// <summary>What has changed in group Handle: Items <see cref="ReadinessRecord"/>s, at most Count. Each change once.</summary>
    SocketGroupCollect = 147,
}
