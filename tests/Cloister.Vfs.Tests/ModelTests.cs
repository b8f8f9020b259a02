using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

/// <summary>Random operations on a tmpfs and on a simple model, which must agree on every result.</summary>
public sealed class ModelTests
{
    private readonly Machine _m = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void TmpfsAgreesWithTheModel(int seed)
    {
        var random = new Random(seed);
        var root = new Node(true);
        for (int step = 0; step < 20_000; step++)
        {
            string a = RandomPath(random);
            string b = RandomPath(random);
            (Errno real, Errno model) = random.Next(9) switch
            {
                0 => (_m.MkDir(a), MkDir(root, a)),
                1 => (_m.RmDir(a), RmDir(root, a)),
                2 => (_m.Unlink(a), Unlink(root, a)),
                3 => (_m.Rename(a, b), Rename(root, a, b)),
                4 => (_m.Link(a, b), Link(root, a, b)),
                5 => (_m.Rename(a, b, RenameFlags.RENAME_EXCHANGE), Exchange(root, a, b)),
                _ => Write(root, a, random),
            };
            Assert.True(real == model, $"step {step}: {a} {b}: {real}, model {model}");
        }

        Compare(root, "/");
    }

    private static string RandomPath(Random random)
    {
        var path = new StringBuilder();
        int depth = random.Next(1, 4);
        for (int i = 0; i < depth; i++)
            path.Append('/').Append((char)('a' + random.Next(5)));
        return path.ToString();
    }

    private (Errno, Errno) Write(Node root, string path, Random random)
    {
        string text = new((char)('a' + random.Next(26)), random.Next(1, 9000));
        int offset = random.Next(3) == 0 ? random.Next(9000) : 0;
        Errno real = _m.TryOpen(path, OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0x1A4, out IOpenFile? file);
        Errno model = Find(root, path, out Node? directory, out string name);
        if (model == Errno.Success && directory!.Children.TryGetValue(name, out Node? node) && node.IsDirectory)
            model = Errno.EISDIR;
        if (real != Errno.Success || model != Errno.Success)
        {
            file?.Release();
            return (real, model);
        }

        if (!directory!.Children.TryGetValue(name, out node))
            directory.Children.Add(name, node = new Node(false));
        file!.Seek(_m.Caller, offset, SeekWhence.SEEK_SET);
        _m.Write(file, text);
        byte[] data = node.Data;
        if (data.Length < offset + text.Length)
            Array.Resize(ref data, offset + text.Length);
        Encoding.ASCII.GetBytes(text).CopyTo(data, offset);
        if (random.Next(4) == 0)
        {
            int length = random.Next(9000);
            Assert.Equal(Errno.Success, file.Truncate(_m.Caller, length));
            Array.Resize(ref data, length);
        }

        node.Data = data;
        file.Release();
        return (Errno.Success, Errno.Success);
    }

    private void Compare(Node node, string path)
    {
        if (!node.IsDirectory)
        {
            Assert.Equal(Encoding.ASCII.GetString(node.Data), _m.Get(path));
            return;
        }

        var names = new List<string>(node.Children.Keys) { ".", ".." };
        names.Sort(StringComparer.Ordinal);
        Assert.Equal(names, _m.List(path));
        uint links = 2;
        foreach ((string name, Node child) in node.Children)
        {
            Compare(child, path == "/" ? "/" + name : path + "/" + name);
            if (child.IsDirectory)
                links++;
        }

        Assert.Equal(links, _m.Stat(path).LinkCount);
    }

    private static Errno Find(Node root, string path, out Node? directory, out string name)
    {
        string[] parts = path[1..].Split('/');
        name = parts[^1];
        directory = root;
        for (int i = 0; i < parts.Length - 1; i++)
        {
            if (!directory.Children.TryGetValue(parts[i], out Node? next))
                return Errno.ENOENT;
            if (!next.IsDirectory)
                return Errno.ENOTDIR;
            directory = next;
        }

        return Errno.Success;
    }

