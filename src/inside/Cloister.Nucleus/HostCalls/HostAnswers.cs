using System;
using System.Numerics;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>
/// One check for each kind of answer. Every method gets a private copy of the completion and the shared data slot; it
/// copies out of the slot once and checks the copy. What is not possible on Linux gives EIO.
/// </summary>
internal static partial class HostAnswers
{
    // Sizes and offsets stay below this, so that the kernel may add two of them without overflow.
    private const long LargestSize = 1L << 62;
    private const int LongestTarget = 4095;

    /// <summary>An answer without contents.</summary>
    public static Errno CheckPlain(HostOperation operation, in CompletionEntry answer) => HostErrors.Check(operation, answer.Error);

    /// <summary>The status of a file.</summary>
    /// <param name="expectedType">The file type it must have, or 0.</param>
    public static Errno CheckStatus(
        HostOperation operation, in CompletionEntry answer, SharedWindow data, uint expectedType, out HostFileStatus status)
    {
        status = default;
        Errno error = HostErrors.Check(operation, answer.Error);
        if (error != Errno.Success)
            return error;
        if (!data.Read<FileRecord>().TryCheck(TryConvert, out status) || (expectedType != 0 && status.Type != expectedType))
        {
            status = default;
            return Errno.EIO;
        }

        return Errno.Success;
    }

    /// <summary>A number of bytes transferred, whose contents (if any) are data of the program.</summary>
    public static Errno CheckCount(HostOperation operation, in CompletionEntry answer, int wanted, out int count)
    {
        count = 0;
        Errno error = HostErrors.Check(operation, answer.Error);
        if (error != Errno.Success)
            return error;
        return answer.Data.TryGet(wanted, out count) ? Errno.Success : Errno.EIO;
    }

    /// <summary>A number of bytes written: none at all would make writers try for ever.</summary>
    public static Errno CheckWritten(HostOperation operation, in CompletionEntry answer, int given, out int count)
    {
        Errno error = CheckCount(operation, answer, given, out count);
        return error == Errno.Success && count == 0 && given != 0 ? Errno.EIO : error;
    }

    /// <summary>A batch of directory entries, copied into the caller's buffer.</summary>
    public static Errno CheckDirectory(
        scoped in CompletionEntry answer, scoped SharedWindow data, ulong askedCookie, int wanted, Span<byte> buffer, out HostDirectoryBatch batch)
    {
        batch = default;
        Errno error = HostErrors.Check(HostOperation.ReadDirectory, answer.Error);
        if (error != Errno.Success)
            return error;
        bool isLast = answer.Flags.Is(1);

        // Every record has a cookie, so that there are never more records than bytes.
        ulong next = answer.Value.Masked(ulong.MaxValue);
        if (!answer.Data.TryGet(wanted, out int length) || !answer.Items.TryGet(wanted, out int count) || !answer.Flags.TryGet(0, 1, out uint _))
            return Errno.EIO;
        // A batch that isn't the last must lead on, or readers would go round for ever.
        if (!isLast && (count == 0 || next == askedCookie || next == 0))
            return Errno.EIO;

        SharedWindow rest = data.First(length);
        var writer = new HostDirectoryWriter(buffer);
        for (int i = 0; i < count; i++)
        {
            if (rest.Length < DirectoryRecord.Name)
                return Errno.EIO;
            bool isFile = rest.Read<FileRecord>().TryCheck(TryConvert, out HostFileStatus status);
            bool hasCookie = rest.From(DirectoryRecord.Cookie).Read<ulong>().TryGet(1, ulong.MaxValue, out ulong cookie);
            bool hasName = rest.From(DirectoryRecord.NameLength).Read<uint>().TryGet(DirectoryRecord.LongestName, out int nameLength);
            if (!isFile || !hasCookie || !hasName || rest.Length < DirectoryRecord.LengthOf(nameLength))
                return Errno.EIO;
            if (!writer.TryReserve(nameLength, out Span<byte> name))
                return Errno.EIO;
            rest.From(DirectoryRecord.Name).CopyTo(name[..nameLength]);
            if (!HostNames.IsComponent(name))
                return Errno.EIO;
            writer.Commit(nameLength, status, cookie);
            rest = rest.From(DirectoryRecord.LengthOf(nameLength));
        }

        if (rest.Length != 0)
            return Errno.EIO;
        batch = writer.ToBatch(next, isLast);
        return Errno.Success;
    }

