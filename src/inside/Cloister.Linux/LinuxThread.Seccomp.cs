using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Linux.Seccomp;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux;

// Filters of system calls (seccomp(2)).
public sealed partial class LinuxThread
{
    private SeccompFilter? _seccomp;

    /// <summary>The thread's filters; null where it has none. Another thread may add to them (SECCOMP_FILTER_FLAG_TSYNC).</summary>
    internal SeccompFilter? Seccomp
    {
        get => Volatile.Read(ref _seccomp);
        set => Volatile.Write(ref _seccomp, value);
    }

    /// <summary>Asks the filters for a call that they don't always allow.</summary>
    /// <param name="filter">They.</param>
    /// <param name="shown">The call's number as the program knows it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="result">The result where it isn't made.</param>
    /// <returns>Whether it is made; else <paramref name="result"/> is what the program gets.</returns>
    private bool PassesFilter(SeccompFilter filter, int shown, in SyscallArguments arguments, out SyscallResult result)
    {
        const int read = 0;
        const int write = 1;
        const int signalReturn = 15;
        const int exit = 60;
        result = 0;
        if (filter.IsStrict)
        {
            if (CurrentSyscall is read or write or signalReturn or exit)
                return true;
            EndBySignal(Signal.Kill, wholeProcess: false);
            return false;
        }

        ulong instruction = ProgramAddress;
        uint answer = filter.Run(shown, instruction, arguments);
        int data = (int)(answer & ~(uint)SeccompAction.Mask);
        switch ((SeccompAction)(answer & (uint)SeccompAction.Mask))
        {
            case SeccompAction.Allow:
                return true;
            case SeccompAction.Log:
                Kernel.Log.Write(LogLevel.Information, $"{Process.Describe()}: a filter logs system call {shown}.");
                return true;
            case SeccompAction.Error:
                const int highestError = 4095;
                result = new SyscallResult(-Math.Min(data, highestError));
                return false;
            case SeccompAction.Notify:
                // There is no listener: as on Linux where none was asked for, or it is gone.
                result = Errno.ENOSYS;
                return false;
            case SeccompAction.Trace:
                // What the tracer has made of it isn't asked for again; a call less is none.
                result = Errno.ENOSYS;
                if (!StopForFilter(data))
                    return false;
                result = new SyscallResult((long)Result);
                return CurrentSyscall >= 0;
            case SeccompAction.Trap:
                // The registers stay as they were: the handler may look at them, or make the call's result.
                ForceSignal(SignalInfo.FilteredCall(shown, data, instruction, Cpu.AuditArchitecture));
                ReplacedRegisters = true;
                return false;
            case SeccompAction.KillThread:
                EndBySignal(Signal.BadSystemCall, wholeProcess: false);
                return false;
            default:
                EndBySignal(Signal.BadSystemCall, wholeProcess: true);
                return false;
        }
    }

    private void EndBySignal(int signal, bool wholeProcess)
    {
        Kernel.Log.Fault(this, SignalInfo.Kernel(signal));
        if (wholeProcess || Process.ThreadCount == 1)
        {
            Process.BeginExit(signal);
            return;
        }

        Process.SetStatusOfLastThread(signal);
        RequestExit();
    }
}
