using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>
/// All workloads of one and of two operations over a small set of names, each followed by nothing, a synchronization or a
/// checkpoint, and a crash after every block that was written: the bounded black-box testing of Mohan et al. (OSDI 2018).
/// </summary>
public sealed class AceTests
{
    private static readonly string[] s_files = ["foo", "A/foo", "A/bar", "B/foo"];

    private enum Persistence
    {
        None,
        Synchronize,
        Checkpoint,
    }

    [Fact]
    public void AllSequencesOfOneOperation()
    {
        byte[]?[] image = CrashHarness.NewImage(1024);
        foreach (Operation operation in Operations())
        {
            foreach (Persistence first in Enum.GetValues<Persistence>())
                Run(image, [operation], [first], stride: 1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void AllSequencesOfTwoOperations(int part)
    {
        byte[]?[] image = CrashHarness.NewImage(1024);
        List<Operation> operations = Operations();
        for (int i = part; i < operations.Count; i += 2)
        {
            foreach (Operation second in operations)
            {
                // In the middle: nothing (one record) or a synchronization (two). At the end a synchronization.
                Run(image, [operations[i], second], [Persistence.None, Persistence.Synchronize], stride: 2);
                Run(image, [operations[i], second], [Persistence.Synchronize, Persistence.Synchronize], stride: 2);
            }
        }
    }

    private static void Run(byte[]?[] image, Operation[] operations, Persistence[] persistence, int stride)
    {
        var harness = new CrashHarness(image);
        var model = new ModelFileSystem();
        foreach (Operation setup in Setup())
            Apply(setup, harness, model);
        harness.Synchronize(checkpoint: false);
        int start = harness.LogLength;
        for (int i = 0; i < operations.Length; i++)
        {
            Apply(operations[i], harness, model);
            if (persistence[i] != Persistence.None)
                harness.Synchronize(persistence[i] == Persistence.Checkpoint);
        }

        harness.Abandon();
        for (int position = start; position <= harness.LogLength; position++)
        {
            string? problem = position % stride == 0 || position == harness.LogLength ? harness.Judge(position, _ => true) : null;
            // The last block arrived, but the one before it didn't.
            int lost = position - 2;
            problem ??= position % stride != 0 || stride == 1 ? harness.Judge(position, index => index != lost) : null;
            if (problem is not null)
                Assert.Fail($"{string.Join(", ", operations)} with {string.Join(", ", persistence)}: {problem}");
        }
    }

    private static IEnumerable<Operation> Setup()
    {
        yield return new Operation("mkdir", "A");
        yield return new Operation("mkdir", "B");
        yield return new Operation("create", "foo");
        yield return new Operation("write", "foo", Offset: 0, Length: 9000);
        yield return new Operation("create", "A/foo");
        yield return new Operation("write", "A/foo", Offset: 0, Length: 100);
    }

    private static List<Operation> Operations()
    {
        var operations = new List<Operation>();
        foreach (string file in s_files)
        {
            operations.Add(new Operation("create", file));
            operations.Add(new Operation("unlink", file));
            operations.Add(new Operation("write", file, Offset: 0, Length: 5000));
            operations.Add(new Operation("write", file, Offset: 8000, Length: 3000));
            operations.Add(new Operation("truncate", file, Offset: 2500));
            operations.Add(new Operation("punch", file, Offset: 1000, Length: 4000));
            operations.Add(new Operation("setxattr", file));
        }

        foreach ((string from, string to) in new[] { ("foo", "A/bar"), ("A/foo", "B/foo"), ("foo", "A/foo"), ("A", "B"), ("B", "A/C") })
        {
            operations.Add(new Operation("rename", from, to));
            operations.Add(new Operation("exchange", from, to));
        }

        operations.Add(new Operation("link", "foo", "B/foo"));
        operations.Add(new Operation("link", "A/foo", "A/bar"));
        operations.Add(new Operation("symlink", "A/bar", "foo"));
        operations.Add(new Operation("mkdir", "A/C"));
        operations.Add(new Operation("rmdir", "B"));
        operations.Add(new Operation("removexattr", "foo"));
        return operations;
    }

    // Operations that make no sense in a state fail the same way in both, which is a part of the test.
    private static void Apply(Operation operation, CrashHarness harness, ModelFileSystem model)
    {
        IFileStore files = harness.Files;
        (ModelInode? directory, string name) = Resolve(model, operation.Path);
        if (directory is null)
            return;
        ModelInode? inode = directory.Entries.GetValueOrDefault(name);
        byte[] bytes = Support.Pattern(operation.Length, operation.Length);
        Errno expected = Errno.Success, error = Errno.Success;
        switch (operation.Name)
        {
            case "create":
            case "mkdir":
            case "symlink":
                uint type = operation.Name == "create" ? FileModes.S_IFREG : operation.Name == "mkdir" ? FileModes.S_IFDIR : FileModes.S_IFLNK;
                expected = ModelFileSystem.Create(directory, name, type, operation.Other, out ModelInode? made);
                error = type == FileModes.S_IFLNK
                    ? files.CreateSymbolicLink(directory.Number, Support.Name(name), Support.Name(operation.Other), Support.FileNode, 5, out StoredAttributes attributes)
                    : files.Create(directory.Number, Support.Name(name), new NewInode(type | 0x1A4, 0, 0), 5, out attributes);
                if (made is not null)
                    made.Number = attributes.Inode;
                break;
            case "unlink":
            case "rmdir":
                expected = ModelFileSystem.Remove(directory, name, operation.Name == "rmdir");
                error = operation.Name == "rmdir"
                    ? files.RemoveDirectory(directory.Number, Support.Name(name), 5)
                    : files.Unlink(directory.Number, Support.Name(name), 5);
                break;
            case "link":
                if (inode is null)
                    return;
                (ModelInode? to, string newName) = Resolve(model, operation.Other);
                if (to is null)
                    return;
                expected = ModelFileSystem.Link(inode, to, newName);
                error = files.Link(inode.Number, to.Number, Support.Name(newName), 5, out _);
                break;
            case "rename":
            case "exchange":
                (to, newName) = Resolve(model, operation.Other);
                if (to is null)
                    return;
                RenameFlags flags = operation.Name == "exchange" ? RenameFlags.RENAME_EXCHANGE : RenameFlags.None;
                expected = ModelFileSystem.Rename(directory, name, to, newName, flags, out _);
                error = files.Rename(directory.Number, Support.Name(name), to.Number, Support.Name(newName), flags, 5);
                break;
            case "setxattr":
            case "removexattr":
                if (inode is null)
                    return;
                if (operation.Name == "setxattr")
                {
                    inode.Attributes["user.a"] = [1, 2, 3];
                    error = files.SetExtendedAttribute(inode.Number, "user.a"u8, [1, 2, 3], XattrFlags.None, 5);
                    break;
                }

                expected = inode.Attributes.Remove("user.a") ? Errno.Success : Errno.ENODATA;
                error = files.RemoveExtendedAttribute(inode.Number, "user.a"u8, 5);
                break;
            default:
                if (inode is null || inode.Type != FileModes.S_IFREG)
                    return;
                error = ChangeContent(operation, files, inode, bytes);
                break;
        }

        Assert.Equal(expected, error);
        harness.Mark(model);
    }

    private static Errno ChangeContent(Operation operation, IFileStore files, ModelInode inode, byte[] bytes)
    {
        switch (operation.Name)
        {
            case "write":
                ModelFileSystem.Write(inode, operation.Offset, bytes);
                return files.Write(inode.Number, operation.Offset, bytes, 5, out _);
            case "truncate":
                ModelFileSystem.Resize(inode, operation.Offset);
                return files.SetAttributes(inode.Number, new AttributeChange { Mask = AttributeMask.Size, Size = operation.Offset }, 5, out _);
            default:
                ModelFileSystem.Zero(inode, operation.Offset, operation.Offset + operation.Length, extends: false);
                return files.Allocate(
                    inode.Number, FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE, operation.Offset, operation.Length, 5);
        }
    }

    private static (ModelInode? Directory, string Name) Resolve(ModelFileSystem model, string path)
    {
        int slash = path.IndexOf('/');
        if (slash < 0)
            return (model.Root, path);
        ModelInode? directory = model.Root.Entries.GetValueOrDefault(path[..slash]);
        return (directory is { IsDirectory: true } ? directory : null, path[(slash + 1)..]);
    }

    private readonly record struct Operation(string Name, string Path, string Other = "", long Offset = 0, int Length = 0)
    {
        public override string ToString() => $"{Name} {Path} {Other} {Offset} {Length}";
    }
}
