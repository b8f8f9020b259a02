using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using Cloister.Abi.Files;
using Cloister.Host.Files;
using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>A descriptor that the launcher was started with.</summary>
/// <param name="Descriptor">Its number.</param>
/// <param name="Flags">How it was opened.</param>
/// <param name="IsRegular">Whether it is a regular file.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
public readonly record struct CallerFile(int Descriptor, OpenFlags Flags, bool IsRegular, bool IsDirectory);

/// <summary>
/// What this process had when it was started, as exec leaves it to a program: before the runtime and the launcher took descriptors
/// and raised limits for themselves.
/// </summary>
public sealed unsafe class CallerProcess
{
    private const int StandardStreams = 3;
    private const int LimitCount = 16;

    private CallerProcess(
        IReadOnlyList<CallerFile> files, uint umask, IReadOnlyDictionary<int, (ulong Soft, ulong Hard)> limits, ulong ignored, ulong blocked)
    {
        Files = files;
        Umask = umask;
        Limits = limits;
        IgnoredSignals = ignored;
        BlockedSignals = blocked;
    }

    /// <summary>The open files by their numbers.</summary>
    public IReadOnlyList<CallerFile> Files { get; }

    /// <summary>The file mode creation mask.</summary>
    public uint Umask { get; }

    /// <summary>Resource limits by number.</summary>
    public IReadOnlyDictionary<int, (ulong Soft, ulong Hard)> Limits { get; }

    /// <summary>Ignored signals: bit N - 1 for signal N.</summary>
    public ulong IgnoredSignals { get; }

    /// <summary>Blocked signals, likewise.</summary>
    public ulong BlockedSignals { get; }

    /// <summary>
    /// Replaces the standard streams, so that whoever reads from them finds their end. CoreCLR has made copies of them for itself.
    /// </summary>
    internal static void ReplaceStreams(FileDescriptor input, FileDescriptor output, FileDescriptor error)
    {
        foreach (int descriptor in new List<int>(ListDescriptors()))
        {
            if (descriptor >= StandardStreams && IsCopyOfStream(descriptor))
                Libc.Dup2(input, descriptor);
        }

        Libc.Dup2(input, 0);
        Libc.Dup2(output, 1);
        Libc.Dup2(error, 2);
    }

    private static bool IsCopyOfStream(int descriptor)
    {
        using FileDescriptor file = FileDescriptor.Borrow(descriptor);
        if (StatusReader.Read(file, out Hal.HostProtocol.FileRecord record) != Abi.Errno.Success || (record.Mode & Constants.S_IFMT) == Constants.S_IFCHR)
            return false;
        for (int stream = 1; stream < StandardStreams; stream++)
        {
            using FileDescriptor standard = FileDescriptor.Borrow(stream);
            if (StatusReader.Read(standard, out Hal.HostProtocol.FileRecord other) == Abi.Errno.Success
                && other.Inode == record.Inode && other.Device == record.Device)
                return true;
        }

        return false;
    }

    /// <summary>Closes all but the standard streams: a launcher in the background doesn't keep them open for the caller.</summary>
    public void CloseOthers()
    {
        foreach (CallerFile file in Files)
        {
            if (file.Descriptor >= StandardStreams)
                Libc.Close(file.Descriptor);
        }
    }

    /// <summary>
    /// Looks. To be called before anything else is opened; puts /dev/null where a standard stream is closed, so that no file of
    /// the launcher becomes one by chance.
    /// </summary>
    public static CallerProcess Capture()
    {
        var files = new List<CallerFile>();
        foreach (int descriptor in ListDescriptors())
        {
            using FileDescriptor file = FileDescriptor.Borrow(descriptor);
            int own = Libc.FCntl(file, Constants.F_GETFD, 0);
            // exec closes what has the flag: the runtime has opened it since.
            if (own < 0 || (own & Constants.FD_CLOEXEC) != 0)
                continue;
            int flags = Libc.FCntl(file, Constants.F_GETFL, 0);
            if (flags < 0 || StatusReader.Read(file, out Hal.HostProtocol.FileRecord record) != Abi.Errno.Success)
                continue;
            uint type = record.Mode & Constants.S_IFMT;
            files.Add(new CallerFile(descriptor, (OpenFlags)flags, type == Constants.S_IFREG, type == Constants.S_IFDIR));
        }

        for (int stream = 0; stream < StandardStreams; stream++)
            FillClosed(stream);
        files.Sort((a, b) => a.Descriptor.CompareTo(b.Descriptor));

        uint umask = Libc.UMask(0x3F);
        Libc.UMask(umask);
        (ulong ignored, ulong blocked) = ReadSignals();
        return new CallerProcess(files, umask, ReadLimits(), ignored, blocked);
    }

    // Where it is closed, or the runtime's own by now (which keeps working: it has another number then).
    private static void FillClosed(int stream)
    {
        using FileDescriptor file = FileDescriptor.Borrow(stream);
        if (Libc.FCntl(file, Constants.F_GETFD, 0) >= 0)
            return;
        fixed (byte* path = "/dev/null\0"u8)
        {
            // The lowest free number is the one wanted, as those below are taken by now.
            Libc.Open(path, Constants.O_RDWR | Constants.O_CLOEXEC, 0);
        }
    }

    private static IEnumerable<int> ListDescriptors()
    {
        const int usual = 256;
        if (!Directory.Exists("/proc/self/fd"))
        {
            for (int descriptor = 0; descriptor < usual; descriptor++)
                yield return descriptor;
            yield break;
        }

        foreach (string path in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor))
                yield return descriptor;
        }
    }

    private static Dictionary<int, (ulong Soft, ulong Hard)> ReadLimits()
    {
        var limits = new Dictionary<int, (ulong Soft, ulong Hard)>();
        for (int resource = 0; resource < LimitCount; resource++)
        {
            ResourceLimit limit;
            if (Libc.GetRLimit(resource, &limit) == 0)
                limits[resource] = (limit.Soft, limit.Hard);
        }

        return limits;
    }

    // proc(5): SigBlk and SigIgn of the main thread, in hexadecimal.
    private static (ulong Ignored, ulong Blocked) ReadSignals()
    {
        // The runtime ignores SIGPIPE for itself, whatever the caller did.
        const ulong pipe = 1UL << 12;
        ulong ignored = 0, blocked = 0;
        try
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("SigBlk:", StringComparison.Ordinal))
                    blocked = Parse(line);
                else if (line.StartsWith("SigIgn:", StringComparison.Ordinal))
                    ignored = Parse(line) & ~pipe;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc nothing is known to be ignored.
        }

        return (ignored, blocked);

        static ulong Parse(string line) =>
            ulong.TryParse(line.AsSpan("SigBlk:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong mask) ? mask : 0;
    }
}
