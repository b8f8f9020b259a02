using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class PermissionTests
{
    private const ulong DacOverride = 1UL << FileCapabilities.CAP_DAC_OVERRIDE;
    private const ulong ReadSearch = 1UL << FileCapabilities.CAP_DAC_READ_SEARCH;

    [Fact]
    public void OwnerGroupAndOthers()
    {
        var m = new Machine();
        m.Put("/f", "x");
        m.Vfs.ChangeOwner(m.Caller, m.Path("/f"), 100, 200);
        m.Vfs.ChangeMode(m.Caller, m.Path("/f"), 0x1A0); // 0640
        m.As(100, 1);
        Assert.Equal(Errno.Success, m.TryOpen("/f", OpenFlags.O_RDWR));
        m.As(101, 200);
        Assert.Equal(Errno.Success, m.TryOpen("/f"));
        Assert.Equal(Errno.EACCES, m.TryOpen("/f", OpenFlags.O_WRONLY));
        m.As(101, 1, 0, 200);
        Assert.Equal(Errno.Success, m.TryOpen("/f"));
        m.As(101, 1);
        Assert.Equal(Errno.EACCES, m.TryOpen("/f"));
        m.As(101, 1, ReadSearch);
        Assert.Equal(Errno.Success, m.TryOpen("/f"));
        Assert.Equal(Errno.EACCES, m.TryOpen("/f", OpenFlags.O_WRONLY));
        m.As(101, 1, DacOverride);
        Assert.Equal(Errno.Success, m.TryOpen("/f", OpenFlags.O_RDWR));

        // Nobody executes what nobody may execute.
        Assert.Equal(Errno.EACCES, m.Vfs.CheckAccess(m.Caller, m.Caller.Credentials, m.Path("/f"), AccessMode.X_OK));
    }

    [Fact]
    public void OwnersOfNothingCantEvenIfTheGroupMay()
    {
        var m = new Machine();
        m.Put("/f", "x");
        m.Vfs.ChangeOwner(m.Caller, m.Path("/f"), 100, 200);
        m.Vfs.ChangeMode(m.Caller, m.Path("/f"), 0x24); // 0044
        m.As(100, 200);
        Assert.Equal(Errno.EACCES, m.TryOpen("/f"));
    }

    [Fact]
    public void DirectoriesNeedSearchAndWrite()
    {
        var m = new Machine();
        m.MkDir("/d", 0x1C0);
        m.Put("/d/f", "x");
        m.As(5, 5);
        Assert.Equal(Errno.EACCES, m.StatError("/d/f"));
        Assert.Equal(Errno.EACCES, m.TryOpen("/d"));
        Assert.Equal(Errno.EACCES, m.MkDir("/new"));
        m.As(0, 0);
        m.Vfs.ChangeMode(m.Caller, m.Path("/d"), 0x1ED);
        m.As(5, 5);
        Assert.Equal(Errno.Success, m.StatError("/d/f"));
        Assert.Equal(Errno.EACCES, m.Unlink("/d/f"));
        Assert.Equal(Errno.EACCES, m.Rename("/d/f", "/d/g"));
        Assert.Equal(Errno.EACCES, m.TryOpen("/d/new", OpenFlags.O_CREAT | OpenFlags.O_WRONLY));
    }

    [Fact]
    public void StickyDirectoriesProtectEntries()
    {
        var m = new Machine();
        m.MkDir("/t");
        m.Vfs.ChangeMode(m.Caller, m.Path("/t"), 0x3FF);
        m.As(1, 1);
        m.Put("/t/mine", "");
        m.As(2, 2);
        Assert.Equal(Errno.EPERM, m.Unlink("/t/mine"));
        Assert.Equal(Errno.EPERM, m.Rename("/t/mine", "/t/x"));
        m.Put("/t/other", "");
        Assert.Equal(Errno.EPERM, m.Rename("/t/other", "/t/mine"));
        Assert.Equal(Errno.Success, m.Rename("/t/other", "/t/other2"));
        m.As(1, 1);
        Assert.Equal(Errno.Success, m.Unlink("/t/mine"));
    }

    [Fact]
    public void AttributesBelongToTheOwner()
    {
        var m = new Machine();
        m.Put("/f", "x");
        m.Vfs.ChangeOwner(m.Caller, m.Path("/f"), 10, 10);
        m.As(11, 11);
        Assert.Equal(Errno.EPERM, m.Vfs.ChangeMode(m.Caller, m.Path("/f"), 0x1FF));
        Assert.Equal(Errno.EPERM, m.Vfs.ChangeOwner(m.Caller, m.Path("/f"), 11, uint.MaxValue));
        Assert.Equal(Errno.EPERM, m.Vfs.SetTimes(m.Caller, m.Path("/f"), new FileTimesChange(1, 1)));
        Assert.Equal(Errno.EACCES, m.Vfs.SetTimes(m.Caller, m.Path("/f"), new FileTimesChange(FileTimesChange.Now, FileTimesChange.Now)));
        m.As(10, 10, 0, 20);
        Assert.Equal(Errno.Success, m.Vfs.ChangeMode(m.Caller, m.Path("/f"), 0xDED));
        Assert.Equal(0xDEDu, m.Stat("/f").Mode & 0xFFF);
        Assert.Equal(Errno.EPERM, m.Vfs.ChangeOwner(m.Caller, m.Path("/f"), uint.MaxValue, 30));
        Assert.Equal(Errno.Success, m.Vfs.ChangeOwner(m.Caller, m.Path("/f"), uint.MaxValue, 20));

        // chown takes the set-ID bits.
        Assert.Equal(0x1EDu, m.Stat("/f").Mode & 0xFFF);
        Assert.Equal(Errno.Success, m.Vfs.SetTimes(m.Caller, m.Path("/f"), new FileTimesChange(FileTimesChange.Omit, 7_000_000_001)));
        Assert.Equal(7_000_000_001, m.Stat("/f").ModificationTime);
    }

    [Fact]
    public void WritesTakeSetIdBits()
    {
        var m = new Machine();
        m.Put("/f", "x");
        m.Vfs.ChangeMode(m.Caller, m.Path("/f"), 0xDFF);
        m.As(3, 3);
        IOpenFile file = m.Open("/f", OpenFlags.O_WRONLY);
        m.Write(file, "y");
        file.Release();
        Assert.Equal(0x1FFu, m.Stat("/f").Mode & 0xFFF);
    }

    [Fact]
    public void ExecutedFilesCantBeWritten()
    {
        var m = new Machine();
        m.Put("/prog", "#!", 0x1ED);
        Assert.Equal(Errno.Success, m.Vfs.OpenExecutable(m.Caller, m.Path("/prog"), out IOpenFile? program));
        Assert.Equal(Errno.Success, program!.BeginExecution());
        Assert.Equal(Errno.ETXTBSY, m.TryOpen("/prog", OpenFlags.O_WRONLY));
        program.EndExecution();
        IOpenFile writer = m.Open("/prog", OpenFlags.O_WRONLY);
        Assert.Equal(Errno.ETXTBSY, program.BeginExecution());
        writer.Release();
        program.Release();
        m.MkDir("/dir");
        m.Put("/data", "x");
        Assert.Equal(Errno.EACCES, m.Vfs.OpenExecutable(m.Caller, m.Path("/data"), out _));
        Assert.Equal(Errno.EACCES, m.Vfs.OpenExecutable(m.Caller, m.Path("/dir"), out _));
    }
}
