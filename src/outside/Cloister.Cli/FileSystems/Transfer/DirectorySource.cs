using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Hal.HostProtocol;
using Cloister.Host;
using Cloister.Host.Files;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>Reads a directory of this machine.</summary>
internal sealed class DirectorySource(string directory, ITransferSink sink)
{
    // By device and inode, the first path of files that have several.
    private readonly Dictionary<(ulong Device, ulong Inode), byte[]> _linked = [];

    public void Run()
    {
        using SourceTree tree = SourceTree.Open(directory);
        Add(tree, [], []);
        AddEntries(tree, []);
        sink.Finish();
    }

    private void AddEntries(SourceTree tree, byte[] path)
    {
        var names = new List<byte[]>();
        Require(tree.List(names), path);
        foreach (byte[] name in names)
        {
            byte[] full = path.Length == 0 ? name : [.. path, (byte)'/', .. name];
            if (!Add(tree, name, full))
                continue;
            Require(tree.OpenDirectory(name, out SourceTree? below), full);
            using (below)
                AddEntries(below!, full);
        }
    }

    // True for a directory.
    private bool Add(SourceTree tree, byte[] name, byte[] path)
    {
        Require(tree.GetStatus(name, out FileRecord status), path);
        bool isDirectory = FileModes.IsDirectory(status.Mode);
        uint type = status.Mode & FileModes.S_IFMT;
        byte[]? first = null;
        if (!isDirectory && status.LinkCount > 1 && !_linked.TryAdd((status.Device, status.Inode), path))
            first = _linked[(status.Device, status.Inode)];
        var attributes = new List<(byte[] Name, byte[] Value)>();
        byte[] target = [];
        if (first is null)
            Require(tree.GetExtendedAttributes(name, attributes), path);
        if (first is null && type == FileModes.S_IFLNK)
            Require(tree.ReadLink(name, out target), path);
        ConfinedFile? content = null;
        if (first is null && type == FileModes.S_IFREG)
            Require(tree.OpenFile(name, out content), path);
        using (content)
        {
            sink.Add(new TransferEntry
            {
                Path = path,
                Mode = status.Mode,
                UserId = status.UserId,
                GroupId = status.GroupId,
                ModificationTime = status.ModifyTime,
                Size = content is null ? 0 : status.Size,
                Device = DeviceNumber.Make(status.RawDevice >> 32, (uint)status.RawDevice),
                LinkTo = first,
                Target = target,
                Attributes = attributes,
                Ranges = content is null ? [] : FindRanges(content, status.Size),
                Content = (offset, into) => Read(content!, offset, into, path),
            });
        }

        return isDirectory;
    }

    private static List<DataRange> FindRanges(ConfinedFile file, long size)
    {
        var ranges = new List<DataRange>();
        for (long offset = 0; file.TryFindData(offset, size, out long start, out long end); offset = end)
            ranges.Add(new DataRange(start, end - start));
        return ranges;
    }

    private void Read(ConfinedFile file, long offset, Span<byte> into, byte[] path)
    {
        Require(file.Read(offset, into, out int count), path);
        if (count < into.Length)
            throw new HostException($"'{directory}/{TransferEntry.Display(path)}' has become shorter while it was read.");
    }

    private void Require(Errno error, byte[] path)
    {
        if (error != Errno.Success)
            throw new HostException($"'{directory}/{TransferEntry.Display(path)}' can't be read ({error}).");
    }
}
