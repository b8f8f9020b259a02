using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A file in a tar file. Immutable once the tar has been indexed.</summary>
internal sealed class TarNode(TarShare share) : HostNode
{
    private static readonly Encoding s_names = Encoding.UTF8;

    private FileRecord _record;
    private long _position;
    private byte[] _target = [];
    private Dictionary<string, TarNode>? _children;
    private List<(byte[] Name, TarNode Node)>? _entries;

    public override HostShare Share => share;

    public bool IsDirectory => (_record.Mode & Constants.S_IFMT) == Constants.S_IFDIR;

    /// <summary>Becomes what an entry of the tar says. A directory that is described again keeps its entries.</summary>
    public void Describe(in FileRecord record, long position, string target)
    {
        bool wasDirectory = _children is not null;
        ulong links = _record.LinkCount;
        _record = record;
        _position = position;
        _target = s_names.GetBytes(target);
        if (!IsDirectory)
            (_children, _entries) = (null, null);
        else if (wasDirectory)
            _record.LinkCount = links;
        else
            (_children, _entries, _record.LinkCount) = ([], [], 2);
    }

    public TarNode? Find(string name) => _children is not null && _children.TryGetValue(name, out TarNode? child) ? child : null;

    /// <summary>Adds or replaces an entry.</summary>
    public void Add(string name, TarNode node)
    {
        byte[] bytes = s_names.GetBytes(name);
        if (_children!.TryGetValue(name, out TarNode? old))
        {
            old._record.LinkCount -= old.IsDirectory ? 2u : 1u;
            _record.LinkCount -= old.IsDirectory ? 1u : 0u;
            _entries![_entries.FindIndex(entry => entry.Name.AsSpan().SequenceEqual(bytes))] = (bytes, node);
        }
        else
        {
            _entries!.Add((bytes, node));
        }

        _children[name] = node;
        _record.LinkCount += node.IsDirectory ? 1u : 0u;
    }

    /// <summary>Counts one more name of a file that isn't a directory.</summary>
    public void CountLink() => _record.LinkCount++;

    public override Errno GetStatus(out FileRecord record)
    {
        record = _record;
        return Errno.Success;
    }

    public override Errno GetFileSystemStatus(out FileSystemRecord record) => share.GetFileSystemStatus(out record);

    public override Errno Lookup(ReadOnlySpan<byte> name, out HostNode? node, out FileRecord record)
    {
        record = default;
        node = null;
        if (_children is null)
            return Errno.ENOTDIR;
        if (!_children.TryGetValue(s_names.GetString(name), out TarNode? child))
            return Errno.ENOENT;
        node = child;
        record = child._record;
        return Errno.Success;
    }

    public override Errno ReadDirectory(long cookie, ref DirectoryAnswer answer)
    {
        if (_entries is null)
            return Errno.ENOTDIR;
        if (cookie < 0 || cookie > _entries.Count)
            return Errno.EINVAL;
        for (int i = (int)cookie; i < _entries.Count; i++)
        {
            if (!answer.TryAdd(_entries[i].Name, _entries[i].Node._record, i + 1))
                return answer.Items > 0 ? Errno.Success : Errno.EINVAL;
        }

        answer.IsLast = true;
        return Errno.Success;
    }

    public override Errno ReadLink(Span<byte> into, out int length)
    {
        length = 0;
        if ((_record.Mode & Constants.S_IFMT) != Constants.S_IFLNK)
            return Errno.EINVAL;
        if (_target.Length > into.Length)
            return Errno.ENAMETOOLONG;
        _target.CopyTo(into);
        length = _target.Length;
        return Errno.Success;
    }

    public override Errno Read(long offset, Span<byte> into, out int count)
    {
        count = 0;
        if ((_record.Mode & Constants.S_IFMT) != Constants.S_IFREG)
            return IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        if (offset >= _record.Size || offset < 0)
            return Errno.Success;
        int wanted = (int)Math.Min(into.Length, _record.Size - offset);
        return share.Read(_position + offset, into[..wanted], out count);
    }
}
