using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Identity;
using Cloister.Linux.Memory;
using Cloister.Linux.Signals;
using Cloister.Nucleus;

namespace Cloister.Linux.Processes;

/// <summary>execve(2): replaces a process's program.</summary>
internal static class ProgramStart
{
    /// <summary>BINPRM_BUF_SIZE: what decides on the kind of a file.</summary>
    private const int HeadSize = 256;

    /// <summary>Scripts whose interpreter is a script, at most (bprm->recursion_depth).</summary>
    private const int MostScripts = 5;

    /// <summary>Executes a program by path, relative to the working directory.</summary>
    public static Errno Execute(LinuxThread thread, byte[] path, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        var argument = new PathArgument(thread.Process.FileSystemContext, null, path, LookupFlags.Follow);
        Errno error = thread.Kernel.Vfs.OpenExecutable(thread, argument, out IOpenFile? file);
        return error != Errno.Success ? error : Execute(thread, file!, path, new List<byte[]>(arguments), environment);
    }

    /// <summary>Executes an open file; takes the reference over.</summary>
    /// <param name="thread">The caller, which becomes the only thread.</param>
    /// <param name="file">The program.</param>
    /// <param name="path">Path as given, for AT_EXECFN, scripts and the name.</param>
    /// <param name="arguments">argv; changed for scripts.</param>
    /// <param name="environment">envp.</param>
    /// <param name="isHidden">Whether the path leads by a descriptor that execve closes: no interpreter could open it.</param>
    public static Errno Execute(
        LinuxThread thread, IOpenFile file, byte[] path, List<byte[]> arguments, IReadOnlyList<byte[]> environment, bool isHidden = false)
    {
        byte[] name = path;
        for (int depth = 0; ; depth++)
        {
            byte[] head = ReadHead(thread, file, out Errno error);
            if (error == Errno.Success && head.AsSpan().StartsWith("#!"u8))
            {
                if (isHidden)
                {
                    file.Release();
                    return Errno.ENOENT;
                }

                error = depth == MostScripts ? Errno.ELOOP : OpenInterpreter(thread, head, ref path, arguments, out IOpenFile? interpreter, out file!, file);
                if (error == Errno.Success)
                    continue;
                file?.Release();
                return error;
            }

            if (error == Errno.Success)
                error = ExecuteElf(thread, file, head, name, arguments, environment);
            if (error != Errno.Success)
                file.Release();
            return error;
        }
    }

    private static byte[] ReadHead(LinuxThread thread, IOpenFile file, out Errno error)
    {
        byte[] head = new byte[HeadSize];
        var buffer = new KernelBuffer(head);
        SyscallResult result = file.ReadAt(thread, buffer, 0);
        error = result.Errno;
        return result.IsError ? [] : head[..(int)result.Value];
    }

    /// <summary>Takes the first line of a script apart and opens its interpreter (execve(2), "Interpreter scripts").</summary>
    private static Errno OpenInterpreter(
        LinuxThread thread, byte[] head, ref byte[] path, List<byte[]> arguments, out IOpenFile? interpreter, out IOpenFile? next, IOpenFile script)
    {
        interpreter = null;
        next = script;
        ReadOnlySpan<byte> line = head.AsSpan(2);
        int end = line.IndexOf((byte)'\n');
        if (end < 0 && head.Length == HeadSize && line.Trim(" \t"u8).IndexOfAny((byte)' ', (byte)'\t') < 0)
            return Errno.ENOEXEC; // cut in the middle of the interpreter's path
        line = (end < 0 ? line : line[..end]).Trim(" \t\r\0"u8);
        if (line.IsEmpty)
            return Errno.ENOEXEC;
        int space = line.IndexOfAny((byte)' ', (byte)'\t');
        byte[] program = (space < 0 ? line : line[..space]).ToArray();
        byte[]? option = space < 0 ? null : line[space..].Trim(" \t"u8).ToArray();
        arguments[0] = path;
        if (option is { Length: > 0 })
            arguments.Insert(0, option);
        arguments.Insert(0, program);
        path = program;
        var argument = new PathArgument(thread.Process.FileSystemContext, null, program, LookupFlags.Follow);
        Errno error = thread.Kernel.Vfs.OpenExecutable(thread, argument, out interpreter);
        if (error != Errno.Success)
        {
            NoteObstacle(thread, program);
            return error;
        }

        script.Release();
        next = interpreter;
        return Errno.Success;
    }

