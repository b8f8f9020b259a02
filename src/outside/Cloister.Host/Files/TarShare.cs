using System;
using System.IO;
using System.IO.Compression;
using System.Text;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>The contents of a tar file: an index in memory; data is read from the tar where it lies.</summary>
internal sealed unsafe class TarShare : HostShare
{
    private readonly FileDescriptor _data;
    private readonly FileStream _keeper;
    private TarNode? _root;

    private TarShare(FileStream stream)
    {
        _keeper = stream;
        _data = FileDescriptor.Borrow((int)stream.SafeFileHandle.DangerousGetHandle());
    }

    public static TarShare Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10);
            if (IsCompressed(stream))
                stream = Decompress(stream);
            var share = new TarShare(stream);
            share._root = TarIndex.Read(share, stream, path);
            return share;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            stream?.Dispose();
            throw e switch
            {
                UnauthorizedAccessException => new HostException($"You have no permission to read the tar file '{path}'.", e),
                EndOfStreamException => new HostException($"The tar file '{path}' is truncated: copy or export it again.", e),
                InvalidDataException => new HostException(
                    $"'{path}' is not a tar file, or it is damaged ({e.Message.TrimEnd('.')}): export it again.", e),
                _ => new HostException($"The tar file '{path}' can't be read: {e.Message}", e),
            };
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    public override void Dispose() => _keeper.Dispose();

    internal override Errno OpenRoot(DescriptorBudget budget, out HostNode? node, out FileRecord record)
    {
        node = _root;
        return _root!.GetStatus(out record);
    }

    /// <summary>Status of the file system that holds the tar file, without room for more.</summary>
    internal Errno GetFileSystemStatus(out FileSystemRecord record)
    {
        Errno error = StatusReader.ReadFileSystem(_data, out record);
        record.FreeBlocks = 0;
        record.AvailableBlocks = 0;
        record.FreeFiles = 0;
        return error;
    }

    /// <summary>Reads bytes of the tar file.</summary>
    internal Errno Read(long position, Span<byte> into, out int count)
    {
        count = 0;
        fixed (byte* target = into)
        {
            while (count < into.Length)
            {
                nint result = Libc.PRead(_data, target + count, into.Length - count, position + count);
                if (result < 0 && Failure.WasInterrupted)
                    continue;
                if (result < 0)
                    return Failure.Last;
                // The file was complete when it was indexed: somebody has cut it since.
                if (result == 0)
                    return Errno.EIO;
                count += (int)result;
            }
        }

        return Errno.Success;
    }

    // RFC 1952: a gzip file starts with 31, 139.
    private static bool IsCompressed(FileStream stream)
    {
        bool compressed = stream.ReadByte() == 31 && stream.ReadByte() == 139;
        stream.Position = 0;
        return compressed;
    }

    // gzip has no index, so that reading from the middle needs the whole file in plain.
    private static FileStream Decompress(FileStream compressed)
    {
        using FileStream input = compressed;
        var plain = new FileStream(
            Path.Combine(Path.GetTempPath(), $"cloister-{Guid.NewGuid():N}.tar"),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            64 << 10,
            FileOptions.DeleteOnClose);
        try
        {
            // Unlinked at once: nothing is left behind, however the launcher ends.
            File.Delete(plain.Name);
            using var unzip = new GZipStream(input, CompressionMode.Decompress);
            unzip.CopyTo(plain, 1 << 20);
            plain.Position = 0;
            return plain;
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }
}
