using System;
using System.IO;
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
        FileStream stream = PlainArchive.Open(path);
        try
        {
            var share = new TarShare(stream);
            share._root = TarIndex.Read(share, stream, path);
            if (share.WhatImage() is { } image)
                throw new HostException($"'{path}' is {image}, not a root file system: 'docker export' of a container, or 'umoci unpack', makes one.");
            return share;
        }
        catch (IOException e)
        {
            stream.Dispose();
            throw new HostException($"The tar file '{path}' can't be read: {e.Message}", e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What a directory with image files in it is; null for a root file system.</summary>
    public static string? WhatImage(Func<string, bool> has) =>
        has("oci-layout") && has("index.json") ? "an OCI image layout" : has("manifest.json") && (has("repositories") || has("blobs")) ? "an archive of 'docker save'" : null;

    private string? WhatImage() => WhatImage(name => _root!.Find(Encoding.UTF8.GetBytes(name)) is not null);

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
}
