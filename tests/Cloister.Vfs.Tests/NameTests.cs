using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class NameTests
{
    [Fact]
    public void HardLinksShareAFile()
    {
        var m = new Machine();
        m.Put("/a", "1");
        Assert.Equal(Errno.Success, m.Link("/a", "/b"));
        Assert.Equal(2u, m.Stat("/a").LinkCount);
        Assert.Equal(m.Stat("/a").Inode, m.Stat("/b").Inode);
        m.Put("/b", "22");
        Assert.Equal("22", m.Get("/a"));
        Assert.Equal(Errno.EEXIST, m.Link("/a", "/b"));
        Assert.Equal(Errno.Success, m.Unlink("/a"));
        Assert.Equal(1u, m.Stat("/b").LinkCount);
        m.MkDir("/d");
        Assert.Equal(Errno.EPERM, m.Link("/d", "/e"));
        m.SymLink("b", "/s");
        Assert.Equal(Errno.Success, m.Link("/s", "/t"));
        Assert.Equal("b", m.ReadLink("/t"));
    }

    [Fact]
    public void RemovedFilesLiveUntilTheLastClose()
    {
        var m = new Machine();
        long before = m.Frames.Available;
        m.Put("/f", new string('x', 100_000));
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR);
        Assert.Equal(Errno.Success, m.Unlink("/f"));
        Assert.Equal(100_000, m.Read(file, 200_000).Length);
        Assert.Equal("/f (deleted)", m.PathOf(file));
        file.GetStatus(m.Caller, out FileStatus status);
        Assert.Equal(0u, status.LinkCount);
        file.Release();
        Assert.Equal(before, m.Frames.Available);
    }

    [Fact]
    public void RenameReplacesInOneStep()
    {
        var m = new Machine();
        m.Put("/a", "a");
        m.Put("/b", "b");
        Assert.Equal(Errno.Success, m.Rename("/a", "/b"));
        Assert.Equal("a", m.Get("/b"));
        Assert.Equal(Errno.ENOENT, m.StatError("/a"));
        m.Put("/c", "c");
        Assert.Equal(Errno.EEXIST, m.Rename("/b", "/c", RenameFlags.RENAME_NOREPLACE));
        Assert.Equal(Errno.Success, m.Rename("/b", "/c", RenameFlags.RENAME_EXCHANGE));
        Assert.Equal("a", m.Get("/c"));
        Assert.Equal("c", m.Get("/b"));
        Assert.Equal(Errno.ENOENT, m.Rename("/b", "/none", RenameFlags.RENAME_EXCHANGE));
        Assert.Equal(Errno.EINVAL, m.Rename("/b", "/d", RenameFlags.RENAME_WHITEOUT));
        Assert.Equal(Errno.Success, m.Rename("/b", "/b"));
        m.Link("/b", "/same");
        Assert.Equal(Errno.Success, m.Rename("/b", "/same"));
        Assert.Equal(Errno.Success, m.StatError("/b"));
        Assert.Equal(Errno.ENOENT, m.Rename("/none", "/x"));
        Assert.Equal(Errno.ENOTDIR, m.Rename("/b", "/x/"));
    }

    [Fact]
    public void RenameOfDirectories()
    {
        var m = new Machine();
        m.MkDir("/a");
        m.MkDir("/a/sub");
        m.Put("/a/sub/f", "1");
        m.MkDir("/b");
        Assert.Equal(Errno.EINVAL, m.Rename("/a", "/a/sub/x"));
        Assert.Equal(Errno.ENOTEMPTY, m.Rename("/b", "/a"));
        Assert.Equal(Errno.ENOTEMPTY, m.Rename("/a/sub", "/a"));
        Assert.Equal(Errno.EINVAL, m.Rename("/a", "/a/sub"));
        Assert.Equal(Errno.Success, m.Rename("/a/sub", "/b/"));
        Assert.Equal("1", m.Get("/b/f"));
        Assert.Equal(2u, m.Stat("/a").LinkCount);
        Assert.Equal(m.Stat("/").Inode, m.Stat("/b/..").Inode);
        m.Put("/file", "x");
        Assert.Equal(Errno.ENOTDIR, m.Rename("/a", "/file"));
        Assert.Equal(Errno.EISDIR, m.Rename("/file", "/a"));
        Assert.Equal(Errno.EBUSY, m.Rename("/a/.", "/x"));
        Assert.Equal(Errno.EBUSY, m.Rename("/", "/x"));
    }

    [Fact]
    public void TemporaryFilesGetANameOnlyIfAllowed()
    {
        var m = new Machine();
        m.MkDir("/d");
        Assert.Equal(Errno.Success, m.TryOpen("/d", OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 0x180, out IOpenFile? file));
        Assert.Equal(3, m.Write(file!, "abc"));
        Assert.Equal(["." , ".."], m.List("/d"));
        var self = new PathArgument(m.Context, file, default, LookupFlags.AllowEmpty);
        Assert.Equal(Errno.Success, m.Vfs.Link(m.Caller, self, m.Path("/d/named")));
        Assert.Equal("abc", m.Get("/d/named"));
        file!.Release();
        Assert.Equal(Errno.Success, m.TryOpen("/d", OpenFlags.O_TMPFILE | OpenFlags.O_EXCL | OpenFlags.O_RDWR, 0x180, out file));
        Assert.Equal(Errno.ENOENT, m.Vfs.Link(m.Caller, new PathArgument(m.Context, file, default, LookupFlags.AllowEmpty), m.Path("/d/no")));
        file!.Release();
    }

    [Fact]
    public void DirectoriesInheritTheGroupOfSetgidParents()
    {
        var m = new Machine();
        m.MkDir("/g");
        m.Vfs.ChangeOwner(m.Caller, m.Path("/g"), 0, 50);
        m.Vfs.ChangeMode(m.Caller, m.Path("/g"), 0x5FF);
        m.As(1000, 1000);
        m.MkDir("/g/d");
        m.Put("/g/f", "");
        Assert.Equal(50u, m.Stat("/g/d").GroupId);
        Assert.Equal(FileModes.S_ISGID, m.Stat("/g/d").Mode & FileModes.S_ISGID);
        Assert.Equal(50u, m.Stat("/g/f").GroupId);
        Assert.Equal(1000u, m.Stat("/g/f").UserId);
    }
}
