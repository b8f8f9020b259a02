using System;

namespace Cloister.Linux.Tracing;

/// <summary>Requests of ptrace(2).</summary>
internal enum TraceRequest
{
    PTRACE_TRACEME = 0,
    PTRACE_PEEKTEXT = 1,
    PTRACE_PEEKDATA = 2,
    PTRACE_PEEKUSER = 3,
    PTRACE_POKETEXT = 4,
    PTRACE_POKEDATA = 5,
    PTRACE_POKEUSER = 6,
    PTRACE_CONT = 7,
    PTRACE_KILL = 8,
    PTRACE_SINGLESTEP = 9,
    PTRACE_GETREGS = 12,
    PTRACE_SETREGS = 13,
    PTRACE_GETFPREGS = 14,
    PTRACE_SETFPREGS = 15,
    PTRACE_ATTACH = 16,
    PTRACE_DETACH = 17,
    PTRACE_SYSCALL = 24,
    PTRACE_SETOPTIONS = 0x4200,
    PTRACE_GETEVENTMSG = 0x4201,
    PTRACE_GETSIGINFO = 0x4202,
    PTRACE_SETSIGINFO = 0x4203,
    PTRACE_GETREGSET = 0x4204,
    PTRACE_SETREGSET = 0x4205,
    PTRACE_SEIZE = 0x4206,
    PTRACE_INTERRUPT = 0x4207,
    PTRACE_LISTEN = 0x4208,
    PTRACE_GETSIGMASK = 0x420a,
    PTRACE_SETSIGMASK = 0x420b,
    PTRACE_GET_SYSCALL_INFO = 0x420e,
}

/// <summary>PTRACE_O_*: events are bits by their number.</summary>
[Flags]
internal enum TraceOptions
{
    PTRACE_O_TRACESYSGOOD = 1,
    PTRACE_O_TRACEFORK = 1 << TraceEvent.Fork,
    PTRACE_O_TRACEVFORK = 1 << TraceEvent.Vfork,
    PTRACE_O_TRACECLONE = 1 << TraceEvent.Clone,
    PTRACE_O_TRACEEXEC = 1 << TraceEvent.Exec,
    PTRACE_O_TRACEVFORKDONE = 1 << TraceEvent.VforkDone,
    PTRACE_O_TRACEEXIT = 1 << TraceEvent.Exit,
    PTRACE_O_TRACESECCOMP = 1 << TraceEvent.Seccomp,
    PTRACE_O_EXITKILL = 1 << 20,

    /// <summary>All that there are; PTRACE_O_SUSPEND_SECCOMP is for CRIU, and needs a kernel configured for that.</summary>
    All = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
        PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL,
}

/// <summary>PTRACE_EVENT_*.</summary>
internal static class TraceEvent
{
    public const int Fork = 1;
    public const int Vfork = 2;
    public const int Clone = 3;
    public const int Exec = 4;
    public const int VforkDone = 5;
    public const int Exit = 6;
    public const int Seccomp = 7;
    public const int Stop = 128;
}

/// <summary>Where a system call is, for PTRACE_GET_SYSCALL_INFO.</summary>
internal enum CallPlace : byte
{
    None = 0,
    Entry = 1,
    Exit = 2,
    Seccomp = 3,
}
