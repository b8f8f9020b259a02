using System;
using System.Collections.Generic;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Builds the tree of nodes from the members of a tar file, as GNU tar would make it on a disk.</summary>
internal sealed class TarIndex
{
    // What a directory of millions of files costs here is some 300 bytes each.
    private const int MostNodes = 1 << 22;

    // As Linux resolves links (path_resolution(7)).
    private const int MostLinks = 40;

    private readonly TarShare _share;
    private readonly string _path;
    private TarSource _source;
    private ulong _inodes;

    /// <summary>Begins with an empty root.</summary>
    /// <param name="share">The share to be.</param>
    /// <param name="source">What the root is from.</param>
    /// <param name="path">For messages.</param>
    public TarIndex(TarShare share, TarSource source, string path)
    {
        _share = share;
        _source = source;
        _path = path;
        Root = NewDirectory();
    }

    /// <summary>The root.</summary>
    public TarNode Root { get; }

    /// <summary>Adds all members of an archive.</summary>
    public void Add(TarSource source)
    {
        _source = source;
        var reader = new TarMemberReader(source.OpenStream(), _path);
        while (reader.Read() is { } member)
            Add(member);
    }

    /// <summary>Adds a layer of an image: first what it takes away of those below it, then what it brings.</summary>
    public void AddLayer(TarSource source)
    {
        var removals = new TarMemberReader(source.OpenStream(), _path);
        while (removals.Read() is { } member)
            ApplyWhiteout(member);
        _source = source;
        var reader = new TarMemberReader(source.Slice(0, source.Length).OpenStream(), _path);
        while (reader.Read() is { } member)
        {
            if (!IsWhiteout(member))
                Add(member);
        }
    }

    // OCI image specification, "Whiteouts".
    private static bool IsWhiteout(TarMember member) =>
        member.Path.AsSpan(member.Path.AsSpan().TrimEnd((byte)'/').LastIndexOf((byte)'/') + 1).StartsWith(".wh."u8);

    private void ApplyWhiteout(TarMember member)
    {
        if (!IsWhiteout(member))
            return;
        List<Range> parts = Split(member.Path, "path");
        if (Enter(member.Path, parts, parts.Count - 1, makes: false) is not { } directory)
            return;
        ReadOnlySpan<byte> name = member.Path.AsSpan(parts[^1]);
        if (name.SequenceEqual(".wh..wh..opq"u8))
            directory.Clear();
        else
            directory.Remove(name[".wh."u8.Length..]);
    }

    private void Add(TarMember member)
    {
        List<Range> parts = Split(member.Path, "path");
        if (parts.Count == 0)
        {
            // "./" is the root itself.
            Root.Describe(ToRecord(member, Constants.S_IFDIR), member, _source);
            return;
        }

        TarNode parent = Enter(member.Path, parts, parts.Count - 1, makes: true)!;
        ReadOnlySpan<byte> name = member.Path.AsSpan(parts[^1]);
        if (member.Kind == TarMemberKind.HardLink)
        {
            AddLink(parent, name, member);
            return;
        }

        if (member.Kind == TarMemberKind.SymbolicLink && (member.LinkTarget.Length == 0 || member.LinkTarget.AsSpan().Contains((byte)0)))
            throw Wrong(member.Path, "is a symbolic link without a target");
        FileRecord record = ToRecord(member, TypeOf(member.Kind));
        if (member.Kind == TarMemberKind.Directory && parent.Find(name) is { IsDirectory: true } old)
        {
            old.Describe(record, member, _source);
            return;
        }

        var node = new TarNode(_share);
        node.Describe(record, member, _source);
        parent.Add(name, node);
    }

    private void AddLink(TarNode parent, ReadOnlySpan<byte> name, TarMember member)
    {
        List<Range> parts = Split(member.LinkTarget, "link target");
        TarNode? target = null;
        if (parts.Count > 0)
            target = Enter(member.LinkTarget, parts, parts.Count - 1, makes: false)?.Find(member.LinkTarget.AsSpan(parts[^1]));
        if (target is null or { IsDirectory: true })
            throw Wrong(member.Path, $"is a hard link to '{ByteText.Decode(member.LinkTarget)}', which it doesn't hold before it");
        // 'tar cf x.tar a a' of a file with several names makes it a link to itself.
        if (parent.Find(name) == target)
            return;
        target.CountLink();
        parent.Add(name, target);
    }

