using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>What POSIX says of one file, in the plainest way that could be right.</summary>
internal sealed class ModelInode
{
    public uint Type;
    public uint Mode;
    public uint Links;
    public byte[] Content = [];
    public string Target = "";
    public int Holds;
    public ModelInode? Parent;
    public SortedDictionary<string, ModelInode> Entries = new(StringComparer.Ordinal);
    public SortedDictionary<string, byte[]> Attributes = new(StringComparer.Ordinal);

    /// <summary>Its number in the store, by which operations name it; 0 until it is known.</summary>
    public ulong Number;

    public bool IsDirectory => Type == FileModes.S_IFDIR;
}

/// <summary>The model: a tree in memory, with the same operations as the store.</summary>
internal sealed class ModelFileSystem
{
    public ModelFileSystem()
    {
        Root = new ModelInode { Type = FileModes.S_IFDIR, Mode = 0x1ED, Links = 2, Number = IFileStore.RootInode };
        Root.Parent = Root;
    }

    public ModelInode Root { get; private set; }

    /// <summary>A deep copy, for what a crash may leave.</summary>
    public ModelFileSystem Clone()
    {
        var copies = new Dictionary<ModelInode, ModelInode>();
        return new ModelFileSystem { Root = Copy(Root) };

        ModelInode Copy(ModelInode inode)
        {
            if (copies.TryGetValue(inode, out ModelInode? copy))
                return copy;
            copy = new ModelInode
            {
                Type = inode.Type, Mode = inode.Mode, Links = inode.Links, Content = inode.Content, Target = inode.Target, Number = inode.Number,
                Attributes = new SortedDictionary<string, byte[]>(inode.Attributes, StringComparer.Ordinal),
            };
            copies.Add(inode, copy);
            foreach ((string name, ModelInode child) in inode.Entries)
                copy.Entries.Add(name, Copy(child));
            copy.Parent = inode.Parent is null ? null : Copy(inode.Parent);
            return copy;
        }
    }

    public static Errno Create(ModelInode directory, string name, uint type, string target, out ModelInode? made)
    {
        made = null;
        if (directory.Links == 0)
            return Errno.ENOENT;
        if (directory.Entries.ContainsKey(name))
            return Errno.EEXIST;
        made = new ModelInode { Type = type, Mode = 0x1A4, Links = 1, Target = target };
        if (made.IsDirectory)
        {
            made.Links = 2;
            made.Parent = directory;
            directory.Links++;
        }

        directory.Entries.Add(name, made);
        return Errno.Success;
    }

    public static Errno Link(ModelInode inode, ModelInode directory, string name)
    {
        if (directory.Links == 0)
            return Errno.ENOENT;
        if (inode.IsDirectory)
            return Errno.EPERM;
        if (!directory.Entries.TryAdd(name, inode))
            return Errno.EEXIST;
        inode.Links++;
        return Errno.Success;
    }

    public static Errno Remove(ModelInode directory, string name, bool wantsDirectory)
    {
        if (!directory.Entries.TryGetValue(name, out ModelInode? inode))
            return Errno.ENOENT;
        if (inode.IsDirectory != wantsDirectory)
            return wantsDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        if (inode.Entries.Count > 0)
            return Errno.ENOTEMPTY;
        directory.Entries.Remove(name);
        Drop(directory, inode);
        return Errno.Success;
    }

    public static Errno Rename(ModelInode from, string name, ModelInode to, string newName, RenameFlags flags, out ModelInode? whiteout)
    {
        whiteout = null;
        if (to.Links == 0)
            return Errno.ENOENT;
        if (!from.Entries.TryGetValue(name, out ModelInode? source))
            return Errno.ENOENT;
        bool exists = to.Entries.TryGetValue(newName, out ModelInode? target);
        if (exists && flags.HasFlag(RenameFlags.RENAME_NOREPLACE))
            return Errno.EEXIST;
        if (flags == RenameFlags.RENAME_EXCHANGE)
        {
            if (!exists)
                return Errno.ENOENT;
            if (source == target)
                return Errno.Success;
            if ((source.IsDirectory && IsBelow(source, to)) || (target!.IsDirectory && IsBelow(target, from)))
                return Errno.EINVAL;
            from.Entries[name] = target;
            to.Entries[newName] = source;
            Reparent(source, from, to);
            Reparent(target, to, from);
            return Errno.Success;
        }

        if (exists && source == target)
            return Errno.Success;
        if (source.IsDirectory && IsBelow(source, to))
            return Errno.EINVAL;
        if (exists)
        {
            if (source.IsDirectory && !target!.IsDirectory)
                return Errno.ENOTDIR;
            if (!source.IsDirectory && target!.IsDirectory)
                return Errno.EISDIR;
            if (target!.Entries.Count > 0)
                return Errno.ENOTEMPTY;
        }

        if (flags.HasFlag(RenameFlags.RENAME_WHITEOUT))
        {
            whiteout = new ModelInode { Type = FileModes.S_IFCHR, Mode = 0, Links = 1 };
            from.Entries[name] = whiteout;
        }
        else
        {
            from.Entries.Remove(name);
        }

        to.Entries[newName] = source;
        if (exists)
            Drop(to, target!);
        Reparent(source, from, to);
        return Errno.Success;
    }

