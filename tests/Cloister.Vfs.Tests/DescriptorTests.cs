using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class DescriptorTests
{
    [Fact]
    public void LowestFreeIsTaken()
    {
        var m = new Machine();
        m.Put("/f", "x");
        for (int i = 0; i < 200; i++)
            Assert.Equal(i, Add(m));
        m.Table.Close(m.Caller, 3);
        m.Table.Close(m.Caller, 130);
        m.Table.Close(m.Caller, 70);
        Assert.Equal(3, Add(m));
        Assert.Equal(70, Add(m));
        Assert.Equal(Errno.Success, m.Table.Reserve(100, 1024, false, out int fd));
        Assert.Equal(130, fd);
        m.Table.Unreserve(fd);
        Assert.Equal(Errno.EMFILE, m.Table.Reserve(0, 100, false, out _));
        Assert.Equal(Errno.EBADF, m.Table.Close(m.Caller, 130));
        Assert.Equal(Errno.EBADF, m.Table.Close(m.Caller, -1));
        m.Table.CloseRange(m.Caller, 10, uint.MaxValue, false);
        Assert.Equal(9, Last(m.Table));
        m.Table.RemoveUser(m.Caller);
        Assert.Equal(-1, m.Table.NextInUse(0));
    }

    [Fact]
    public void DuplicatesShareThePosition()
    {
        var m = new Machine();
        m.Put("/f", "0123456789");
        int fd = Add(m);
        Assert.Equal(Errno.Success, m.Table.Duplicate(m.Caller, fd, 500, 1024, true));
        Assert.Equal(Errno.EBADF, m.Table.Duplicate(m.Caller, fd, 1024, 1024, false));
        Assert.Equal(Errno.EBADF, m.Table.Duplicate(m.Caller, 7, 8, 1024, false));
        using (BorrowedFile file = m.Table.Borrow(fd))
            Assert.Equal("01", m.Read(file.File!, 2));
        using (BorrowedFile file = m.Table.Borrow(500))
            Assert.Equal("23", m.Read(file.File!, 2));
        m.Table.GetCloseOnExec(500, out bool closeOnExec);
        Assert.True(closeOnExec);
        IDescriptorTable copy = m.Table.Clone();
        copy.CloseMarked(m.Caller);
        Assert.Null(copy.Borrow(500).File);
        Assert.NotNull(m.Table.Borrow(500).File);
        using (BorrowedFile file = copy.Borrow(fd))
            Assert.Equal("45", m.Read(file.File!, 2));
        copy.RemoveUser(m.Caller);
    }

    [Fact]
    public void SharedTablesCountWhatTheyLend()
    {
        var m = new Machine();
        m.Put("/f", "abc");
        int fd = Add(m);
        m.Table.AddUser();
        using (BorrowedFile file = m.Table.Borrow(fd))
        {
            m.Table.Close(m.Caller, fd);
            Assert.Equal("abc", m.Read(file.File!, 10));
        }

        Assert.Equal(Errno.Success, m.Unlink("/f"));
        Assert.Equal(4096, m.Frames.Available);
    }

    private static int Add(Machine m)
    {
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR);
        Assert.Equal(Errno.Success, m.Table.Reserve(0, 1024, false, out int fd));
        m.Table.Install(fd, file);
        return fd;
    }

    private static int Last(IDescriptorTable table)
    {
        int last = -1;
        for (int fd = table.NextInUse(0); fd >= 0; fd = table.NextInUse(fd + 1))
            last = fd;
        return last;
    }
}