    private List<Range> Split(byte[] path, string what)
    {
        var parts = new List<Range>();
        foreach (Range part in path.AsSpan().Split((byte)'/'))
        {
            ReadOnlySpan<byte> component = path.AsSpan(part);
            if (component.IsEmpty || component.SequenceEqual("."u8))
                continue;
            if (component.SequenceEqual(".."u8))
                throw Wrong(path, $"is a {what} that leads out of it: it can't be trusted");
            if (component.Length > DirectoryRecord.LongestName)
                throw Wrong(path, $"is a {what} with a name that is longer than Linux allows (255 bytes)");
            parts.Add(part);
        }

        return parts;
    }

    /// <summary>
    /// The directory that the first parts of a path lead to, through links as on a disk, making what the tar doesn't list; null
    /// where there is none.
    /// </summary>
    private TarNode? Enter(byte[] path, List<Range> parts, int count, bool makes)
    {
        TarNode at = Root;
        int links = 0;
        for (int i = 0; i < count; i++)
        {
            TarNode? next = Enter(at, path.AsSpan(parts[i]), makes, ref links);
            if (next is null)
                return makes ? throw Wrong(path, "lies below what is no directory in it") : null;
            at = next;
        }

        return at;
    }

    private TarNode? Enter(TarNode at, ReadOnlySpan<byte> name, bool makes, ref int links)
    {
        TarNode? child = at.Find(name);
        if (child is null && makes)
        {
            child = NewDirectory();
            at.Add(name, child);
        }

        if (child?.LinkTarget is not { } target)
            return child is { IsDirectory: true } ? child : null;
        if (++links > MostLinks)
            return null;
        return Follow(at, target, makes, ref links);
    }

    // Links are as the program inside will see them: the archive's root is "/", and ".." of it is itself.
    private TarNode? Follow(TarNode from, byte[] target, bool makes, ref int links)
    {
        var path = new Stack<TarNode>();
        TarNode? at = target[0] == (byte)'/' ? Root : from;
        foreach (Range part in target.AsSpan().Split((byte)'/'))
        {
            ReadOnlySpan<byte> component = target.AsSpan(part);
            if (component.IsEmpty || component.SequenceEqual("."u8))
                continue;
            if (component.SequenceEqual(".."u8))
            {
                at = path.TryPop(out TarNode? above) ? above : ParentOf(at!);
                continue;
            }

            path.Push(at!);
            at = Enter(at!, component, makes, ref links);
            if (at is null)
                return null;
        }

        return at;
    }

    private TarNode ParentOf(TarNode node) => node.Parent ?? Root;

    private TarNode NewDirectory()
    {
        var node = new TarNode(_share);
        node.Describe(new FileRecord { Mode = Constants.S_IFDIR | 0x1ED, LinkCount = 2, BlockSize = 4096, Inode = NextInode() }, null, _source);
        return node;
    }

    private ulong NextInode() => ++_inodes <= MostNodes
        ? _inodes
        : throw new HostException($"The tar file '{_path}' holds more than {MostNodes:N0} files: unpack it, and give the directory.");

    private static uint TypeOf(TarMemberKind kind) => kind switch
    {
        TarMemberKind.Directory => Constants.S_IFDIR,
        TarMemberKind.SymbolicLink => Constants.S_IFLNK,
        TarMemberKind.CharacterDevice => Constants.S_IFCHR,
        TarMemberKind.BlockDevice => Constants.S_IFBLK,
        TarMemberKind.Fifo => Constants.S_IFIFO,
        _ => Constants.S_IFREG,
    };

    private FileRecord ToRecord(TarMember member, uint type) => new()
    {
        Mode = type | member.Permissions,
        UserId = member.UserId,
        GroupId = member.GroupId,
        BlockSize = 4096,
        LinkCount = 1,
        Size = type == Constants.S_IFLNK ? member.LinkTarget.Length : member.Size,
        Blocks = (member.StoredLength + TarHeader.BlockLength - 1) / TarHeader.BlockLength,
        Inode = NextInode(),
        RawDevice = ((ulong)member.DeviceMajor << 32) | member.DeviceMinor,
        AccessTime = member.ModificationTime,
        ModifyTime = member.ModificationTime,
        ChangeTime = member.ModificationTime,
    };

    private HostException Wrong(byte[] path, string what) => new($"The tar file '{_path}' holds '{ByteText.Decode(path)}', which {what}.");
}