    /// <summary>The target of a symbolic link: 1 to 4095 bytes without NUL.</summary>
    public static Errno CheckTarget(in CompletionEntry answer, SharedWindow data, Span<byte> buffer, out int length)
    {
        length = 0;
        Errno error = HostErrors.Check(HostOperation.ReadLink, answer.Error);
        if (error != Errno.Success)
            return error;
        if (!answer.Data.TryGet(1, LongestTarget, out uint targetLength))
            return Errno.EIO;
        if (targetLength > (uint)buffer.Length)
            return Errno.ERANGE;
        Span<byte> target = buffer[..(int)targetLength];
        data.CopyTo(target);
        if (target.Contains((byte)0))
            return Errno.EIO;
        length = target.Length;
        return Errno.Success;
    }

    /// <summary>Value or names of extended attributes.</summary>
    /// <param name="limit">Longest that Linux has: XATTR_SIZE_MAX, XATTR_LIST_MAX, both 65,536.</param>
    public static Errno CheckAttribute(
        HostOperation operation, in CompletionEntry answer, SharedWindow data, int limit, Span<byte> buffer, out int length)
    {
        length = 0;
        Errno error = HostErrors.Check(operation, answer.Error);
        if (error != Errno.Success)
            return error;
        if (buffer.IsEmpty)
        {
            if (!answer.Value.TryGet(0, limit, out long whole))
                return Errno.EIO;
            length = (int)whole;
            return Errno.Success;
        }

        if (!answer.Data.TryGet(Math.Min(limit, data.Length), out int got))
            return Errno.EIO;
        if (got > buffer.Length)
            return Errno.ERANGE;
        Span<byte> value = buffer[..got];
        data.CopyTo(value);
        if (operation == HostOperation.ListExtendedAttributes && !IsNameList(value))
            return Errno.EIO;
        length = value.Length;
        return Errno.Success;
    }

    /// <summary>The status of a file system.</summary>
    public static Errno CheckFileSystem(in CompletionEntry answer, SharedWindow data, out HostFileSystemStatus status)
    {
        status = default;
        Errno error = HostErrors.Check(HostOperation.GetFileSystemStatus, answer.Error);
        if (error != Errno.Success)
            return error;
        return data.Read<FileSystemRecord>().TryCheck(TryConvert, out status) ? Errno.Success : Errno.EIO;
    }

    private static bool TryConvert(in FileSystemRecord record, out HostFileSystemStatus status)
    {
        status = default;
        const ulong Most = (ulong)LargestSize;
        if (record.BlockSize is < 1 or > 1 << 30 || record.NameLimit is < 1 or > DirectoryRecord.LongestName
            || record.Blocks > Most || record.FreeBlocks > record.Blocks || record.AvailableBlocks > record.FreeBlocks
            || record.Files > Most || record.FreeFiles > record.Files)
            return false;
        status = new HostFileSystemStatus(
            record.Type, record.BlockSize, record.Blocks, record.FreeBlocks, record.AvailableBlocks, record.Files, record.FreeFiles, record.NameLimit);
        return true;
    }

    /// <summary>Readiness of a stream; an error of the request is POLLERR.</summary>
    public static PollEvents CheckEvents(HostOperation operation, in CompletionEntry answer)
    {
        const PollEvents Known = PollEvents.In | PollEvents.Out | PollEvents.Priority | PollEvents.Error | PollEvents.HangUp;
        return HostErrors.Check(operation, answer.Error) == Errno.Success ? (PollEvents)answer.Flags.Masked((uint)Known) : PollEvents.Error;
    }

    /// <summary>A position in a file.</summary>
    public static Errno CheckPosition(HostOperation operation, in CompletionEntry answer, long limit, out long position)
    {
        position = 0;
        Errno error = HostErrors.Check(operation, answer.Error);
        if (error != Errno.Success)
            return error;
        return answer.Value.TryGet(0, limit, out position) ? Errno.Success : Errno.EIO;
    }

    /// <summary>Terminal settings: every value of their bytes is possible.</summary>
    public static Errno CheckTermios(in CompletionEntry answer, SharedWindow data, Span<byte> termios)
    {
        Errno error = HostErrors.Check(HostOperation.ConsoleGetTermios, answer.Error);
        if (error == Errno.Success)
            data.CopyTo(termios[..HostTerminal.TermiosLength]);
        return error;
    }

    /// <summary>Size of a window.</summary>
    public static Errno CheckWindowSize(in CompletionEntry answer, out HostWindowSize size)
    {
        Errno error = HostErrors.Check(HostOperation.ConsoleGetWindowSize, answer.Error);
        ulong packed = error == Errno.Success ? answer.Value.Masked(ulong.MaxValue) : 0;
        size = new HostWindowSize((ushort)packed, (ushort)(packed >> 16), (ushort)(packed >> 32), (ushort)(packed >> 48));
        return error;
    }

