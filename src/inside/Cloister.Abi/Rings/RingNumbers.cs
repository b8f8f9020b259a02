using System;

namespace Cloister.Abi.Rings;

/// <summary>IORING_SETUP_* of io_uring_setup(2), as far as Linux 6.1 has them.</summary>
[Flags]
public enum RingSetupFlags : uint
{
    None = 0,
    IORING_SETUP_IOPOLL = 1 << 0,
    IORING_SETUP_SQPOLL = 1 << 1,
    IORING_SETUP_SQ_AFF = 1 << 2,
    IORING_SETUP_CQSIZE = 1 << 3,
    IORING_SETUP_CLAMP = 1 << 4,
    IORING_SETUP_ATTACH_WQ = 1 << 5,
    IORING_SETUP_R_DISABLED = 1 << 6,
    IORING_SETUP_SUBMIT_ALL = 1 << 7,
    IORING_SETUP_COOP_TASKRUN = 1 << 8,
    IORING_SETUP_TASKRUN_FLAG = 1 << 9,
    IORING_SETUP_SQE128 = 1 << 10,
    IORING_SETUP_CQE32 = 1 << 11,
    IORING_SETUP_SINGLE_ISSUER = 1 << 12,
    IORING_SETUP_DEFER_TASKRUN = 1 << 13,
}

/// <summary>IORING_FEAT_* of io_uring_setup(2).</summary>
[Flags]
public enum RingFeatures : uint
{
    None = 0,
    IORING_FEAT_SINGLE_MMAP = 1 << 0,
    IORING_FEAT_NODROP = 1 << 1,
    IORING_FEAT_SUBMIT_STABLE = 1 << 2,
    IORING_FEAT_RW_CUR_POS = 1 << 3,
    IORING_FEAT_CUR_PERSONALITY = 1 << 4,
    IORING_FEAT_FAST_POLL = 1 << 5,
    IORING_FEAT_POLL_32BITS = 1 << 6,
    IORING_FEAT_SQPOLL_NONFIXED = 1 << 7,
    IORING_FEAT_EXT_ARG = 1 << 8,
    IORING_FEAT_NATIVE_WORKERS = 1 << 9,
    IORING_FEAT_RSRC_TAGS = 1 << 10,
    IORING_FEAT_CQE_SKIP = 1 << 11,
    IORING_FEAT_LINKED_FILE = 1 << 12,
}

/// <summary>IORING_ENTER_* of io_uring_enter(2).</summary>
[Flags]
public enum RingEnterFlags : uint
{
    None = 0,
    IORING_ENTER_GETEVENTS = 1 << 0,
    IORING_ENTER_SQ_WAKEUP = 1 << 1,
    IORING_ENTER_SQ_WAIT = 1 << 2,
    IORING_ENTER_EXT_ARG = 1 << 3,
    IORING_ENTER_REGISTERED_RING = 1 << 4,
}

/// <summary>IORING_REGISTER_* of io_uring_register(2), as far as Linux 6.1 has them.</summary>
public enum RingRegistration : uint
{
    IORING_REGISTER_BUFFERS = 0,
    IORING_UNREGISTER_BUFFERS = 1,
    IORING_REGISTER_FILES = 2,
    IORING_UNREGISTER_FILES = 3,
    IORING_REGISTER_EVENTFD = 4,
    IORING_UNREGISTER_EVENTFD = 5,
    IORING_REGISTER_FILES_UPDATE = 6,
    IORING_REGISTER_EVENTFD_ASYNC = 7,
    IORING_REGISTER_PROBE = 8,
    IORING_REGISTER_PERSONALITY = 9,
    IORING_UNREGISTER_PERSONALITY = 10,
    IORING_REGISTER_RESTRICTIONS = 11,
    IORING_REGISTER_ENABLE_RINGS = 12,
    IORING_REGISTER_FILES2 = 13,
    IORING_REGISTER_FILES_UPDATE2 = 14,
    IORING_REGISTER_BUFFERS2 = 15,
    IORING_REGISTER_BUFFERS_UPDATE = 16,
    IORING_REGISTER_IOWQ_AFF = 17,
    IORING_UNREGISTER_IOWQ_AFF = 18,
    IORING_REGISTER_IOWQ_MAX_WORKERS = 19,
    IORING_REGISTER_RING_FDS = 20,
    IORING_UNREGISTER_RING_FDS = 21,
    IORING_REGISTER_PBUF_RING = 22,
    IORING_UNREGISTER_PBUF_RING = 23,
    IORING_REGISTER_SYNC_CANCEL = 24,
    IORING_REGISTER_FILE_ALLOC_RANGE = 25,
}

