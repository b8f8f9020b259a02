using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Threading.Tasks;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;
using Cloister.Host.Terminal;

namespace Cloister.Host.Files;

/// <summary>
/// Opens archives as plain files that can be read anywhere in them. What is compressed is unpacked once into a file without a name:
/// gzip by .NET, others by the tools that are made for them, as tar(1) does.
/// </summary>
public static class PlainArchive
{
    private const int BufferLength = 1 << 20;
    private const long ProgressStep = 1L << 30;

    // So much of a disk stays free.
    private const long Reserve = 256L << 20;

    private delegate void Decompressor(Stream from, Action<ReadOnlySpan<byte>> write);

    /// <summary>Opens a tar file, compressed or not.</summary>
    /// <exception cref="HostException">It is no tar file, or can't be read or unpacked.</exception>
    public static FileStream Open(string path)
    {
        FileStream file = OpenRegular(path);
        try
        {
            Span<byte> head = stackalloc byte[8];
            head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            file.Position = 0;
            if (WhatElse(head) is { } other)
                throw new HostException($"'{path}' is {other}.");
            if (Unpack(path, file) is not { } plain)
                return file;
            file.Dispose();
            return plain;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Unpacks what is compressed into a file without a name; null for what isn't, which is at its beginning again.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="stream">What can seek.</param>
    public static FileStream? Unpack(string path, Stream stream)
    {
        Span<byte> head = stackalloc byte[8];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        try
        {
            // RFC 1952: a gzip file starts with 31, 139.
            if (head.StartsWith((ReadOnlySpan<byte>)[31, 139]))
                return Unpack(path, stream, Gunzip);
            return ToolOf(head) is { } tool ? Unpack(path, stream, (from, write) => Run(tool, path, from, write)) : null;
        }
        catch (InvalidDataException e)
        {
            throw new HostException($"'{path}' is damaged ({e.Message.TrimEnd('.')}): copy or export it again.", e);
        }
    }

    // Not File.Open, which waits at a FIFO for somebody who writes.
    private static unsafe FileStream OpenRegular(string path)
    {
        int descriptor;
        fixed (byte* text = ByteText.Terminated(path))
            descriptor = Libc.Open(text, Constants.O_RDONLY | Constants.O_CLOEXEC | Constants.O_NONBLOCK | Constants.O_NOCTTY, 0);
        if (descriptor < 0)
        {
            throw new HostException(Failure.Last switch
            {
                Errno.ENOENT => $"There is no tar file '{path}'.",
                Errno.EACCES => $"You have no permission to read the tar file '{path}'.",
                Errno error => $"The tar file '{path}' can't be read ({error}).",
            });
        }

        var file = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, 64 << 10);
        using FileDescriptor borrowed = FileDescriptor.Borrow(descriptor);
        if (StatusReader.Read(borrowed, out FileRecord status) == Errno.Success && (status.Mode & Constants.S_IFMT) == Constants.S_IFREG)
            return file;
        file.Dispose();
        throw new HostException($"'{path}' is no regular file: a tar file has to be one, as it is read in any order.");
    }

    private static string? ToolOf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]))
            return "zstd";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return "xz";
        return head.StartsWith("BZh"u8) ? "bzip2" : null;
    }

    private static string? WhatElse(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("hsqs"u8))
            return "a squashfs image, not a tar file: 'unsquashfs' makes a directory of it";
        if (head.StartsWith("PK\x03\x04"u8))
            return "a zip file, not a tar file: unpack it, and give the directory";
        if (head.StartsWith("!<arch>"u8))
            return "an ar archive, not a tar file: 'dpkg-deb --fsys-tarfile' makes one of a Debian package";
        return head.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F']) ? "a program, not a tar file" : null;
    }

    private static FileStream Unpack(string path, Stream compressed, Decompressor decompress)
    {
        // Not /tmp first, which often is memory.
        string? given = Environment.GetEnvironmentVariable("TMPDIR");
        string folder = !string.IsNullOrEmpty(given) ? given : Directory.Exists("/var/tmp") ? "/var/tmp" : "/tmp";
        FileStream? plain = null;
        long done = 0, told = 0;
        try
        {
            string name = Path.Combine(folder, $"cloister-{Guid.NewGuid():N}.tar");
            plain = new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
            // Unlinked at once: nothing is left behind, however the launcher ends.
            File.Delete(plain.Name);
            decompress(compressed, bytes =>
            {
                // A few kilobytes can become terabytes: the disk isn't filled with them, and who waits learns why.
                if (done / BufferLength != (done += bytes.Length) / BufferLength && RoomIn(folder) < Reserve)
                {
                    throw new HostException(
                        $"'{path}' becomes larger than {folder} has room for (after {Describe(done)}): set TMPDIR to another place, or give an unpacked directory.");
                }

                if (done - told >= ProgressStep)
                    LauncherOutput.WriteError($"cloister: unpacking '{PlainText.Escape(path)}' into {folder}: {Describe(told = done)}\n");
                plain.Write(bytes);
            });
            plain.Position = 0;
            return plain;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            plain?.Dispose();
            throw new HostException($"'{path}' can't be unpacked into {folder} ({e.Message.TrimEnd('.')}): set TMPDIR to another place.", e);
        }
        catch
        {
            plain?.Dispose();
            throw;
        }
    }

    private static void Gunzip(Stream from, Action<ReadOnlySpan<byte>> write)
    {
        using var unzip = new GZipStream(from, CompressionMode.Decompress, leaveOpen: true);
        Copy(unzip, write);
    }

    private static void Run(string tool, string path, Stream from, Action<ReadOnlySpan<byte>> write)
    {
        var start = new ProcessStartInfo(tool, ["-dc"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new HostException($"'{path}' is compressed with {tool}, which is not installed: install it, or unpack the file first.", e);
        }

        using (process)
        {
            Task feed = Task.Run(() =>
            {
                try
                {
                    using Stream input = process!.StandardInput.BaseStream;
                    from.CopyTo(input, BufferLength);
                }
                catch (IOException)
                {
                    // It has ended before: its status says why.
                }
            });
            Task<string> complaint = process!.StandardError.ReadToEndAsync();
            try
            {
                Copy(process.StandardOutput.BaseStream, write);
            }
            catch
            {
                process.Kill();
                throw;
            }

            feed.Wait();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new HostException($"'{path}' can't be unpacked: {FirstLine(complaint.Result, tool)}.");
        }
    }

    private static string FirstLine(string text, string tool)
    {
        string line = text.Trim();
        int end = line.IndexOf('\n');
        return line.Length == 0 ? $"{tool} failed" : (end < 0 ? line : line[..end]).TrimEnd('.', ' ');
    }

    private static void Copy(Stream from, Action<ReadOnlySpan<byte>> write)
    {
        byte[] buffer = new byte[BufferLength];
        while (from.Read(buffer) is var count and > 0)
            write(buffer.AsSpan(0, count));
    }

    private static long RoomIn(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Not known: writing will tell.
            return long.MaxValue;
        }
    }

    private static string Describe(long bytes) => bytes >= ProgressStep ? $"{bytes / (double)ProgressStep:0.0} GiB" : $"{bytes >> 20} MiB";
}
