using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>
/// Names that go while nodes rely on them. A node whose descriptor is closed is found again by its place: before a name is
/// removed or moved, the nodes there are opened and stay so, and those that moved learn their new place.
/// </summary>
internal sealed partial class FileNode
{
    /// <summary>Opens and pins the nodes whose place is a name in this directory.</summary>
    private List<FileNode>? PinAt(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        if (_share.Nodes is not { } nodes || StatusReader.Read(directory, name, 0, out FileRecord record) != Errno.Success)
            return null;
        List<FileNode>? found = null;
        lock (_budget.Lock)
        {
            for (FileNode? node = nodes.Find((record.Device, record.Inode)); node is not null; node = node._sameIdentity)
            {
                if (node._parent is not { } parent || parent._identity != _identity || !node._name.AsSpan(0, node._name.Length - 1).SequenceEqual(name))
                    continue;
                node._pins++;
                (found ??= []).Add(node);
            }
        }

        if (found is not null)
        {
            // One that can't be opened has lost its file to the host already.
            foreach (FileNode node in found)
                node.Revive();
        }

        return found;
    }

    private void Unpin(List<FileNode>? nodes)
    {
        if (nodes is null)
            return;
        lock (_budget.Lock)
        {
            foreach (FileNode node in nodes)
                node._pins--;
        }
    }

    /// <summary>The nodes have a new place; they may be closed again.</summary>
    private void Move(List<FileNode>? nodes, FileNode directory, ReadOnlySpan<byte> name)
    {
        if (nodes is null)
            return;
        var left = new List<FileNode>();
        lock (_budget.Lock)
        {
            foreach (FileNode node in nodes)
            {
                node._pins--;
                if (node._isGone || node._parent is not { } old || directory._isGone)
                    continue;
                node._name = Terminated(name);
                if (old == directory)
                    continue;
                int open = node._path.File is null ? 0 : 1;
                old._children--;
                old._openChildren -= open;
                directory._children++;
                directory._openChildren += open;
                node._parent = directory;
                if (old._isForgotten)
                    left.Add(old);
            }
        }

        // What was forgotten before was kept for these nodes only.
        foreach (FileNode old in left)
            old.Close();
    }

    /// <summary>Takes a node out of the chain of its file.</summary>
    internal void DropFromChain(FileNode node, FileNode? next)
    {
        for (FileNode at = this; at._sameIdentity is { } following; at = following)
        {
            if (following != node)
                continue;
            at._sameIdentity = next;
            return;
        }
    }

    private static byte[] Terminated(ReadOnlySpan<byte> name) => [.. name, 0];
}

/// <summary>The nodes of a share by the identity of their files, as chains. The budget's lock guards it.</summary>
internal sealed class NodesByIdentity
{
    private readonly Dictionary<(ulong Device, ulong Inode), FileNode> _first = [];

    /// <summary>The first node of a file; the others follow it.</summary>
    public FileNode? Find((ulong Device, ulong Inode) identity) => _first.GetValueOrDefault(identity);

    /// <summary>Adds a node in front of its chain.</summary>
    public void Add((ulong Device, ulong Inode) identity, FileNode node, ref FileNode? next)
    {
        next = Find(identity);
        _first[identity] = node;
    }

    /// <summary>Takes a node out.</summary>
    public void Remove((ulong Device, ulong Inode) identity, FileNode node, ref FileNode? next)
    {
        if (Find(identity) is not { } first)
            return;
        if (first != node)
            first.DropFromChain(node, next);
        else if (next is null)
            _first.Remove(identity);
        else
            _first[identity] = next;
        next = null;
    }
}
