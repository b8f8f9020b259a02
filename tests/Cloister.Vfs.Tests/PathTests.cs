using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class PathTests
{
    [Fact]
    public void FilesHoldWhatIsWritten()
    {
        var m = new Machine();
        m.Put("/a", "hello");
        Assert.Equal("hello", m.Get("/a"));
        IOpenFile file = m.Open("/a", OpenFlags.O_RDWR | OpenFlags.O_APPEND);
        Assert.Equal(6, m.Write(file, " world"));
        Assert.Equal(0, file.Seek(m.Caller, 0, SeekWhence.SEEK_SET).Value);
        Assert.Equal("hello world", m.Read(file, 100));
        Assert.Equal("", m.Read(file, 100));
        file.Release();
        Assert.Equal(11, m.Stat("/a").Size);
    }

    [Fact]
    public void MissingAndWrongTypes()
    {
        var m = new Machine();
        m.Put("/f", "x");
        Assert.Equal(Errno.ENOENT, m.TryOpen("/none"));
        Assert.Equal(Errno.ENOENT, m.TryOpen("/none/x", OpenFlags.O_CREAT | OpenFlags.O_RDWR));
        Assert.Equal(Errno.ENOTDIR, m.TryOpen("/f/x"));
        Assert.Equal(Errno.ENOTDIR, m.TryOpen("/f/", OpenFlags.O_RDONLY));
        Assert.Equal(Errno.EISDIR, m.TryOpen("/", OpenFlags.O_RDWR));
        Assert.Equal(Errno.EISDIR, m.TryOpen("/new/", OpenFlags.O_CREAT | OpenFlags.O_RDWR));
        Assert.Equal(Errno.EEXIST, m.TryOpen("/f", OpenFlags.O_CREAT | OpenFlags.O_EXCL));
        Assert.Equal(Errno.ENOTDIR, m.TryOpen("/f", OpenFlags.O_DIRECTORY));
        Assert.Equal(Errno.ENAMETOOLONG, m.TryOpen("/" + new string('a', 256)));
        Assert.Equal(Errno.Success, m.TryOpen("/" + new string('a', 255), OpenFlags.O_CREAT | OpenFlags.O_WRONLY));
        Assert.Equal(Errno.ENOENT, m.StatError(""));
    }

    [Fact]
    public void DotsAndSlashes()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.MkDir("/d"));
        Assert.Equal(Errno.Success, m.MkDir("/d/e/"));
        m.Put("/d/e/f", "1");
        Assert.Equal("1", m.Get("//d/./e//../e/f"));
        Assert.Equal("1", m.Get("/../../d/e/f"));
        Assert.Equal(m.Stat("/").Inode, m.Stat("/d/..").Inode);
        Assert.Equal(Errno.EEXIST, m.MkDir("/d/."));
        Assert.Equal(Errno.EINVAL, m.RmDir("/d/e/."));
        Assert.Equal(Errno.ENOTEMPTY, m.RmDir("/d/e/.."));
        Assert.Equal(Errno.ENOTEMPTY, m.RmDir("/d/e"));
        Assert.Equal(Errno.EBUSY, m.RmDir("/"));
        Assert.Equal(Errno.ENOTDIR, m.RmDir("/d/e/f"));
        Assert.Equal(Errno.EISDIR, m.Unlink("/d"));
        Assert.Equal(Errno.ENOTDIR, m.Unlink("/d/e/f/"));
    }

    [Fact]
    public void SymbolicLinks()
    {
        var m = new Machine();
        m.MkDir("/d");
        m.Put("/d/f", "data");
        m.SymLink("d/f", "/l");
        m.SymLink("/d", "/dl");
        m.SymLink("loop2", "/loop1");
        m.SymLink("loop1", "/loop2");
        m.SymLink("d/made", "/dangling");
        Assert.Equal("data", m.Get("/l"));
        Assert.Equal("data", m.Get("/dl/f"));
        Assert.Equal("d/f", m.ReadLink("/l"));
        Assert.Equal(Errno.ELOOP, m.TryOpen("/loop1"));
        Assert.Equal(Errno.ELOOP, m.TryOpen("/l", OpenFlags.O_NOFOLLOW));
        Assert.Equal(FileModes.S_IFLNK, m.Stat("/l", LookupFlags.None).Mode & FileModes.S_IFMT);
        Assert.Equal(3, m.Stat("/l", LookupFlags.None).Size);
        Assert.Equal(Errno.ENOENT, m.TryOpen("/dangling"));
        Assert.Equal(Errno.EEXIST, m.TryOpen("/dangling", OpenFlags.O_CREAT | OpenFlags.O_EXCL));
        Assert.Equal(Errno.Success, m.TryOpen("/dangling", OpenFlags.O_CREAT | OpenFlags.O_WRONLY));
        Assert.Equal(Errno.Success, m.StatError("/d/made"));
        Assert.Equal(FileModes.S_IFDIR, m.Stat("/dl/", LookupFlags.None).Mode & FileModes.S_IFMT);
        Assert.Equal(Errno.ENOTDIR, m.StatError("/l/", LookupFlags.None));
    }

    [Fact]
    public void FortyLinksAreFollowedAndNoMore()
    {
        var m = new Machine();
        m.Put("/t", "end");
        m.SymLink("t", "/l0");
        for (int i = 1; i <= 40; i++)
            m.SymLink($"l{i - 1}", $"/l{i}");
        Assert.Equal("end", m.Get("/l39"));
        Assert.Equal(Errno.ELOOP, m.TryOpen("/l40"));
    }

    [Fact]
    public void RestrictionsOfOpenAt2()
    {
        var m = new Machine();
        m.MkDir("/box");
        m.MkDir("/box/in");
        m.Put("/box/in/f", "in");
        m.Put("/out", "out");
        m.SymLink("/out", "/box/abs");
        m.SymLink("../out", "/box/up");
        m.SymLink("in/f", "/box/ok");
        IOpenFile box = m.Open("/box", OpenFlags.O_PATH);
        Errno Try(string path, ResolveFlags flags)
        {
            Errno error = m.TryOpen(path, OpenFlags.O_RDONLY, 0, out IOpenFile? file, flags, box);
            file?.Release();
            return error;
        }

        Assert.Equal(Errno.Success, Try("in/f", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.Success, Try("ok", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.Success, Try("in/../in/f", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.EXDEV, Try("../out", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.EXDEV, Try("abs", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.EXDEV, Try("up", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.EXDEV, Try("/out", ResolveFlags.RESOLVE_BENEATH));
        Assert.Equal(Errno.ENOENT, Try("/out", ResolveFlags.RESOLVE_IN_ROOT));
        Assert.Equal(Errno.Success, Try("/in/f", ResolveFlags.RESOLVE_IN_ROOT));
        Assert.Equal(Errno.ENOENT, Try("abs", ResolveFlags.RESOLVE_IN_ROOT));
        Assert.Equal(Errno.ELOOP, Try("ok", ResolveFlags.RESOLVE_NO_SYMLINKS));
        box.Release();
    }

    [Fact]
    public void MountsHideAndAreCrossedBothWays()
    {
        var m = new Machine();
        m.MkDir("/m");
        m.Put("/m/hidden", "1");
        Assert.Equal(Errno.Success, m.Vfs.MountTmpfs("/m"u8, 0x1ED));
        Assert.Equal(Errno.ENOENT, m.TryOpen("/m/hidden"));
        m.Put("/m/f", "2");
        Assert.NotEqual(m.Stat("/").Device, m.Stat("/m").Device);
        Assert.Equal(m.Stat("/").Inode, m.Stat("/m/..").Inode);
        Assert.Equal(Errno.EBUSY, m.RmDir("/m"));
        Assert.Equal(Errno.EXDEV, m.Rename("/m/f", "/f"));
        Assert.Equal(Errno.EXDEV, m.Link("/m/f", "/f"));
        Assert.Equal(Errno.EXDEV, m.TryOpen("/m/f", OpenFlags.O_RDONLY, 0, out _, ResolveFlags.RESOLVE_NO_XDEV));
        Assert.Equal(Errno.Success, m.Vfs.Unmount(m.Caller, m.Path("/m"), 0));
        Assert.Equal("1", m.Get("/m/hidden"));
    }

    [Fact]
    public void BindMountsAreReadOnlyOnTheirOwn()
    {
        var m = new Machine();
        m.MkDir("/a");
        m.MkDir("/b");
        m.Put("/a/f", "1");
        Assert.Equal(Errno.Success, m.Vfs.Mount(m.Caller, m.Path("/a"), m.Path("/b"), default, MountFlags.MS_BIND, default));
        Assert.Equal("1", m.Get("/b/f"));
        Assert.Equal(Errno.Success, m.Vfs.Mount(m.Caller, m.Path("/a"), m.Path("/b"), default, MountFlags.MS_BIND | MountFlags.MS_REMOUNT | MountFlags.MS_RDONLY, default));
        Assert.Equal(Errno.EROFS, m.TryOpen("/b/f", OpenFlags.O_WRONLY));
        Assert.Equal(Errno.EROFS, m.MkDir("/b/x"));
        Assert.Equal(Errno.EROFS, m.Unlink("/b/f"));
        m.Put("/a/f", "2");
        Assert.Equal("2", m.Get("/b/f"));
    }

    [Fact]
    public void ChrootAndWorkingDirectory()
    {
        var m = new Machine();
        m.MkDir("/jail");
        m.MkDir("/jail/d");
        m.Put("/outside", "1");
        Assert.Equal(Errno.Success, m.Vfs.ChangeDirectory(m.Caller, m.Path("/jail/d")));
        Assert.Equal("/jail/d", m.WorkingDirectory());
        Assert.Equal(Errno.Success, m.Vfs.ChangeRoot(m.Caller, m.Path("/jail")));
        Assert.Equal("/d", m.WorkingDirectory());
        Assert.Equal(Errno.ENOENT, m.TryOpen("/outside"));
        Assert.Equal(Errno.ENOENT, m.TryOpen("/../../outside"));
        Assert.Equal(m.Stat("/").Inode, m.Stat("../..").Inode);
        m.As(1000, 1000);
        Assert.Equal(Errno.EPERM, m.Vfs.ChangeRoot(m.Caller, m.Path("/d")));
    }

    [Fact]
    public void RemovedWorkingDirectoryHasNoPath()
    {
        var m = new Machine();
        m.MkDir("/d");
        m.Vfs.ChangeDirectory(m.Caller, m.Path("/d"));
        IOpenFile directory = m.Open("/d");
        Assert.Equal(Errno.Success, m.RmDir("/d"));
        Assert.Equal("", m.WorkingDirectory());
        Assert.Equal(Errno.ENOENT, m.TryOpen("x", OpenFlags.O_CREAT | OpenFlags.O_WRONLY));
        Assert.Equal("/d (deleted)", m.PathOf(directory));
        Assert.Equal(Errno.ENOENT, directory.ReadDirectory(m.Caller, DirectoryFormat.Dirent64, new byte[100]).Errno);
        directory.Release();
    }

    [Fact]
    public void DirectoriesListEachNameOnceWhateverChanges()
    {
        var m = new Machine();
        m.MkDir("/d");
        for (int i = 0; i < 300; i++)
            m.Put($"/d/n{i}", "");
        Assert.Equal(302, m.List("/d", 64).Count);
        IOpenFile directory = m.Open("/d");
        byte[] into = new byte[200];
        int seen = 0;
        int removed = 0;
        while (true)
        {
            SyscallResult result = directory.ReadDirectory(m.Caller, DirectoryFormat.Dirent64, into);
            if (result.Value == 0)
                break;
            for (int at = 0; at < (int)result.Value; at += BitConverter.ToUInt16(into, at + 16))
                seen++;
            Assert.Equal(Errno.Success, m.Unlink($"/d/n{removed++}"));
        }

        Assert.InRange(seen, 150, 302);
        directory.Release();
        Assert.Equal(302 - removed, m.List("/d").Count);
        Assert.Equal(Errno.EINVAL, m.Open("/d").ReadDirectory(m.Caller, DirectoryFormat.Dirent64, new byte[10]).Errno);
    }
}
