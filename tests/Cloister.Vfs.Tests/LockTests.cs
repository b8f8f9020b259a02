using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class LockTests
{
    [Fact]
    public void FlockBelongsToTheOpenFile()
    {
        var m = new Machine();
        m.Put("/f", "");
        IOpenFile a = m.Open("/f");
        IOpenFile b = m.Open("/f");
        Assert.Equal(Errno.Success, a.Lock(m.Caller, FlockOperation.LOCK_SH));
        Assert.Equal(Errno.Success, b.Lock(m.Caller, FlockOperation.LOCK_SH | FlockOperation.LOCK_NB));
        Assert.Equal(Errno.EAGAIN, a.Lock(m.Caller, FlockOperation.LOCK_EX | FlockOperation.LOCK_NB));
        Assert.Equal(Errno.Success, b.Lock(m.Caller, FlockOperation.LOCK_UN));
        Assert.Equal(Errno.Success, a.Lock(m.Caller, FlockOperation.LOCK_EX | FlockOperation.LOCK_NB));
        a.Release();
        Assert.Equal(Errno.Success, b.Lock(m.Caller, FlockOperation.LOCK_EX | FlockOperation.LOCK_NB));
        b.Release();
    }

    [Fact]
    public void RecordLocksSplitAndJoin()
    {
        var m = new Machine();
        m.Put("/f", "0123456789");
        IOpenFile a = m.Open("/f", OpenFlags.O_RDWR);
        IDescriptorTable one = m.Vfs.CreateDescriptorTable();
        IDescriptorTable two = m.Vfs.CreateDescriptorTable();
        Assert.Equal(Errno.Success, Set(m, a, one, RecordLockType.F_WRLCK, 0, 100));
        Assert.Equal(Errno.Success, Set(m, a, one, RecordLockType.F_UNLCK, 40, 20));
        Assert.Equal(Errno.Success, Set(m, a, two, RecordLockType.F_WRLCK, 40, 20));
        Assert.Equal(Errno.EAGAIN, Set(m, a, two, RecordLockType.F_RDLCK, 39, 1));
        var probe = new Flock { Type = (short)RecordLockType.F_WRLCK, Start = 10, Length = 0 };
        Assert.Equal(Errno.Success, a.TestRecordLock(m.Caller, two, ref probe));
        Assert.Equal((short)RecordLockType.F_WRLCK, probe.Type);
        Assert.Equal((0L, 40L, 10), (probe.Start, probe.Length, probe.ProcessId));
        Assert.Equal(Errno.Success, Set(m, a, one, RecordLockType.F_RDLCK, 60, 0));
        probe = new Flock { Type = (short)RecordLockType.F_RDLCK, Start = 500, Length = 1 };
        a.TestRecordLock(m.Caller, two, ref probe);
        Assert.Equal((short)RecordLockType.F_UNLCK, probe.Type);
        Assert.Equal(Errno.EINVAL, Set(m, a, one, RecordLockType.F_RDLCK, -1, 1));
        Assert.Equal(Errno.EBADF, Set(m, m.Open("/f"), one, RecordLockType.F_WRLCK, 0, 1));
    }

    [Fact]
    public void ClosingAnyDescriptorDropsTheProcessesLocks()
    {
        var m = new Machine();
        m.Put("/f", "");
        IOpenFile a = m.Open("/f", OpenFlags.O_RDWR);
        IOpenFile b = m.Open("/f", OpenFlags.O_RDWR);
        m.Table.Reserve(0, 10, false, out int fd);
        m.Table.Install(fd, b);
        Assert.Equal(Errno.Success, Set(m, a, m.Table, RecordLockType.F_WRLCK, 0, 0));
        IDescriptorTable other = m.Vfs.CreateDescriptorTable();
        Assert.Equal(Errno.EAGAIN, Set(m, a, other, RecordLockType.F_WRLCK, 0, 0));
        m.Table.Close(m.Caller, fd);
        Assert.Equal(Errno.Success, Set(m, a, other, RecordLockType.F_WRLCK, 0, 0));
    }

    [Fact]
    public void DeadlocksAreFound()
    {
        var m = new Machine();
        m.Put("/f", "");
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR);
        IDescriptorTable one = m.Vfs.CreateDescriptorTable();
        IDescriptorTable two = m.Vfs.CreateDescriptorTable();
        Set(m, file, one, RecordLockType.F_WRLCK, 0, 1);
        Set(m, file, two, RecordLockType.F_WRLCK, 1, 1);
        var other = new FakeCaller(m.Clock);
        Errno error = Errno.EIO;
        var thread = new Thread(() => error = file.SetRecordLock(other, one, new Flock { Type = (short)RecordLockType.F_WRLCK, Start = 1, Length = 1 }, true));
        thread.Start();
        Thread.Sleep(50);
        Assert.Equal(Errno.EDEADLK, file.SetRecordLock(m.Caller, two, new Flock { Type = (short)RecordLockType.F_WRLCK, Start = 0, Length = 1 }, true));
        Set(m, file, two, RecordLockType.F_UNLCK, 1, 1);
        Assert.True(thread.Join(5_000));
        Assert.Equal(Errno.Success, error);
    }

    private static Errno Set(Machine m, IOpenFile file, IDescriptorTable owner, RecordLockType type, long start, long length) =>
        file.SetRecordLock(m.Caller, owner, new Flock { Type = (short)type, Start = start, Length = length }, false);
}