    private static Errno ExecuteElf(
        LinuxThread thread, IOpenFile file, byte[] head, byte[] name, List<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        LinuxKernel kernel = thread.Kernel;
        LinuxProcess process = thread.Process;
        Errno error = ElfImage.Read(thread, file, head, out ElfImage image);
        if (error != Errno.Success)
            return error;

        IOpenFile? interpreterFile = null;
        ElfImage? interpreter = null;
        if (image.InterpreterPath is not null)
        {
            error = OpenElfInterpreter(thread, image.InterpreterPath, out interpreterFile, out interpreter);
            if (error != Errno.Success)
                return error;
        }

        // Taken before the old memory goes: a program that there is no room for fails, and its caller goes on.
        AddressSpace? space = AddressSpace.TryCreate(kernel.Platform.Mmu, kernel.Commit);
        error = space is null ? Errno.ENOMEM : StackBuilder.CheckSize(process, arguments, environment);
        FileStatus status = default;
        if (error == Errno.Success && thread.ExceedsTaskLimit)
            error = CheckTaskLimit(thread);
        if (error == Errno.Success)
            error = file.GetStatus(thread, out status);
        if (error == Errno.Success)
            error = process.EndOtherThreads(thread);
        if (error != Errno.Success)
        {
            space?.RemoveUser();
            interpreterFile?.Release();
            return error;
        }

        process.StopRings(thread);

        // From here on there is no way back: the old memory goes, and an error kills the process.
        thread.Identity = ProgramIdentity.Of(thread, file, status, out bool gains);
        ProtectFromCaller(thread, gains);
        AddressSpace old = process.AddressSpace;
        thread.Memory.Space = space!;
        process.AddressSpace = space!;
        kernel.Platform.Mmu.Activate(thread.Context, space!.Mmu);
        old.RemoveUser();
        space.SetLimits(process.Limits);
        space.KeepsText = thread.Trace is not null;
        // Marked before the parent goes on: it may not move a child that has executed to another group (setpgid(2)).
        process.HasExecuted = true;

        Layout(thread, space);
        error = LoadAll(thread, space, file, image, interpreterFile, interpreter, name, arguments, environment);
        interpreterFile?.Release();
        thread.ReplacedRegisters = true;
        if (error != Errno.Success)
        {
            kernel.Log.Write(LogLevel.Error, $"{System.Text.Encoding.UTF8.GetString(name)}: the program can't be loaded ({error}).");
            process.BeginExit(Signal.SegmentationFault);
            return Errno.Success;
        }

        int formerId = thread.ThreadId;
        Commit(thread, file, name);
        // A parent that goes on now finds the whole program, its name and its stack in /proc. Where loading fails, the end of the thread tells it.
        thread.Vfork?.Complete();
        thread.Vfork = null;
        thread.StopForExec(formerId);
        return Errno.Success;
    }

    private static Errno OpenElfInterpreter(LinuxThread thread, byte[] path, out IOpenFile? file, out ElfImage? image)
    {
        image = null;
        var argument = new PathArgument(thread.Process.FileSystemContext, null, path, LookupFlags.Follow);
        Errno error = thread.Kernel.Vfs.OpenExecutable(thread, argument, out file);
        if (error != Errno.Success)
        {
            NoteObstacle(thread, path);
            return error;
        }

        byte[] head = ReadHead(thread, file!, out error);
        if (error == Errno.Success)
            error = ElfImage.Read(thread, file!, head, out image) == Errno.Success && image!.InterpreterPath is null ? Errno.Success : Errno.ELIBBAD;
        if (error != Errno.Success)
            file!.Release();
        return error;
    }

    /// <summary>The first program can't start for its interpreter: the message shall name that.</summary>
    private static void NoteObstacle(LinuxThread thread, byte[] path)
    {
        if (!thread.Process.HasExecuted)
            thread.Process.StartObstacle = "interpreter " + System.Text.Encoding.UTF8.GetString(path);
    }

    private static void Layout(LinuxThread thread, AddressSpace space)
    {
        // Address space layout randomisation in the ranges of the platform; ADDR_NO_RANDOMIZE turns it off.
        const uint noRandomize = 0x0040000;
        Span<byte> random = stackalloc byte[12];
        if ((thread.Process.Personality & noRandomize) == 0)
            thread.Kernel.Platform.Entropy.Fill(random);
        else
            random.Clear();

        // In sixteenths of what there is, 32 GiB or 256: the program from the first on, its heap above it; mappings from the third
        // on, below the stack; at most one for that.
        PageRange home = space.HomeRange;
        ulong part = home.Length / 16;
        ulong RandomPages(Span<byte> bits, ulong range) => BinaryPrimitives.ReadUInt32LittleEndian(bits) % (range / AddressSpace.PageSize) * AddressSpace.PageSize;
        AddressLayout layout = space.Layout;
        layout.ProgramBase = home.Start + part + RandomPages(random, part / 4);
        layout.StackTop = home.End - AddressSpace.PageSize - RandomPages(random[4..], part / 16);
        ulong stackLimit = Math.Clamp(thread.Process.Limits[ResourceLimits.Stack].Soft, 128 << 20, part / 2);
        layout.MappingTop = (layout.StackTop - stackLimit - part / 16 - RandomPages(random[8..], part / 16)) & ~(AddressSpace.PageSize - 1);
        layout.MappingBottom = home.Start + 3 * part;
    }

