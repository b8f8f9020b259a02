using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Real files of a temporary directory, through both ends of the rings.</summary>
public sealed class FileTests : IDisposable
{
    private readonly Bench _bench = new();

    private IHostFiles Files => _bench.Files;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Reads_a_file()
    {
        File.WriteAllText(_bench.PathOf("hello"), "hello, world");
        uint root = _bench.Root(1, 1);
        Assert.Equal(Errno.Success, Files.Lookup(root, "hello"u8, 2, out HostFileStatus status));
        Assert.True(status.IsRegular);
        Assert.Equal(12, status.Size);
        byte[] text = new byte[100];
        Assert.Equal(Errno.Success, Files.Read(2, 7, text, out int count));
        Assert.Equal("world", Encoding.UTF8.GetString(text, 0, count));
        Assert.Equal(Errno.Success, Files.Read(2, 12, text, out count));
        Assert.Equal(0, count);
        Assert.Equal(Errno.EINVAL, Files.Read(2, -1, text, out _));
        Files.Forget(2);
        Assert.Equal(Errno.EBADF, Files.Read(2, 0, text, out _));
        Assert.Equal(Errno.EISDIR, Files.Read(1, 0, text, out _));
    }

    [Fact]
    public void Reads_and_writes_more_than_a_slot()
    {
        byte[] data = new byte[(5 << 20) + 123];
        new Random(1).NextBytes(data);
        uint root = _bench.Root(0, 1);
        Assert.Equal(Errno.Success, Files.Create(root, "big"u8, 0x1A0, 2, out HostFileStatus status));
        Assert.Equal(0x81A0u, status.Mode);
        Assert.Equal(Errno.Success, Files.Write(2, 10, data, out int count));
        Assert.Equal(data.Length, count);
        byte[] back = new byte[data.Length];
        Assert.Equal(Errno.Success, Files.Read(2, 10, back, out count));
        Assert.Equal(data.Length, count);
        Assert.True(data.AsSpan().SequenceEqual(back));
        Assert.Equal(data.Length + 10, new FileInfo(_bench.PathOf("big")).Length);
        Assert.Equal(Errno.EEXIST, Files.Create(root, "big"u8, 0x1A0, 3, out _));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Lists_a_directory_in_batches(int bufferLength)
    {
        for (int i = 0; i < 300; i++)
            File.WriteAllText(_bench.PathOf("file-" + i), new string('x', i));
        Directory.CreateDirectory(_bench.PathOf("sub"));
        File.CreateSymbolicLink(_bench.PathOf("link"), "/etc/passwd");
        uint root = _bench.Root(1, 1);
        Dictionary<string, HostFileStatus> names = _bench.List(root, bufferLength);
        Assert.Equal(302, names.Count);
        Assert.Equal(250, names["file-250"].Size);
        Assert.True(names["sub"].IsDirectory);
        Assert.True(names["link"].IsSymbolicLink);
        Assert.Equal(names, _bench.List(root));
    }

    [Fact]
    public void Never_follows_links_out_of_a_share()
    {
        File.CreateSymbolicLink(_bench.PathOf("absolute"), "/etc");
        File.CreateSymbolicLink(_bench.PathOf("up"), "..");
        uint root = _bench.Root(0, 1);
        Assert.Equal(Errno.Success, Files.Lookup(root, "absolute"u8, 2, out HostFileStatus status));
        Assert.True(status.IsSymbolicLink);
        Assert.Equal(Errno.ENOTDIR, Files.Lookup(2, "passwd"u8, 3, out _));
        byte[] target = new byte[4096];
        Assert.Equal(Errno.Success, Files.ReadLink(2, target, out int length));
        Assert.Equal("/etc", Encoding.UTF8.GetString(target, 0, length));
        Assert.Equal(Errno.EINVAL, Files.ReadLink(1, target, out _));
        Assert.NotEqual(Errno.Success, Files.Read(2, 0, target, out _));
        foreach (string name in new[] { "..", ".", "a/b", "", "a\0b" })
            Assert.Equal(Errno.EINVAL, Files.Lookup(root, Encoding.UTF8.GetBytes(name), 4, out _));
        Assert.Equal(Errno.ENAMETOOLONG, Files.Lookup(root, new byte[256], 4, out _));
        Assert.Equal(Errno.ENXIO, Files.Root(7, 9, out _));
    }

    [Fact]
    public void Changes_what_a_volume_holds()
    {
        uint root = _bench.Root(0, 1);
        Assert.Equal(Errno.Success, Files.MakeDirectory(root, "d"u8, 0x5FF, 2, out HostFileStatus status));
        Assert.Equal(0x45FFu, status.Mode);
        Assert.Equal(Errno.Success, Files.Create(2, "f"u8, 0x124, 3, out status));
        Assert.Equal(0x8124u, status.Mode);
        Assert.Equal(Errno.Success, Files.MakeNode(2, "pipe"u8, 0x1190, 5, out status));
        Assert.Equal(0x1190u, status.Mode);
        Assert.Equal(Errno.EPERM, Files.MakeNode(2, "device"u8, 0x2190, 6, out _));
        Assert.Equal(Errno.Success, Files.Unlink(2, "pipe"u8));
        Assert.Equal(Errno.Success, Files.Write(3, 0, "data"u8, out _));
        Assert.Equal(Errno.Success, Files.HardLink(3, root, "g"u8));
        Assert.Equal(Errno.Success, Files.SymbolicLink("d/f"u8, root, "s"u8, 4, out status));
        Assert.True(status.IsSymbolicLink);
        Assert.Equal("data", File.ReadAllText(_bench.PathOf("s")));
        Assert.Equal(Errno.ENOTEMPTY, Files.RemoveDirectory(root, "d"u8));
        Assert.Equal(Errno.EEXIST, Files.Rename(root, "g"u8, 2, "f"u8, 1));
        Assert.Equal(Errno.Success, Files.Rename(root, "g"u8, 2, "h"u8, 0));
        Assert.Equal(Errno.Success, Files.Truncate(3, 2));
        Assert.Equal("da", File.ReadAllText(_bench.PathOf("d/h")));
        Assert.Equal(Errno.Success, Files.Allocate(3, 0, 0, 100));
        Assert.Equal(Errno.Success, Files.Synchronize(3, dataOnly: true));
        Assert.Equal(Errno.Success, Files.Synchronize(2, dataOnly: false));
        Assert.Equal(Errno.Success, Files.SetMode(3, 0x180));
        Assert.Equal(Errno.Success, Files.SetTimes(3, HostFileStatus.KeepTime, -1_500_000_001));
        Assert.Equal(Errno.Success, Files.GetStatus(3, out status));
        Assert.Equal(100, status.Size);
        Assert.Equal(0x8180u, status.Mode);
        Assert.Equal(2ul, status.LinkCount);
        Assert.Equal(-1_500_000_001, status.ModifyTime);
        Assert.Equal(Errno.Success, Files.SetOwner(3, uint.MaxValue, uint.MaxValue));
        Assert.Equal(Errno.Success, Files.Unlink(2, "f"u8));
        Assert.Equal(Errno.Success, Files.Unlink(2, "h"u8));
        Assert.Equal(Errno.ENOENT, Files.Unlink(2, "h"u8));
        Assert.Equal(Errno.Success, Files.GetStatus(3, out status));
        Assert.Equal(0ul, status.LinkCount);
        Assert.Equal(Errno.Success, Files.RemoveDirectory(root, "d"u8));
        Assert.Equal(Errno.Success, Files.GetFileSystemStatus(root, out HostFileSystemStatus fileSystem));
        Assert.True(fileSystem.BlockSize > 0);
    }

    [Fact]
    public void Extended_attributes()
    {
        uint root = _bench.Root(0, 1);
        Assert.Equal(Errno.Success, Files.Create(root, "f"u8, 0x1A4, 2, out _));
        Errno error = Files.SetExtendedAttribute(2, "user.test"u8, "value"u8, 0);
        if (error == Errno.EOPNOTSUPP)
            Assert.Skip("The file system of the temporary directory has no extended attributes.");
        Assert.Equal(Errno.Success, error);
        Assert.Equal(Errno.EEXIST, Files.SetExtendedAttribute(2, "user.test"u8, "value"u8, 1));
        byte[] buffer = new byte[64];
        Assert.Equal(Errno.Success, Files.GetExtendedAttribute(2, "user.test"u8, buffer, out int length));
        Assert.Equal("value", Encoding.UTF8.GetString(buffer, 0, length));
        Assert.Equal(Errno.Success, Files.GetExtendedAttribute(2, "user.test"u8, default, out length));
        Assert.Equal(5, length);
        Assert.Equal(Errno.ERANGE, Files.GetExtendedAttribute(2, "user.test"u8, buffer.AsSpan(0, 2), out _));
        Assert.Equal(Errno.ENODATA, Files.GetExtendedAttribute(2, "user.none"u8, buffer, out _));
        Assert.Equal(Errno.Success, Files.ListExtendedAttributes(2, buffer, out length));
        Assert.Contains("user.test\0", Encoding.UTF8.GetString(buffer, 0, length));
        Assert.Equal(Errno.Success, Files.RemoveExtendedAttribute(2, "user.test"u8));
    }

    [Fact]
    public void Read_only_shares_refuse_changes()
    {
        File.WriteAllText(_bench.PathOf("f"), "x");
        uint root = _bench.Root(1, 1);
        Assert.Equal(Errno.Success, Files.Lookup(root, "f"u8, 2, out _));
        Assert.Equal(Errno.EROFS, Files.Create(root, "n"u8, 0x1A4, 3, out _));
        Assert.Equal(Errno.EROFS, Files.MakeDirectory(root, "n"u8, 0x1ED, 3, out _));
        Assert.Equal(Errno.EROFS, Files.SymbolicLink("x"u8, root, "n"u8, 3, out _));
        Assert.Equal(Errno.EROFS, Files.HardLink(2, root, "n"u8));
        Assert.Equal(Errno.EROFS, Files.Unlink(root, "f"u8));
        Assert.Equal(Errno.EROFS, Files.Rename(root, "f"u8, root, "n"u8, 0));
        Assert.Equal(Errno.EROFS, Files.Write(2, 0, "y"u8, out _));
        Assert.Equal(Errno.EROFS, Files.Truncate(2, 0));
        Assert.Equal(Errno.EROFS, Files.Allocate(2, 0, 0, 1));
        Assert.Equal(Errno.EROFS, Files.SetMode(2, 0));
        Assert.Equal(Errno.EROFS, Files.SetOwner(2, 0, 0));
        Assert.Equal(Errno.EROFS, Files.SetTimes(2, 0, 0));
        Assert.Equal(Errno.EROFS, Files.SetExtendedAttribute(2, "user.a"u8, "b"u8, 0));
        Assert.Equal(Errno.EROFS, Files.RemoveExtendedAttribute(2, "user.a"u8));
        Assert.Equal("x", File.ReadAllText(_bench.PathOf("f")));
        Assert.Equal(Errno.Success, Files.Root(0, 5, out _));
        Assert.Equal(Errno.EXDEV, Files.HardLink(2, 5, "n"u8));
    }

    [Fact]
    public void A_failed_binding_leaves_the_handle_free()
    {
        File.WriteAllText(_bench.PathOf("f"), "x");
        uint root = _bench.Root(1, 1);
        Assert.Equal(Errno.ENOENT, Files.Lookup(root, "none"u8, 2, out _));
        Assert.Equal(Errno.Success, Files.Lookup(root, "f"u8, 2, out _));
        Assert.Equal(Errno.EINVAL, Files.Lookup(root, "f"u8, 2, out _));
        Assert.Equal(Errno.EINVAL, Files.Lookup(root, "f"u8, 0, out _));
    }

    [Fact]
    public void Many_threads_share_the_rings()
    {
        const int Threads = 8;
        for (int i = 0; i < Threads; i++)
            File.WriteAllText(_bench.PathOf("f" + i), new string((char)('a' + i), 1000 + i));
        uint root = _bench.Root(1, 1);
        var failures = new List<string>();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            byte[] name = Encoding.UTF8.GetBytes("f" + i);
            byte[] buffer = new byte[2000];
            uint handle = (uint)(10 + i);
            for (int round = 0; round < 3000; round++)
            {
                Errno error = Files.Lookup(root, name, handle, out HostFileStatus status);
                Errno read = Files.Read(handle, 0, buffer, out int count);
                if (error != Errno.Success || read != Errno.Success || status.Size != 1000 + i || count != 1000 + i
                    || buffer.AsSpan(0, count).ContainsAnyExcept((byte)('a' + i)))
                {
                    lock (failures)
                        failures.Add($"{i}/{round}: {error} {read} {count}");
                    return;
                }

                Files.Forget(handle);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }

    [Fact]
    public void The_read_path_allocates_nothing_on_the_enclave_side()
    {
        File.WriteAllText(_bench.PathOf("f"), new string('x', 5000));
        uint root = _bench.Root(1, 1);
        Assert.Equal(Errno.Success, Files.Lookup(root, "f"u8, 2, out _));
        byte[] buffer = new byte[5000];
        for (int i = 0; i < 100; i++)
            Files.Read(2, 0, buffer, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Files.Read(2, 0, buffer, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