/// <summary>IORING_OP_*, as far as Linux 6.1 has them.</summary>
public enum RingOperation : byte
{
    IORING_OP_NOP,
    IORING_OP_READV,
    IORING_OP_WRITEV,
    IORING_OP_FSYNC,
    IORING_OP_READ_FIXED,
    IORING_OP_WRITE_FIXED,
    IORING_OP_POLL_ADD,
    IORING_OP_POLL_REMOVE,
    IORING_OP_SYNC_FILE_RANGE,
    IORING_OP_SENDMSG,
    IORING_OP_RECVMSG,
    IORING_OP_TIMEOUT,
    IORING_OP_TIMEOUT_REMOVE,
    IORING_OP_ACCEPT,
    IORING_OP_ASYNC_CANCEL,
    IORING_OP_LINK_TIMEOUT,
    IORING_OP_CONNECT,
    IORING_OP_FALLOCATE,
    IORING_OP_OPENAT,
    IORING_OP_CLOSE,
    IORING_OP_FILES_UPDATE,
    IORING_OP_STATX,
    IORING_OP_READ,
    IORING_OP_WRITE,
    IORING_OP_FADVISE,
    IORING_OP_MADVISE,
    IORING_OP_SEND,
    IORING_OP_RECV,
    IORING_OP_OPENAT2,
    IORING_OP_EPOLL_CTL,
    IORING_OP_SPLICE,
    IORING_OP_PROVIDE_BUFFERS,
    IORING_OP_REMOVE_BUFFERS,
    IORING_OP_TEE,
    IORING_OP_SHUTDOWN,
    IORING_OP_RENAMEAT,
    IORING_OP_UNLINKAT,
    IORING_OP_MKDIRAT,
    IORING_OP_SYMLINKAT,
    IORING_OP_LINKAT,
    IORING_OP_MSG_RING,
    IORING_OP_FSETXATTR,
    IORING_OP_SETXATTR,
    IORING_OP_FGETXATTR,
    IORING_OP_GETXATTR,
    IORING_OP_SOCKET,
    IORING_OP_URING_CMD,
    IORING_OP_SEND_ZC,
    IORING_OP_SENDMSG_ZC,

    /// <summary>IORING_OP_LAST of Linux 6.1.</summary>
    IORING_OP_LAST,
}

/// <summary>IOSQE_*: flags of a submission.</summary>
[Flags]
public enum SubmissionFlags : byte
{
    None = 0,
    IOSQE_FIXED_FILE = 1 << 0,
    IOSQE_IO_DRAIN = 1 << 1,
    IOSQE_IO_LINK = 1 << 2,
    IOSQE_IO_HARDLINK = 1 << 3,
    IOSQE_ASYNC = 1 << 4,
    IOSQE_BUFFER_SELECT = 1 << 5,
    IOSQE_CQE_SKIP_SUCCESS = 1 << 6,
    All = 0x7F,
}

/// <summary>IORING_CQE_F_*: flags of a completion.</summary>
[Flags]
public enum CompletionFlags : uint
{
    None = 0,
    IORING_CQE_F_BUFFER = 1 << 0,
    IORING_CQE_F_MORE = 1 << 1,
    IORING_CQE_F_SOCK_NONEMPTY = 1 << 2,
    IORING_CQE_F_NOTIF = 1 << 3,
}

/// <summary>IORING_TIMEOUT_*.</summary>
[Flags]
public enum RingTimeoutFlags : uint
{
    None = 0,
    IORING_TIMEOUT_ABS = 1 << 0,
    IORING_TIMEOUT_UPDATE = 1 << 1,
    IORING_TIMEOUT_BOOTTIME = 1 << 2,
    IORING_TIMEOUT_REALTIME = 1 << 3,
    IORING_LINK_TIMEOUT_UPDATE = 1 << 4,
    IORING_TIMEOUT_ETIME_SUCCESS = 1 << 5,
}

/// <summary>IORING_POLL_*, in the length of POLL_ADD and POLL_REMOVE.</summary>
[Flags]
public enum RingPollFlags : uint
{
    None = 0,
    IORING_POLL_ADD_MULTI = 1 << 0,
    IORING_POLL_UPDATE_EVENTS = 1 << 1,
    IORING_POLL_UPDATE_USER_DATA = 1 << 2,
    IORING_POLL_ADD_LEVEL = 1 << 3,
}

/// <summary>IORING_ASYNC_CANCEL_*.</summary>
[Flags]
public enum RingCancelFlags : uint
{
    None = 0,
    IORING_ASYNC_CANCEL_ALL = 1 << 0,
    IORING_ASYNC_CANCEL_FD = 1 << 1,
    IORING_ASYNC_CANCEL_ANY = 1 << 2,
    IORING_ASYNC_CANCEL_FD_FIXED = 1 << 3,
}

/// <summary>Flags in the priority field of sends, receives and accepts.</summary>
[Flags]
public enum RingSocketFlags : ushort
{
    None = 0,
    IORING_RECVSEND_POLL_FIRST = 1 << 0,
    IORING_RECV_MULTISHOT = 1 << 1,
    IORING_RECVSEND_FIXED_BUF = 1 << 2,

    /// <summary>The first flag in the priority field of IORING_OP_ACCEPT, where the others don't exist.</summary>
    IORING_ACCEPT_MULTISHOT = 1 << 0,
}
