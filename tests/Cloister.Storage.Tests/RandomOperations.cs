using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>Random operations on a store and on the model, with the same results asserted: fsstress and fsx in one.</summary>
internal sealed class RandomOperations(Random random, ModelFileSystem model)
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e", "longer name with spaces", "ü", new string('x', 255)];

    private readonly List<ModelInode> _held = [];
    private long _now = 1000;

    public ModelFileSystem Model { get; } = model;

    /// <summary>Longest file that is made.</summary>
    public int LargestFile { get; init; } = 300_000;

    /// <summary>Called before each operation with what it is, for messages.</summary>
    public string Last { get; private set; } = "";

    public Errno Step(IFileStore files)
    {
        _now++;
        int choice = random.Next(100);
        return choice switch
        {
            < 14 => Create(files),
            < 40 => Write(files),
            < 46 => Truncate(files),
            < 52 => Punch(files),
            < 62 => Remove(files),
            < 74 => Rename(files),
            < 79 => Link(files),
            < 85 => Attribute(files),
            < 93 => Read(files),
            < 97 => HoldOrRelease(files),
            _ => SetMode(files),
        };
    }

    /// <summary>A file, directory or link of the tree, or one that is only held.</summary>
    public ModelInode Pick(Func<ModelInode, bool> filter, ModelInode otherwise)
    {
        var found = new List<ModelInode>();
        Visit(Model.Root);
        found.AddRange(_held.FindAll(inode => filter(inode) && !found.Contains(inode)));
        return found.Count == 0 ? otherwise : found[random.Next(found.Count)];

        void Visit(ModelInode inode)
        {
            if (filter(inode) && !found.Contains(inode))
                found.Add(inode);
            foreach (ModelInode child in inode.Entries.Values)
                Visit(child);
        }
    }

    private ModelInode PickDirectory() => Pick(inode => inode.IsDirectory && inode.Links > 0, Model.Root);

    private ModelInode? PickFile()
    {
        ModelInode file = Pick(inode => inode.Type == FileModes.S_IFREG, Model.Root);
        return file == Model.Root ? null : file;
    }

    private string PickName() => s_names[random.Next(s_names.Length)];

    private Errno Create(IFileStore files)
    {
        ModelInode directory = PickDirectory();
        string name = PickName();
        int kind = random.Next(10);
        uint type = kind < 5 ? FileModes.S_IFREG : kind < 8 ? FileModes.S_IFDIR : kind < 9 ? FileModes.S_IFLNK : FileModes.S_IFIFO;
        string target = type == FileModes.S_IFLNK ? "to/" + random.Next(1000) : "";
        Last = $"create {directory.Number}/{name} {type:x}";
        Errno expected = ModelFileSystem.Create(directory, name, type, target, out ModelInode? made);
        var node = new NewInode(type | 0x1A4, 1, 2);
        Errno error = type == FileModes.S_IFLNK
            ? files.CreateSymbolicLink(directory.Number, Support.Name(name), Support.Name(target), node, _now, out StoredAttributes attributes)
            : files.Create(directory.Number, Support.Name(name), node, _now, out attributes);
        Expect(expected, error);
        if (made is not null)
            made.Number = attributes.Inode;
        return error;
    }

    private Errno Write(IFileStore files)
    {
        if (PickFile() is not { } file)
            return Errno.Success;
        (long offset, int length) = PickRange(file);
        var bytes = new byte[length];
        random.NextBytes(bytes);
        Last = $"write {file.Number} {offset}+{length}";
        ModelFileSystem.Write(file, offset, bytes);
        Errno error = files.Write(file.Number, offset, bytes, _now, out int count);
        Expect(Errno.Success, error);
        Assert.Equal(length, count);
        return error;
    }

    private Errno Truncate(IFileStore files)
    {
        if (PickFile() is not { } file)
            return Errno.Success;
        (long size, _) = PickRange(file);
        Last = $"truncate {file.Number} {file.Content.Length} -> {size}";
        ModelFileSystem.Resize(file, size);
        Errno error = files.SetAttributes(file.Number, new AttributeChange { Mask = AttributeMask.Size, Size = size }, _now, out StoredAttributes attributes);
        Expect(Errno.Success, error);
        Assert.Equal(size, attributes.Size);
        return error;
    }

    private Errno Punch(IFileStore files)
    {
        if (PickFile() is not { } file)
            return Errno.Success;
        (long offset, int length) = PickRange(file);
        if (length == 0)
            return Errno.Success;
        int kind = random.Next(3);
        FallocateMode mode = kind switch
        {
            0 => FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE,
            1 => FallocateMode.FALLOC_FL_ZERO_RANGE,
            _ => FallocateMode.None,
        };
        Last = $"fallocate {file.Number} {mode} {offset}+{length}";
        if (kind == 2)
            ModelFileSystem.Resize(file, Math.Max(file.Content.Length, offset + length));
        else
            ModelFileSystem.Zero(file, offset, offset + length, extends: kind == 1);
        Errno error = files.Allocate(file.Number, mode, offset, length, _now);
        Expect(Errno.Success, error);
        return error;
    }

    private Errno Remove(IFileStore files)
    {
        ModelInode directory = PickDirectory();
        string name = PickName();
        bool wantsDirectory = random.Next(3) == 0;
        Last = $"remove {directory.Number}/{name} {wantsDirectory}";
        Errno expected = ModelFileSystem.Remove(directory, name, wantsDirectory);
        Errno error = wantsDirectory
            ? files.RemoveDirectory(directory.Number, Support.Name(name), _now)
            : files.Unlink(directory.Number, Support.Name(name), _now);
        Expect(expected, error);
        return error;
    }

    private Errno Rename(IFileStore files)
    {
        ModelInode from = PickDirectory(), to = PickDirectory();
        string name = PickName(), newName = PickName();
        RenameFlags flags = random.Next(8) switch
        {
            0 => RenameFlags.RENAME_NOREPLACE,
            1 => RenameFlags.RENAME_EXCHANGE,
            2 => RenameFlags.RENAME_WHITEOUT,
            _ => RenameFlags.None,
        };
        Last = $"rename {from.Number}/{name} {to.Number}/{newName} {flags}";
        Errno expected = ModelFileSystem.Rename(from, name, to, newName, flags, out ModelInode? whiteout);
        Errno error = files.Rename(from.Number, Support.Name(name), to.Number, Support.Name(newName), flags, _now);
        Expect(expected, error);
        if (whiteout is not null)
            whiteout.Number = files.Find(from.Number, name);
        return error;
    }

    private Errno Link(IFileStore files)
    {
        ModelInode inode = Pick(_ => true, Model.Root);
        if (inode.Links == 0 && inode.IsDirectory)
            return Errno.Success;
        ModelInode directory = PickDirectory();
        string name = PickName();
        Last = $"link {inode.Number} {directory.Number}/{name}";
        Errno expected = ModelFileSystem.Link(inode, directory, name);
        Errno error = files.Link(inode.Number, directory.Number, Support.Name(name), _now, out _);
        Expect(expected, error);
        return error;
    }

    private Errno Attribute(IFileStore files)
    {
        ModelInode inode = Pick(_ => true, Model.Root);
        string name = "user." + random.Next(4);
        Last = $"attribute {inode.Number} {name}";
        if (random.Next(3) == 0)
        {
            Errno expected = inode.Attributes.Remove(name) ? Errno.Success : Errno.ENODATA;
            Errno removed = files.RemoveExtendedAttribute(inode.Number, Support.Name(name), _now);
            Expect(expected, removed);
            return removed;
        }

        var value = new byte[random.Next(random.Next(4) == 0 ? 5000 : 40)];
        random.NextBytes(value);
        inode.Attributes[name] = value;
        Errno error = files.SetExtendedAttribute(inode.Number, Support.Name(name), value, XattrFlags.None, _now);
        Expect(Errno.Success, error);
        return error;
    }

    private Errno Read(IFileStore files)
    {
        if (PickFile() is not { } file)
            return Errno.Success;
        (long offset, int length) = PickRange(file);
        Last = $"read {file.Number} {offset}+{length}";
        var bytes = new byte[length];
        Expect(Errno.Success, files.Read(file.Number, offset, bytes, out int count));
        int expected = (int)Math.Clamp(file.Content.Length - offset, 0, length);
        Assert.Equal(expected, count);
        if (count > 0 && !bytes.AsSpan(0, count).SequenceEqual(file.Content.AsSpan((int)offset, count)))
            Assert.Fail($"{Last}: wrong content");
        return Errno.Success;
    }

    private Errno HoldOrRelease(IFileStore files)
    {
        if (_held.Count > 3 || (_held.Count > 0 && random.Next(2) == 0))
        {
            ModelInode released = _held[random.Next(_held.Count)];
            Last = $"release {released.Number}";
            _held.Remove(released);
            released.Holds--;
            files.Release(released.Number);
            if (released.Holds == 0 && released.Links == 0)
                Assert.Equal(Errno.ENOENT, files.GetAttributes(released.Number, out _));
            return Errno.Success;
        }

        ModelInode inode = Pick(candidate => candidate.Links > 0, Model.Root);
        Last = $"hold {inode.Number}";
        Expect(Errno.Success, files.Acquire(inode.Number));
        inode.Holds++;
        _held.Add(inode);
        return Errno.Success;
    }

    private Errno SetMode(IFileStore files)
    {
        ModelInode inode = Pick(_ => true, Model.Root);
        uint mode = (uint)random.Next(0x200);
        Last = $"chmod {inode.Number}";
        Errno error = files.SetAttributes(inode.Number, new AttributeChange { Mask = AttributeMask.Mode, Mode = mode }, _now, out StoredAttributes attributes);
        Expect(Errno.Success, error);
        Assert.Equal(mode, attributes.Mode & FileModes.S_IALLUGO);
        return error;
    }

    private (long Offset, int Length) PickRange(ModelInode file)
    {
        long offset = random.Next(4) switch
        {
            0 => file.Content.Length,
            1 => random.Next(LargestFile / 4096) * 4096,
            2 => random.Next(Math.Max(1, file.Content.Length)),
            _ => random.Next(Math.Min(10_000, LargestFile)),
        };
        int length = random.Next(4) switch
        {
            0 => random.Next(100),
            1 => 4096 * random.Next(1, 20),
            2 => random.Next(10_000),
            _ => random.Next(LargestFile / 3),
        };
        offset = Math.Min(offset, LargestFile);
        return (offset, (int)Math.Min(length, LargestFile - offset));
    }

    private void Expect(Errno expected, Errno actual)
    {
        if (expected != actual)
            Assert.Fail($"{Last}: {actual}, not {expected}");
    }
}
