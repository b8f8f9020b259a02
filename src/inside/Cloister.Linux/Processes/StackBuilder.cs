using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>Lays out the first stack: strings, auxiliary vector, environment, arguments (x86-64 psABI 3.4.1).</summary>
internal sealed class StackBuilder(LinuxThread thread, AddressSpace space)
{
    /// <summary>MAX_ARG_STRLEN of execve(2): 32 pages, with the final NUL.</summary>
    public const int LongestString = 131_072;

    private const ulong SmallestStack = 128 * 1024;

    /// <summary>E2BIG where arguments and environment take more than a quarter of the stack limit, or 6 MiB (execve(2)).</summary>
    public static Errno CheckSize(LinuxProcess process, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        ulong limit = Math.Min(process.Limits[ResourceLimits.Stack].Soft / 4, 6 << 20);
        limit = Math.Max(limit, SmallestStack);
        return SizeOf(arguments) + SizeOf(environment) > limit ? Errno.E2BIG : Errno.Success;
    }

    private static ulong SizeOf(IReadOnlyList<byte[]> strings)
    {
        ulong total = 0;
        foreach (byte[] text in strings)
            total += (ulong)text.Length + 9;
        return total;
    }

    public Errno Build(
        ElfImage image, ulong bias, ulong interpreterBase, byte[] path, List<byte[]> arguments, IReadOnlyList<byte[]> environment,
        out ulong stackPointer)
    {
        ulong top = space.Layout.StackTop;
        ulong size = (SmallestStack + SizeOf(arguments) + SizeOf(environment)) & ~(AddressSpace.PageSize - 1);
        Protection protection = Protection.Read | Protection.Write | (image.HasExecutableStack ? Protection.Execute : 0);
        // It grows when it is touched below, up to the limit; what it has is counted then.
        var attributes = new MappingAttributes(protection, Protection.Read | Protection.Write | Protection.Execute, false, false)
        {
            Kind = RegionKind.Stack,
            IsUnreserved = true,
            GrowsDown = true,
        };
        stackPointer = 0;
        Errno error = space.MapFixed(top - size, size, attributes, replace: false, MemoryLimits.None);
        if (error != Errno.Success)
            return error;

        // Strings, from the top down: program path, environment, arguments, platform, random bytes.
        var strings = new List<byte>();
        var argumentOffsets = new List<int>();
        var environmentOffsets = new List<int>();
        foreach (byte[] text in arguments)
            argumentOffsets.Add(Append(strings, text));
        int environmentStart = strings.Count;
        foreach (byte[] text in environment)
            environmentOffsets.Add(Append(strings, text));
        int environmentEnd = strings.Count;
        int pathOffset = Append(strings, path);
        int platformOffset = Append(strings, thread.Cpu.PlatformName);
        int randomOffset = strings.Count;
        Span<byte> random = stackalloc byte[16];
        thread.Kernel.Platform.Entropy.Fill(random);
        foreach (byte value in random)
            strings.Add(value);

        ulong stringsAddress = (top - 8 - (ulong)strings.Count) & ~15UL;
        List<(ulong Type, ulong Value)> auxiliary = AuxiliaryVector(image, bias, interpreterBase, stringsAddress, pathOffset, platformOffset, randomOffset);

        int words = 1 + arguments.Count + 1 + environment.Count + 1 + auxiliary.Count * 2;
        stackPointer = (stringsAddress - (ulong)words * 8) & ~15UL;
        byte[] block = new byte[words * 8];
        int at = 0;
        void Push(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(at), value);
            at += 8;
        }

        Push((ulong)arguments.Count);
        foreach (int offset in argumentOffsets)
            Push(stringsAddress + (ulong)offset);
        Push(0);
        foreach (int offset in environmentOffsets)
            Push(stringsAddress + (ulong)offset);
        Push(0);
        int auxiliaryAt = at;
        foreach ((ulong type, ulong value) in auxiliary)
        {
            Push(type);
            Push(value);
        }

        ProgramLayout program = space.Program;
        program.AuxiliaryVector = block[auxiliaryAt..];
        program.StackStart = stackPointer;
        program.ArgumentsStart = stringsAddress;
        program.ArgumentsEnd = stringsAddress + (ulong)environmentStart;
        program.EnvironmentStart = stringsAddress + (ulong)environmentStart;
        program.EnvironmentEnd = stringsAddress + (ulong)environmentEnd;
        error = thread.Memory.CopyOut(new UserAddress(stringsAddress), strings.ToArray());
        return error == Errno.Success ? thread.Memory.CopyOut(new UserAddress(stackPointer), block) : error;
    }

    private List<(ulong Type, ulong Value)> AuxiliaryVector(
        ElfImage image, ulong bias, ulong interpreterBase, ulong strings, int path, int platform, int random)
    {
        // getauxval(3); the order is Linux's (create_elf_tables).
        IMmu mmu = thread.Kernel.Platform.Mmu;
        Identity.Identity identity = thread.Identity;
        var vector = new List<(ulong, ulong)>();
        if (mmu.Vdso is { } vdso)
            vector.Add((33, vdso.Address)); // AT_SYSINFO_EHDR
        vector.Add((51, thread.Cpu.LargestFrame(thread.Context))); // AT_MINSIGSTKSZ
        vector.Add((16, mmu.HardwareCapabilities)); // AT_HWCAP
        vector.Add((6, AddressSpace.PageSize)); // AT_PAGESZ
        vector.Add((17, 100)); // AT_CLKTCK
        vector.Add((3, image.HeadersAddress == 0 ? 0 : image.HeadersAddress + bias)); // AT_PHDR
        vector.Add((4, 56)); // AT_PHENT
        vector.Add((5, (ulong)image.HeaderCount)); // AT_PHNUM
        vector.Add((7, interpreterBase)); // AT_BASE
        vector.Add((8, 0)); // AT_FLAGS
        vector.Add((9, image.Entry + bias)); // AT_ENTRY
        vector.Add((11, identity.UserId)); // AT_UID
        vector.Add((12, identity.EffectiveUserId)); // AT_EUID
        vector.Add((13, identity.GroupId)); // AT_GID
        vector.Add((14, identity.EffectiveGroupId)); // AT_EGID
        vector.Add((23, thread.IsSecureProgram ? 1UL : 0)); // AT_SECURE
        vector.Add((25, strings + (ulong)random)); // AT_RANDOM
        vector.Add((26, mmu.HardwareCapabilities2)); // AT_HWCAP2
        vector.Add((31, strings + (ulong)path)); // AT_EXECFN
        if (!thread.Cpu.PlatformName.IsEmpty)
            vector.Add((15, strings + (ulong)platform)); // AT_PLATFORM
        vector.Add((0, 0)); // AT_NULL
        return vector;
    }

    private static int Append(List<byte> strings, ReadOnlySpan<byte> text)
    {
        int offset = strings.Count;
        foreach (byte value in text)
            strings.Add(value);
        strings.Add(0);
        return offset;
    }
}
