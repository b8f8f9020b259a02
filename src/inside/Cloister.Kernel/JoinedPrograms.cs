using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux;
using Cloister.Nucleus.HostCalls;
using Cloister.Nucleus.Locking;
using Cloister.Vfs;

namespace Cloister.Kernel;

/// <summary>
/// Starts the programs that the user outside wants to have beside those that run: each in a session of its own, with streams of its
/// own, and its end reported. A kernel thread that waits for the host.
/// </summary>
internal sealed class JoinedPrograms(LinuxKernel kernel, VirtualFileSystem vfs, HostServices host, EnclaveConfiguration configuration) : IKernelThreadEntry
{
    private const int OwnFailure = 125;

    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Joined?[] _programs = new Joined?[HostStreams.Programs + 1];

    /// <summary>A program by the launcher's number; null where there is none.</summary>
    public LinuxProcess? Find(int number)
    {
        using (_lock.Enter())
            return _programs[number]?.Process;
    }

    /// <inheritdoc/>
    public void Run()
    {
        // A host that answers with nonsense isn't asked again.
        while (host.Programs.Wait(out HostProgram? program) == Errno.Success)
            Start(program!);
    }

    private void Start(HostProgram program)
    {
        Joined joined;
        using (_lock.Enter())
        {
            if (_programs[program.Number] is not null)
                return;
            joined = new Joined(program.Number);
            _programs[program.Number] = joined;
        }

        joined.Terminal = vfs.CreateTerminal(HostStreams.FirstOf(program.Number), () => ReleaseIfUnused(joined));
        LinuxProcess? process = kernel.CreateProcess(new ProgramLaunch
        {
            Arguments = program.Arguments,
            Environment = program.Environment,
            WorkingDirectory = program.WorkingDirectory,
            UserId = program.UserId,
            GroupId = program.GroupId,
            Attributes = configuration.Attributes with { Umask = program.Umask, IgnoredSignals = 0, BlockedSignals = 0 },
            Terminal = program.HasTerminal ? joined.Terminal : null,
            OpenStandardFiles = thread => vfs.OpenInherited(thread, thread.Process.Descriptors, host.Files, joined.Terminal, program.Files),
            Loaded = () => host.Programs.Report(program.Number, HostProgramState.Running, 0, ""),
            Ended = end => OnEnded(program, joined, end),
        });
        if (process is not null)
        {
            joined.Process = process;
            kernel.Start(process);
            return;
        }

        joined.HasEnded = true;
        host.Programs.Report(program.Number, HostProgramState.Failed, OwnFailure, "The enclave has no room for another program.");
        ReleaseIfUnused(joined);
    }

    private void OnEnded(HostProgram program, Joined joined, in ProgramEnd end)
    {
        HostProgramState state = end.StartError == Errno.Success ? HostProgramState.Ended : HostProgramState.Failed;
        host.Programs.Report(program.Number, state, ProgramStatus.CodeOf(end), ProgramStatus.Explain(program.Arguments, end) ?? "");
        joined.HasEnded = true;
        ReleaseIfUnused(joined);
    }

    // What it has left in the background may go on to use its streams.
    private void ReleaseIfUnused(Joined joined)
    {
        using (_lock.Enter())
        {
            if (!joined.HasEnded || VirtualFileSystem.IsOpen(joined.Terminal!) || _programs[joined.Number] != joined)
                return;
            _programs[joined.Number] = null;
        }

        host.Programs.Release(joined.Number);
    }

    private sealed class Joined(int number)
    {
        private bool _hasEnded;
        private LinuxProcess? _process;

        public int Number => number;

        public ITerminal? Terminal { get; set; }

        public LinuxProcess? Process
        {
            get => Volatile.Read(ref _process);
            set => Volatile.Write(ref _process, value);
        }

        /// <summary>Whether its end has been reported: nothing about it comes later.</summary>
        public bool HasEnded
        {
            get => Volatile.Read(ref _hasEnded);
            set => Volatile.Write(ref _hasEnded, value);
        }
    }
}