    private static Errno MkDir(Node root, string path)
    {
        Errno error = Find(root, path, out Node? directory, out string name);
        if (error != Errno.Success)
            return error;
        return directory!.Children.TryAdd(name, new Node(true)) ? Errno.Success : Errno.EEXIST;
    }

    private static Errno RmDir(Node root, string path)
    {
        Errno error = Find(root, path, out Node? directory, out string name);
        if (error != Errno.Success)
            return error;
        if (!directory!.Children.TryGetValue(name, out Node? node))
            return Errno.ENOENT;
        if (!node.IsDirectory)
            return Errno.ENOTDIR;
        if (node.Children.Count > 0)
            return Errno.ENOTEMPTY;
        directory.Children.Remove(name);
        return Errno.Success;
    }

    private static Errno Unlink(Node root, string path)
    {
        Errno error = Find(root, path, out Node? directory, out string name);
        if (error != Errno.Success)
            return error;
        if (!directory!.Children.TryGetValue(name, out Node? node))
            return Errno.ENOENT;
        if (node.IsDirectory)
            return Errno.EISDIR;
        directory.Children.Remove(name);
        return Errno.Success;
    }

    private static Errno Link(Node root, string from, string to)
    {
        Errno error = Find(root, from, out Node? source, out string oldName);
        if (error != Errno.Success)
            return error;
        if (!source!.Children.TryGetValue(oldName, out Node? node))
            return Errno.ENOENT;
        error = Find(root, to, out Node? target, out string newName);
        if (error != Errno.Success)
            return error;
        if (target!.Children.ContainsKey(newName))
            return Errno.EEXIST;
        if (node.IsDirectory)
            return Errno.EPERM;
        target.Children.Add(newName, node);
        return Errno.Success;
    }

    private static Errno Rename(Node root, string from, string to)
    {
        Errno error = FindBoth(root, from, to, out Node? source, out string oldName, out Node? node, out Node? target, out string newName);
        if (error != Errno.Success)
            return error;
        target!.Children.TryGetValue(newName, out Node? replaced);
        if (Contains(node!, target))
            return Errno.EINVAL;
        if (replaced is not null && Contains(replaced, source!))
            return Errno.ENOTEMPTY;
        if (replaced == node)
            return Errno.Success;
        if (replaced is not null)
        {
            if (node!.IsDirectory && !replaced.IsDirectory)
                return Errno.ENOTDIR;
            if (!node.IsDirectory && replaced.IsDirectory)
                return Errno.EISDIR;
            if (replaced.Children.Count > 0)
                return Errno.ENOTEMPTY;
        }

        source!.Children.Remove(oldName);
        target.Children[newName] = node!;
        return Errno.Success;
    }

    private static Errno Exchange(Node root, string from, string to)
    {
        Errno error = FindBoth(root, from, to, out Node? source, out string oldName, out Node? node, out Node? target, out string newName);
        if (error != Errno.Success)
            return error;
        if (!target!.Children.TryGetValue(newName, out Node? other))
            return Errno.ENOENT;
        if (Contains(node!, target) || Contains(other, source!))
            return Errno.EINVAL;
        source!.Children[oldName] = other;
        target.Children[newName] = node!;
        return Errno.Success;
    }

    private static Errno FindBoth(
        Node root, string from, string to, out Node? source, out string oldName, out Node? node, out Node? target, out string newName)
    {
        node = null;
        target = null;
        newName = "";
        Errno error = Find(root, from, out source, out oldName);
        if (error == Errno.Success)
            error = Find(root, to, out target, out newName);
        if (error != Errno.Success)
            return error;
        return source!.Children.TryGetValue(oldName, out node) ? Errno.Success : Errno.ENOENT;
    }

    private static bool Contains(Node node, Node wanted)
    {
        if (node == wanted)
            return true;
        foreach (Node child in node.Children.Values)
        {
            if (child.IsDirectory && Contains(child, wanted))
                return true;
        }

        return false;
    }

    private sealed class Node(bool isDirectory)
    {
        public bool IsDirectory { get; } = isDirectory;

        public byte[] Data { get; set; } = [];

        public SortedDictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);
    }
}