    /// <summary>The signal that the launcher got or its user asked for, or 0 for what is none.</summary>
    public static int CheckSignal(in CompletionEntry answer, out int program)
    {
        bool isProgram = answer.Items.TryGet(HostStreams.Programs, out program);
        return isProgram && answer.Error.Is(0) && answer.Value.TryGet(1, 64, out long signal) ? (int)signal : 0;
    }

    /// <summary>A program that is to join. Copied from the slot once, as a whole.</summary>
    public static Errno CheckProgram(in CompletionEntry answer, SharedWindow data, out HostProgram? program)
    {
        program = null;
        Errno error = HostErrors.Check(HostOperation.WaitForProgram, answer.Error);
        if (error != Errno.Success)
            return error;
        if (!answer.Data.TryGet(ProgramRecord.Length, (uint)data.Length, out uint length))
            return Errno.EIO;
        ReadOnlySpan<byte> rest = data.First((int)length).ToArray();
        ProgramRecord record = MemoryMarshal.Read<ProgramRecord>(rest);
        rest = rest[ProgramRecord.Length..];
        // Each string is at least its NUL: no count is believed that the bytes don't bear out.
        if (record.Number is 0 or > HostStreams.Programs || record.ArgumentCount == 0 || record.ArgumentCount > (uint)rest.Length
            || record.VariableCount > (uint)rest.Length)
            return Errno.EIO;
        var directory = new byte[1][];
        var arguments = new byte[record.ArgumentCount][];
        var variables = new byte[record.VariableCount][];
        if (!TryReadStrings(ref rest, directory) || !TryReadStrings(ref rest, arguments) || !TryReadStrings(ref rest, variables) || !rest.IsEmpty)
            return Errno.EIO;
        int first = HostStreams.FirstOf((int)record.Number);
        program = new HostProgram
        {
            Number = (int)record.Number,
            Arguments = arguments,
            Environment = variables,
            WorkingDirectory = directory[0],
            UserId = record.UserId,
            GroupId = record.GroupId,
            Umask = record.Umask,
            HasTerminal = (record.Flags & ProgramRecord.HasTerminal) != 0,
            Files = [ToFile(record.Input, first, 0), ToFile(record.Output, first, 1), ToFile(record.Error, first, 2)],
        };
        return Errno.Success;
    }

    /// <summary>Largest size and offset that the kernel accepts.</summary>
    public static bool IsRange(long offset, long length) =>
        offset >= 0 && length >= 0 && offset < LargestSize && length < LargestSize;

    private static InheritedFile ToFile(in ProgramStream stream, int first, int descriptor) =>
        new(descriptor, first + descriptor, Math.Max(stream.Share, -1), (OpenFlags)stream.Flags);

    private static bool TryReadStrings(ref ReadOnlySpan<byte> rest, Span<byte[]> strings)
    {
        for (int i = 0; i < strings.Length; i++)
        {
            int length = rest.IndexOf((byte)0);
            if (length < 0)
                return false;
            strings[i] = rest[..length].ToArray();
            rest = rest[(length + 1)..];
        }

        return true;
    }

    private static bool TryConvert(in FileRecord record, out HostFileStatus status)
    {
        status = default;
        // S_IFIFO, S_IFCHR, S_IFDIR, S_IFBLK, S_IFREG, S_IFLNK, S_IFSOCK (inode(7)).
        bool knownType = (record.Mode & HostFileStatus.TypeMask) is 0x1000 or 0x2000 or 0x4000 or 0x6000 or 0x8000 or 0xA000 or 0xC000;
        if (!knownType || record.Mode > 0xFFFF || record.LinkCount > uint.MaxValue
            || record.Size is < 0 or >= LargestSize || record.Blocks is < 0 or >= LargestSize
            || record.BlockSize is < 512 or > 1 << 30 || !BitOperations.IsPow2(record.BlockSize))
            return false;
        status = new HostFileStatus(
            record.Mode,
            record.LinkCount,
            record.UserId,
            record.GroupId,
            record.Size,
            record.Blocks,
            record.Inode,
            PackDevice(record.Device),
            PackDevice(record.RawDevice),
            record.AccessTime,
            record.ModifyTime,
            record.ChangeTime,
            record.BlockSize);
        return true;
    }

    private static ulong PackDevice(ulong device) => HostFileStatus.PackDevice((uint)(device >> 32), (uint)device);

    // Names of 1 to 255 bytes, each ended by NUL.
    private static bool IsNameList(ReadOnlySpan<byte> list)
    {
        while (!list.IsEmpty)
        {
            int length = list.IndexOf((byte)0);
            if (length is < 1 or > 255)
                return false;
            list = list[(length + 1)..];
        }

        return true;
    }
}
