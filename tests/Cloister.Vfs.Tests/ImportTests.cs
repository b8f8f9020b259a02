using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

/// <summary>Trees of the host: read-only, with a writable layer, and as volumes.</summary>
public sealed class ImportTests
{
    private readonly FakeHost _host = new();
    private readonly FakeNode _etc;
    private readonly FakeNode _big;

    public ImportTests()
    {
        _etc = _host.AddDirectory(_host.RootNode, "etc");
        _host.AddFile(_etc, "passwd", "root:x:0:0\n");
        for (int i = 0; i < 10; i++)
            _host.AddFile(_etc, $"f{i}", $"{i}");
        _host.AddFile(_host.RootNode, "holes", new string('h', 40_000));
        _host.AddLink(_host.RootNode, "link", "etc/passwd");
        _big = _host.AddFile(_host.RootNode, "big", new string('b', 100_000));
        _host.RootNode.Children.Add("hard", _big);
        _big.Links = 2;
    }

    [Fact]
    public void DirectoriesComeInOnce()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.MountRoot(_host, 0, false));
        m.Context = m.Vfs.CreateContext();
        Assert.Equal("root:x:0:0\n", m.Get("/etc/passwd"));
        Assert.Equal("root:x:0:0\n", m.Get("/link"));
        int calls = _host.Calls;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(Errno.Success, m.StatError($"/etc/f{i}"));
            Assert.Equal(Errno.ENOENT, m.StatError($"/etc/none{i}"));
        }

        Assert.Equal(13, m.List("/etc").Count);
        Assert.Equal("root:x:0:0\n", m.Get("/etc/passwd"));
        Assert.Equal(calls, _host.Calls);
        Assert.Equal(Errno.EROFS, m.TryOpen("/etc/passwd", OpenFlags.O_WRONLY));
        Assert.Equal(Errno.EROFS, m.TryOpen("/etc/new", OpenFlags.O_CREAT | OpenFlags.O_WRONLY));
        Assert.Equal(Errno.EROFS, m.Unlink("/etc/passwd"));
        Assert.Equal(m.Stat("/big").Inode, m.Stat("/hard").Inode);
        Assert.Equal(2u, m.Stat("/big").LinkCount);
        Assert.Equal(100_000, m.Get("/big").Length);
    }

    [Fact]
    public void ChangesStayInTheLayerAbove()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.MountRoot(_host, 0, true));
        m.Context = m.Vfs.CreateContext();
        IOpenFile file = m.Open("/big", OpenFlags.O_RDWR);
        file.Seek(m.Caller, 50_000, SeekWhence.SEEK_SET);
        m.Write(file, "changed");
        file.Release();
        string text = m.Get("/hard");
        Assert.Equal(100_000, text.Length);
        Assert.Equal("bchangedb", text[49_999..50_008]);
        Assert.Equal(100_000, _big.Data.Length);
        Assert.DoesNotContain((byte)'c', _big.Data);

        Assert.Equal(Errno.Success, m.Unlink("/etc/passwd"));
        Assert.Equal(Errno.ENOENT, m.StatError("/etc/passwd"));
        m.Put("/etc/passwd", "new");
        Assert.Equal("new", m.Get("/etc/passwd"));
        Assert.Equal(Errno.ENOTEMPTY, m.RmDir("/etc"));
        Assert.Equal(Errno.Success, m.Rename("/etc", "/moved"));
        Assert.Equal("7", m.Get("/moved/f7"));
        Assert.Equal(Errno.ENOENT, m.StatError("/etc"));
        foreach (string name in m.List("/moved"))
        {
            if (name is not ("." or ".."))
                Assert.Equal(Errno.Success, m.Unlink("/moved/" + name));
        }

        Assert.Equal(Errno.Success, m.RmDir("/moved"));
        Assert.Equal(12 - 1, _etc.Children.Count);
    }

    [Fact]
    public void WhatIsCutDoesNotComeBack()
    {
        var m = new Machine();
        m.Vfs.MountRoot(_host, 0, true);
        m.Context = m.Vfs.CreateContext();
        IOpenFile file = m.Open("/big", OpenFlags.O_RDWR);
        file.Truncate(m.Caller, 10_000);
        file.Truncate(m.Caller, 30_000);
        Assert.Equal(new string('b', 10_000) + new string('\0', 20_000), m.Get("/big"));
        file.Release();
        IOpenFile punched = m.Open("/holes", OpenFlags.O_RDWR);
        Assert.Equal(Errno.Success, punched.Allocate(m.Caller, FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE, 5_000, 20_000));
        Assert.Equal(new string('h', 5_000) + new string('\0', 20_000) + new string('h', 15_000), m.Get("/holes"));
        punched.Release();
        Assert.Equal(Errno.Success, m.TryOpen("/holes", OpenFlags.O_TRUNC | OpenFlags.O_WRONLY));
        Assert.Equal("", m.Get("/holes"));
    }

    [Fact]
    public void ImportedMemoryIsGivenBack()
    {
        var m = new Machine();
        m.Vfs.MountRoot(_host, 0, true);
        m.Context = m.Vfs.CreateContext();
        long before = m.Frames.Available;
        m.Get("/etc/f3");
        Assert.Equal(before - 1, m.Frames.Available);
        Assert.Equal(Errno.Success, m.Unlink("/etc/f3"));
        Assert.Equal(before, m.Frames.Available);
    }

    [Fact]
    public void VolumesGoThroughBothWays()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.MountVolume("/vol"u8, _host, 1, false));
        Assert.Equal("root:x:0:0\n", m.Get("/vol/etc/passwd"));
        m.Put("/vol/etc/made", "inside");
        Assert.Equal("inside"u8.ToArray(), _etc.Children["made"].Data);
        _host.Change(_etc.Children["made"], "from outside, longer");
        Assert.Equal("from outside, longer", m.Get("/vol/etc/made"));
        IOpenFile file = m.Open("/vol/etc/made", OpenFlags.O_RDWR | OpenFlags.O_APPEND);
        m.Write(file, "+");
        Assert.Equal("from outside, longer+", m.Get("/vol/etc/made"));
        file.Truncate(m.Caller, 4);
        Assert.Equal("from"u8.ToArray(), _etc.Children["made"].Data);
        file.Release();
        _host.AddFile(_etc, "appeared", "1");
        Assert.Equal("1", m.Get("/vol/etc/appeared"));
        Assert.Contains("appeared", m.List("/vol/etc"));
        _etc.Children.Remove("appeared");
        Assert.Equal(Errno.ENOENT, m.StatError("/vol/etc/appeared"));
        Assert.Equal(Errno.Success, m.MkDir("/vol/dir"));
        Assert.Equal(Errno.Success, m.Rename("/vol/etc/made", "/vol/dir/renamed"));
        Assert.Equal("from", m.Get("/vol/dir/renamed"));
        Assert.Equal(Errno.ENOTEMPTY, m.RmDir("/vol/dir"));
        Assert.Equal(Errno.Success, m.Unlink("/vol/dir/renamed"));
        Assert.Equal(Errno.Success, m.RmDir("/vol/dir"));
        Assert.Equal(Errno.Success, m.SymLink("etc", "/vol/s"));
        Assert.Equal("5", m.Get("/vol/s/f5"));
        Assert.Equal(Errno.Success, m.Vfs.MakeNode(m.Caller, m.Path("/vol/fifo"), FileModes.S_IFIFO, 0));
        IOpenFile both = m.Open("/vol/fifo", OpenFlags.O_RDWR);
        m.Write(both, "x");
        both.Release();
        Assert.Equal(Errno.EPERM, m.Vfs.MakeNode(m.Caller, m.Path("/vol/device"), FileModes.S_IFCHR, 0));
    }

    [Fact]
    public void ReadOnlyVolumesRefuse()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.MountVolume("/vol"u8, _host, 1, true));
        Assert.Equal("1", m.Get("/vol/etc/f1"));
        Assert.Equal(Errno.EROFS, m.TryOpen("/vol/etc/f1", OpenFlags.O_RDWR));
        Assert.Equal(Errno.EROFS, m.MkDir("/vol/x"));
        Assert.Equal(Errno.EROFS, m.Unlink("/vol/etc/f1"));
    }
}
