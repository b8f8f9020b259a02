using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Identity;
using Cloister.Linux.Memory;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;

namespace Cloister.Linux;

/// <summary>Programs that are started from outside: the first, and those that join it.</summary>
public sealed partial class LinuxKernel
{
    /// <summary>What <see cref="ProgramEnd.Obstacle"/> begins with where the working directory is in the way.</summary>
    public const string WorkingDirectoryObstacle = "working directory ";

    /// <summary>Makes the process of a program that is to join those that run, in a session of its own.</summary>
    /// <returns>Null where the platform has no room for it.</returns>
    public LinuxProcess? CreateProcess(ProgramLaunch program) => CreateProcess(program, session: 0);

    /// <summary>
    /// Sends a signal from outside to a program: one of its terminal to the group in the foreground, others to the program itself.
    /// </summary>
    public void SendFromOutside(LinuxProcess program, int signal, bool isOfTerminal)
    {
        if (!isOfTerminal)
        {
            program.Send(SignalInfo.Kernel(signal));
            return;
        }

        int group = program.Launch?.Terminal is { ForegroundGroup: not 0 } terminal ? terminal.ForegroundGroup : program.GroupId;
        Jobs.SendToGroup(group, signal);
    }

    /// <param name="program">What it is to run.</param>
    /// <param name="session">The session that it finds itself in; 0 for its own.</param>
    private LinuxProcess? CreateProcess(ProgramLaunch program, int session)
    {
        AddressSpace? space = AddressSpace.TryCreate(Platform.Mmu, Commit);
        if (space is null)
            return null;
        int id = Processes.AllocateId();
        return new LinuxProcess(this, id, space, new SignalActions())
        {
            Descriptors = Vfs.CreateDescriptorTable(),
            FileSystemContext = Vfs.CreateContext(),
            GroupId = id,
            SessionId = session == 0 ? id : session,
            UserId = program.UserId,
            Launch = program,
        };
    }

    /// <summary>Starts a process that was made by <see cref="CreateProcess(ProgramLaunch)"/>.</summary>
    public void Start(LinuxProcess process)
    {
        ProgramLaunch program = process.Launch!;
        if (program.Terminal is { } terminal)
            Jobs.Adopt(process.SessionId, process.GroupId, terminal);
        var thread = new LinuxThread(this, process, process.ProcessId, Identity.Identity.Create(program.UserId, program.GroupId, program.Groups));
        Users.Add(process.UserId, UserResource.Tasks);
        process.TryAdd(thread);
        Processes.Adopt(process);
        Processes.Add(thread);
        thread.Start = starting => Load(starting, program);
        Platform.Cpus.Start(thread);
    }

    private void Load(LinuxThread thread, ProgramLaunch program)
    {
        LinuxProcess process = thread.Process;
        Inherit(thread, program.Attributes);
        Errno error = SetWorkingDirectory(thread, program.WorkingDirectory);
        if (error != Errno.Success)
        {
            process.StartObstacle = WorkingDirectoryObstacle + System.Text.Encoding.UTF8.GetString(program.WorkingDirectory);
        }
        else
        {
            program.OpenStandardFiles(thread);
            error = ExecuteByName(thread, program);
        }

        thread.ReplacedRegisters = false;
        if (error == Errno.Success)
        {
            program.Loaded?.Invoke();
            return;
        }

        process.StartError = error;
        process.BeginExit(127 << 8);
    }

    private static void Inherit(LinuxThread thread, InheritedAttributes attributes)
    {
        LinuxProcess process = thread.Process;
        process.FileSystemContext.Umask = attributes.Umask & 0x1FF;
        thread.SetSignalMask(attributes.BlockedSignals);
        for (int signal = 1; signal <= Signal.Last; signal++)
        {
            if ((attributes.IgnoredSignals & ~Signal.Unblockable & Signal.Bit(signal)) != 0)
                process.Actions[signal] = new SignalAction { Handler = SignalAction.Ignore };
        }

        foreach ((int resource, (ulong soft, ulong hard)) in attributes.Limits)
        {
            if ((uint)resource < ResourceLimits.Count)
                process.Limits[resource] = new ResourceLimit(soft, hard);
        }
    }

    /// <summary>As execvp(3): a name without a slash is looked for in PATH.</summary>
    private static Errno ExecuteByName(LinuxThread thread, ProgramLaunch program)
    {
        byte[] name = program.Arguments[0];
        if (name.AsSpan().Contains((byte)'/') || name.Length == 0)
            return ProgramStart.Execute(thread, name, program.Arguments, program.Environment);
        ReadOnlySpan<byte> path = "/usr/local/bin:/usr/bin:/bin"u8;
        foreach (byte[] variable in program.Environment)
        {
            if (variable.AsSpan().StartsWith("PATH="u8))
                path = variable.AsSpan(5);
        }

        Errno result = Errno.ENOENT;
        while (true)
        {
            int end = path.IndexOf((byte)':');
            ReadOnlySpan<byte> directory = end < 0 ? path : path[..end];
            byte[] candidate = directory.IsEmpty ? name : [.. directory, (byte)'/', .. name];
            Errno error = ProgramStart.Execute(thread, candidate, program.Arguments, program.Environment);
            if (error is not (Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES))
                return error;
            if (error == Errno.EACCES)
                result = error;
            if (end < 0)
                return result;
            path = path[(end + 1)..];
        }
    }

    private Errno SetWorkingDirectory(LinuxThread thread, byte[] path) =>
        Vfs.ChangeDirectory(thread, new PathArgument(thread.Process.FileSystemContext, null, path, LookupFlags.Follow));
}