    public static void Write(ModelInode file, long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        Resize(file, Math.Max(file.Content.Length, offset + bytes.Length));
        bytes.CopyTo(file.Content.AsSpan((int)offset));
    }

    /// <summary>Sets the length; content arrays are never changed in place by <see cref="Clone"/>'s sharing rule.</summary>
    public static void Resize(ModelInode file, long size)
    {
        var content = new byte[size];
        file.Content.AsSpan(0, (int)Math.Min(size, file.Content.Length)).CopyTo(content);
        file.Content = content;
    }

    public static void Zero(ModelInode file, long from, long to, bool extends)
    {
        Resize(file, extends ? Math.Max(file.Content.Length, to) : file.Content.Length);
        long end = Math.Min(to, file.Content.Length);
        if (from < end)
            file.Content.AsSpan((int)from, (int)(end - from)).Clear();
    }

    /// <summary>Everything that can be seen, as text.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        var seen = new Dictionary<ModelInode, int>();
        Visit(Root, "");
        return text.ToString();

        void Visit(ModelInode inode, string path)
        {
            bool isNew = seen.TryAdd(inode, seen.Count);
            text.Append(path).Append(" #").Append(seen[inode]);
            if (isNew)
                Append(text, inode.Type, inode.Links, inode.Content, inode.Target, inode.Attributes);
            text.Append('\n');
            if (!isNew)
                return;
            foreach ((string name, ModelInode child) in inode.Entries)
                Visit(child, path + "/" + name);
        }
    }

    /// <summary>The same of a store.</summary>
    public static string Describe(IFileStore files)
    {
        var text = new StringBuilder();
        var seen = new Dictionary<ulong, int>();
        Visit(IFileStore.RootInode, "");
        return text.ToString();

        void Visit(ulong inode, string path)
        {
            bool isNew = seen.TryAdd(inode, seen.Count);
            text.Append(path).Append(" #").Append(seen[inode]);
            Check(files.GetAttributes(inode, out StoredAttributes attributes), path);
            uint type = attributes.Mode & FileModes.S_IFMT;
            if (isNew)
            {
                var content = type == FileModes.S_IFREG ? new byte[attributes.Size] : [];
                if (content.Length > 0)
                    Check(files.Read(inode, 0, content, out _), path);
                var buffer = new byte[4096];
                string target = "";
                if (type == FileModes.S_IFLNK)
                {
                    Check(files.ReadSymbolicLink(inode, buffer, out int length), path);
                    target = Encoding.UTF8.GetString(buffer, 0, length);
                }

                var extended = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
                Check(files.ListExtendedAttributes(inode, buffer, out int size), path);
                foreach (string name in Encoding.UTF8.GetString(buffer, 0, size).Split('\0', StringSplitOptions.RemoveEmptyEntries))
                {
                    var value = new byte[IFileStore.LargestAttribute];
                    Check(files.GetExtendedAttribute(inode, Support.Name(name), value, out int valueLength), path);
                    extended.Add(name, value[..valueLength]);
                }

                Append(text, type, attributes.LinkCount, content, target, extended);
            }

            text.Append('\n');
            if (!isNew || type != FileModes.S_IFDIR)
                return;
            List<string> names = files.List(inode);
            if (attributes.Size != names.Count)
                throw new InvalidOperationException($"{path} claims {attributes.Size} entries and lists {names.Count}");
            foreach (string name in names)
            {
                Check(files.Lookup(inode, Support.Name(name), out StoredAttributes child), path + "/" + name);
                if ((child.Mode & FileModes.S_IFMT) == FileModes.S_IFDIR && child.Parent != inode)
                    throw new InvalidOperationException($"{path}/{name} has the wrong parent");
                Visit(child.Inode, path + "/" + name);
            }
        }

        static void Check(Errno error, string path)
        {
            if (error != Errno.Success)
                throw new InvalidOperationException($"{path}: {error}");
        }
    }

    private static void Append(
        StringBuilder text, uint type, uint links, ReadOnlySpan<byte> content, string target, SortedDictionary<string, byte[]> attributes)
    {
        uint sum = 0;
        foreach (byte value in content)
            sum = (sum * 31) + value;
        text.Append($" {type:x} links={links} size={content.Length} sum={sum:x} '{target}'");
        foreach ((string name, byte[] value) in attributes)
            text.Append($" {name}={Convert.ToHexString(value.AsSpan(0, Math.Min(8, value.Length)))}({value.Length})");
    }

    private static void Drop(ModelInode directory, ModelInode inode)
    {
        if (inode.IsDirectory)
        {
            directory.Links--;
            inode.Links = 0;
        }
        else
        {
            inode.Links--;
        }
    }

    private static void Reparent(ModelInode inode, ModelInode from, ModelInode to)
    {
        if (!inode.IsDirectory || from == to)
            return;
        from.Links--;
        to.Links++;
        inode.Parent = to;
    }

    private static bool IsBelow(ModelInode ancestor, ModelInode directory)
    {
        while (directory != ancestor)
        {
            if (directory.Parent == directory || directory.Parent is null)
                return false;
            directory = directory.Parent;
        }

        return true;
    }
}
