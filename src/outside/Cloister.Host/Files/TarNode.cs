using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A file in a tar file. Immutable once the tar has been indexed.</summary>
internal sealed class TarNode(TarShare share) : HostNode
{
    private FileRecord _record;
    private TarMember? _member;
    private TarSource? _source;
    private Dictionary<byte[], int>? _places;
    private List<(byte[] Name, TarNode Node)>? _entries;

    public override HostShare Share => share;

    public bool IsDirectory => (_record.Mode & Constants.S_IFMT) == Constants.S_IFDIR;

    /// <summary>The directory that a directory is in; null for the root.</summary>
    public TarNode? Parent { get; private set; }

    /// <summary>Where it leads, if it is a symbolic link; else null.</summary>
    public byte[]? LinkTarget => (_record.Mode & Constants.S_IFMT) == Constants.S_IFLNK ? _member!.LinkTarget : null;

    /// <summary>Becomes what a member of the tar says. A directory that is described again keeps its entries.</summary>
    public void Describe(in FileRecord record, TarMember? member, TarSource from)
    {
        _source = from;
        bool wasDirectory = _entries is not null;
        ulong links = _record.LinkCount;
        _record = record;
        _member = member;
        if (!IsDirectory)
            (_places, _entries) = (null, null);
        else if (wasDirectory)
            _record.LinkCount = links;
        else
            (_places, _entries, _record.LinkCount) = (new Dictionary<byte[], int>(NameComparer.Instance), [], 2);
    }

    public TarNode? Find(ReadOnlySpan<byte> name) =>
        _places is not null && _places.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out int place) ? _entries![place].Node : null;

    /// <summary>Adds or replaces an entry.</summary>
    public void Add(ReadOnlySpan<byte> name, TarNode node)
    {
        Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> places = _places!.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (places.TryGetValue(name, out int place))
        {
            TarNode old = _entries![place].Node;
            old._record.LinkCount -= old.IsDirectory ? 2u : 1u;
            _record.LinkCount -= old.IsDirectory ? 1u : 0u;
            _entries[place] = (_entries[place].Name, node);
        }
        else
        {
            byte[] own = name.ToArray();
            _places[own] = _entries!.Count;
            _entries.Add((own, node));
        }

        _record.LinkCount += node.IsDirectory ? 1u : 0u;
        node.Parent = this;
    }

    /// <summary>Removes an entry that a layer below has brought.</summary>
    public void Remove(ReadOnlySpan<byte> name)
    {
        Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> places = _places!.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!places.Remove(name, out _, out int place))
            return;
        TarNode old = _entries![place].Node;
        old._record.LinkCount -= old.IsDirectory ? 2u : 1u;
        _record.LinkCount -= old.IsDirectory ? 1u : 0u;
        (byte[] Name, TarNode Node) last = _entries[^1];
        _entries.RemoveAt(_entries.Count - 1);
        if (place == _entries.Count)
            return;
        _entries[place] = last;
        _places[last.Name] = place;
    }

    /// <summary>Removes all entries.</summary>
    public void Clear()
    {
        _record.LinkCount = 2;
        _places!.Clear();
        _entries!.Clear();
    }

    /// <summary>The regular file's bytes; null for what is none, or has holes.</summary>
    public TarSource? OpenContent() =>
        (_record.Mode & Constants.S_IFMT) == Constants.S_IFREG && _member is { Pieces: null } member
            ? _source!.Slice(member.Position, member.Size)
            : null;

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
        if (!IsDirectory)
            return Errno.ENOTDIR;
        if (Find(name) is not { } child)
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
        if (LinkTarget is not { } target)
            return Errno.EINVAL;
        if (target.Length > into.Length)
            return Errno.ENAMETOOLONG;
        target.CopyTo(into);
        length = target.Length;
        return Errno.Success;
    }

    public override Errno GetExtendedAttribute(ReadOnlySpan<byte> name, Span<byte> into, out int length)
    {
        length = 0;
        foreach ((byte[] own, byte[] value) in _member?.Attributes ?? [])
        {
            if (!name.SequenceEqual(own))
                continue;
            length = value.Length;
            return value.AsSpan().TryCopyTo(into) || into.IsEmpty ? Errno.Success : Errno.ERANGE;
        }

        return Errno.ENODATA;
    }

    public override Errno ListExtendedAttributes(Span<byte> into, out int length)
    {
        length = 0;
        foreach ((byte[] name, _) in _member?.Attributes ?? [])
        {
            int end = length + name.Length + 1;
            if (!into.IsEmpty)
            {
                if (end > into.Length)
                    return Errno.ERANGE;
                name.CopyTo(into[length..]);
                into[end - 1] = 0;
            }

            length = end;
        }

        return Errno.Success;
    }

    public override Errno Read(long offset, Span<byte> into, out int count)
    {
        count = 0;
        if ((_record.Mode & Constants.S_IFMT) != Constants.S_IFREG)
            return IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        if (offset >= _record.Size || offset < 0)
            return Errno.Success;
        into = into[..(int)Math.Min(into.Length, _record.Size - offset)];
        TarMember member = _member!;
        return member.Pieces is { } pieces
            ? ReadSparse(member, pieces, offset, into, out count)
            : _source!.Read(member.Position + offset, into, out count);
    }

    private Errno ReadSparse(TarMember member, IReadOnlyList<TarPiece> pieces, long offset, Span<byte> into, out int count)
    {
        into.Clear();
        count = into.Length;
        // The first piece that ends behind the offset.
        int low = 0, high = pieces.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (pieces[middle].Offset + pieces[middle].Length <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        for (int i = low; i < pieces.Count && pieces[i].Offset < offset + into.Length; i++)
        {
            TarPiece piece = pieces[i];
            long start = Math.Max(piece.Offset, offset);
            int length = (int)(Math.Min(piece.Offset + piece.Length, offset + into.Length) - start);
            Errno error = _source!.Read(
                member.Position + piece.Stored + (start - piece.Offset), into.Slice((int)(start - offset), length), out int read);
            if (error != Errno.Success || read < length)
                return error == Errno.Success ? Errno.EIO : error;
        }

        return Errno.Success;
    }

    /// <summary>Compares names, also without an array of their own.</summary>
    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static NameComparer Instance { get; } = new();

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(byte[] name) => GetHashCode(name.AsSpan());

        public bool Equals(ReadOnlySpan<byte> left, byte[] right) => left.SequenceEqual(right);

        public int GetHashCode(ReadOnlySpan<byte> name)
        {
            var hash = default(HashCode);
            hash.AddBytes(name);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> name) => name.ToArray();
    }
}