    private static Errno LoadAll(
        LinuxThread thread, AddressSpace space, IOpenFile file, ElfImage image, IOpenFile? interpreterFile, ElfImage? interpreter,
        byte[] name, List<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        var loader = new ElfLoader(thread, space, thread.Memory);
        Errno error = loader.Load(image, file, image.IsPositionIndependent ? space.Layout.ProgramBase : 0, out ulong bias);
        if (error != Errno.Success)
            return error;
        ulong entry = image.Entry + bias;
        ulong interpreterBase = 0;
        if (interpreter is not null)
        {
            error = loader.Load(interpreter, interpreterFile!, 0, out interpreterBase);
            if (error != Errno.Success)
                return error;
            entry = interpreter.Entry + interpreterBase;
        }

        space.Layout.BreakStart = image.End + bias;
        space.Layout.Break = space.Layout.BreakStart;
        ElfSegment first = image.Segments[0];
        ElfSegment last = image.Segments[^1];
        space.Program.CodeStart = first.Address + bias;
        space.Program.CodeEnd = first.Address + bias + first.FileSize;
        space.Program.DataStart = last.Address + bias;
        space.Program.DataEnd = last.Address + bias + last.FileSize;

        error = MapSignalReturn(thread, space);
        if (error != Errno.Success)
            return error;
        var builder = new StackBuilder(thread, space);
        error = builder.Build(image, bias, interpreterBase, name, arguments, environment, out ulong stackPointer);
        if (error != Errno.Success)
            return error;

        thread.Context.Registers.Clear();
        thread.InstructionPointer = entry;
        thread.StackPointer = stackPointer;
        thread.Cpu.Begin(thread.Context.Registers);
        thread.Context.ResetVectorState();
        thread.Context.SetAllRegistersChanged();
        return Errno.Success;
    }

    /// <summary>Gives a program the code that ends handlers, where its processor's Linux has it.</summary>
    private static Errno MapSignalReturn(LinuxThread thread, AddressSpace space)
    {
        ReadOnlySpan<byte> code = thread.Cpu.SignalReturn;
        if (code.IsEmpty)
            return Errno.Success;
        const Protection rights = Protection.Read | Protection.Execute;
        var attributes = new MappingAttributes(rights, rights | Protection.Write, false, false) { Kind = RegionKind.Vdso, IsUnreserved = true };
        Errno error = space.Map(0, AddressSpace.PageSize, attributes, 0, MemoryLimits.None, out ulong address);
        if (error != Errno.Success)
            return error;
        space.Program.SignalReturn = address;
        return space.WriteForcibly(address, code) == code.Length ? Errno.Success : Errno.ENOMEM;
    }

    /// <summary>A program with more rights than its caller keeps nothing by which that one could steer it (begin_new_exec of Linux).</summary>
    private static void ProtectFromCaller(LinuxThread thread, bool gains)
    {
        const uint clearedPersonality = 0x0400000 | 0x0040000 | 0x0200000 | 0x0100000; // PER_CLEAR_ON_SETID
        const ulong defaultStack = 8 << 20;
        LinuxProcess process = thread.Process;
        Identity.Identity identity = thread.Identity;
        process.Dumpable = identity.EffectiveUserId == identity.UserId && identity.EffectiveGroupId == identity.GroupId ? 1 : 0;
        thread.IsSecureProgram = gains;
        if (!gains)
            return;
        process.Personality &= ~clearedPersonality;
        process.ParentDeathSignal = 0;
        ResourceLimit stack = process.Limits[ResourceLimits.Stack];
        process.Limits[ResourceLimits.Stack] = stack with { Soft = Math.Min(stack.Soft, defaultStack) };
    }

    /// <summary>What else execve changes (execve(2), "Effect on process attributes").</summary>
    private static void Commit(LinuxThread thread, IOpenFile file, byte[] name)
    {
        LinuxProcess process = thread.Process;
        if (thread.ThreadId != process.ProcessId)
            thread.Kernel.Processes.Rename(thread, process.ProcessId);
        SignalActions actions = process.Actions.Clone();
        actions.ResetForExec();
        process.Actions = actions;
        process.UnshareDescriptors(thread);
        process.Descriptors.CloseMarked(thread);
        process.PosixTimers.DeleteAll();
        process.Executable?.Release();
        process.Executable = file;
        process.BarrierRegistrations = 0;
        process.ExitSignal = Signal.Child; // de_thread of Linux
        thread.AlternateStack = new SignalStack { Flags = SignalStack.Disable };
        thread.ClearThreadId = default;
        thread.RobustList = default;
        thread.RestartBlock = null;
        thread.Name.Set(name.AsSpan(name.AsSpan().LastIndexOf((byte)'/') + 1));
    }

    /// <summary>setuid(2) may have brought a user over RLIMIT_NPROC; execve(2) is where it shows.</summary>
    private static Errno CheckTaskLimit(LinuxThread thread)
    {
        LinuxProcess process = thread.Process;
        if ((ulong)thread.Kernel.Users.Count(process.UserId, UserResource.Tasks) > process.Limits[ResourceLimits.Processes].Soft)
            return Errno.EAGAIN;
        thread.ExceedsTaskLimit = false;
        return Errno.Success;
    }
}
