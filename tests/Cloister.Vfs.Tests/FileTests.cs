using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class FileTests
{
    [Fact]
    public void TruncationZeroesWhatComesBack()
    {
        var m = new Machine();
        m.Put("/f", new string('x', 10_000));
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR);
        Assert.Equal(Errno.Success, file.Truncate(m.Caller, 5_000));
        Assert.Equal(Errno.Success, file.Truncate(m.Caller, 12_000));
        string text = m.Read(file, 20_000);
        Assert.Equal(new string('x', 5_000) + new string('\0', 7_000), text);
        Assert.Equal(Errno.EINVAL, m.Vfs.Truncate(m.Caller, m.Path("/f"), -1));
        Assert.Equal(Errno.EISDIR, m.Vfs.Truncate(m.Caller, m.Path("/"), 0));
        IOpenFile reader = m.Open("/f");
        Assert.Equal(Errno.EINVAL, reader.Truncate(m.Caller, 0));
        reader.Release();
        file.Release();
    }

    [Fact]
    public void HolesAreFound()
    {
        var m = new Machine();
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
        file.Seek(m.Caller, 16 * 4096, SeekWhence.SEEK_SET);
        m.Write(file, "data");
        Assert.Equal(16 * 4096, file.Seek(m.Caller, 0, SeekWhence.SEEK_DATA).Value);
        Assert.Equal(0, file.Seek(m.Caller, 0, SeekWhence.SEEK_HOLE).Value);
        Assert.Equal((16 * 4096) + 4, file.Seek(m.Caller, 16 * 4096, SeekWhence.SEEK_HOLE).Value);
        Assert.Equal(Errno.ENXIO, file.Seek(m.Caller, 1 << 20, SeekWhence.SEEK_DATA).Errno);
        Assert.Equal(8, m.Stat("/f").Blocks);
        Assert.Equal(Errno.Success, file.Allocate(m.Caller, FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE, 16 * 4096, 4));
        Assert.Equal((16 * 4096) + 4, m.Stat("/f").Size);
        Assert.Equal(0, m.Stat("/f").Blocks);
        Assert.Equal(Errno.EOPNOTSUPP, file.Allocate(m.Caller, FallocateMode.FALLOC_FL_PUNCH_HOLE, 0, 4));
        Assert.Equal(Errno.Success, file.Allocate(m.Caller, FallocateMode.None, 0, 100_000));
        Assert.Equal(100_000, m.Stat("/f").Size);
        Assert.Equal(25 * 8, m.Stat("/f").Blocks);
        Assert.Equal(Errno.ENOSPC, file.Allocate(m.Caller, FallocateMode.None, 0, 1L << 40));
        Assert.Equal(Errno.EINVAL, file.Allocate(m.Caller, FallocateMode.None, 0, 0));
        file.Release();
    }

    [Fact]
    public void FullMemoryIsNoSpace()
    {
        var m = new Machine(64);
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
        byte[] data = new byte[1 << 20];

        // A part stays for programs' text.
        Assert.Equal(60 * 4096, file.Write(m.Caller, m.Buffer.Set(data, data.Length)).Value);
        Assert.Equal(Errno.ENOSPC, file.Write(m.Caller, m.Buffer.Set(data, data.Length)).Errno);
        file.Release();
        m.Unlink("/f");
        Assert.Equal(64, m.Frames.Available);
    }

    [Fact]
    public void SizeLimitSendsASignal()
    {
        var m = new Machine();
        m.Caller.FileSizeLimit = 10;
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
        Assert.Equal(10, m.Write(file, "0123456789abc"));
        Assert.Equal(0, m.Caller.LastSignal);
        Assert.Equal(Errno.EFBIG, m.WriteError(file, "x"));
        Assert.Equal(FileSignals.SIGXFSZ, m.Caller.LastSignal);
        Assert.Equal(Errno.EFBIG, file.Truncate(m.Caller, 11));
        Assert.Equal(Errno.Success, file.Truncate(m.Caller, 5));
        file.Release();
    }

    [Fact]
    public void FaultsEndTransfers()
    {
        var m = new Machine();
        m.Put("/f", "0123456789");
        IOpenFile file = m.Open("/f", OpenFlags.O_RDWR);
        m.Buffer.FaultAt = 4;
        byte[] bytes = new byte[10];
        Assert.Equal(4, file.Read(m.Caller, m.Buffer.Set(bytes, 10)).Value);
        m.Buffer.FaultAt = 0;
        Assert.Equal(Errno.EFAULT, file.Read(m.Caller, m.Buffer.Set(bytes, 10)).Errno);
        Assert.Equal(Errno.EFAULT, file.Write(m.Caller, m.Buffer.Set(bytes, 10)).Errno);
        file.Release();
    }

    [Fact]
    public void AccessModesHold()
    {
        var m = new Machine();
        m.Put("/f", "x");
        IOpenFile reader = m.Open("/f");
        IOpenFile writer = m.Open("/f", OpenFlags.O_WRONLY);
        IOpenFile place = m.Open("/f", OpenFlags.O_PATH);
        Assert.Equal(Errno.EBADF, m.WriteError(reader, "x"));
        Assert.Equal(Errno.EBADF, m.ReadError(writer));
        Assert.Equal(Errno.EBADF, m.ReadError(place));
        Assert.Equal(Errno.EBADF, place.Truncate(m.Caller, 0));
        Assert.Equal(OpenFlags.O_PATH, place.Flags);
        Assert.Equal(Errno.Success, place.GetStatus(m.Caller, out _));
        Assert.Equal(Errno.EISDIR, m.ReadError(m.Open("/")));
        reader.Release();
        writer.Release();
        place.Release();
    }

    [Fact]
    public void SealsHold()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.CreateMemoryFile(m.Caller, "name"u8, MemfdFlags.MFD_ALLOW_SEALING, out IOpenFile? file));
        var seals = (ISealableFile)file!;
        Assert.Equal("/memfd:name (deleted)", m.PathOf(file!));
        m.Write(file!, "12345");
        Assert.Equal(Errno.Success, seals.AddSeals(FileSeals.F_SEAL_GROW));
        Assert.Equal(Errno.EPERM, m.WriteError(file!, "6"));
        Assert.Equal(Errno.EPERM, file!.Truncate(m.Caller, 6));
        Assert.Equal(Errno.Success, file.Truncate(m.Caller, 4));
        Assert.Equal(Errno.Success, seals.AddSeals(FileSeals.F_SEAL_SHRINK));
        Assert.Equal(Errno.EPERM, file.Truncate(m.Caller, 3));
        Assert.True(file.TryBeginSharedMapping());
        Assert.Equal(Errno.EBUSY, seals.AddSeals(FileSeals.F_SEAL_WRITE));
        file.EndSharedMapping();
        Assert.Equal(Errno.Success, seals.AddSeals(FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_SEAL));
        file.Seek(m.Caller, 0, SeekWhence.SEEK_SET);
        Assert.Equal(Errno.EPERM, m.WriteError(file, "x"));
        Assert.Equal(Errno.EPERM, file.GetMapping(m.Caller, MappingAccess.Shared | MappingAccess.Write, out _));
        Assert.Equal(Errno.EPERM, seals.AddSeals(FileSeals.F_SEAL_GROW));
        Assert.Equal("1234", m.Read(file, 10));
        file.Release();
        Assert.Equal(Errno.Success, m.Vfs.CreateMemoryFile(m.Caller, "n"u8, 0, out file));
        Assert.Equal(Errno.EPERM, ((ISealableFile)file!).AddSeals(FileSeals.F_SEAL_GROW));
        file!.Release();
    }

    [Fact]
    public void DevicesBehave()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.MountDevices("/dev"u8));
        IOpenFile zero = m.Open("/dev/zero", OpenFlags.O_RDWR);
        Assert.Equal(new string('\0', 5), m.Read(zero, 5));
        Assert.Equal(3, m.Write(zero, "abc"));
        IOpenFile nothing = m.Open("/dev/null", OpenFlags.O_RDWR);
        Assert.Equal("", m.Read(nothing, 5));
        Assert.Equal(Errno.ENOSPC, m.WriteError(m.Open("/dev/full", OpenFlags.O_RDWR), "x"));
        Assert.NotEqual(m.Read(m.Open("/dev/urandom"), 16), m.Read(m.Open("/dev/urandom"), 16));
        Assert.Equal(Errno.ENXIO, m.TryOpen("/dev/tty"));
        Assert.Equal(DeviceNumbers.Make(1, 3), m.Stat("/dev/null").RawDevice);
        Assert.Equal(Errno.Success, zero.GetMapping(m.Caller, MappingAccess.Read, out FileMapping mapping));
        Assert.Null(mapping.Memory);
        Assert.Equal(Errno.ENODEV, nothing.GetMapping(m.Caller, MappingAccess.Read, out _));
        Assert.Equal(Errno.ENOTTY, zero.Control(m.Caller, Ioctls.TCGETS, 0, new byte[36]).Errno);
        m.Put("/dev/shm/x", "1");
        Assert.NotEqual(m.Stat("/dev").Device, m.Stat("/dev/shm").Device);
    }

    [Fact]
    public void ExtendedAttributes()
    {
        var m = new Machine();
        m.Put("/f", "x");
        byte[] value = new byte[100];
        Assert.Equal(Errno.ENODATA, m.Vfs.GetExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8, value, out _));
        Assert.Equal(Errno.Success, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8, "123"u8, 0));
        Assert.Equal(Errno.EEXIST, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8, "4"u8, XattrFlags.XATTR_CREATE));
        Assert.Equal(Errno.ENODATA, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "user.b"u8, "4"u8, XattrFlags.XATTR_REPLACE));
        Assert.Equal(Errno.Success, m.Vfs.GetExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8, value, out int length));
        Assert.Equal(3, length);
        Assert.Equal(Errno.ERANGE, m.Vfs.GetExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8, new byte[2], out _));
        Assert.Equal(Errno.EOPNOTSUPP, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "system.posix_acl_access"u8, "4"u8, 0));
        Assert.Equal(Errno.Success, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "trusted.t"u8, "4"u8, 0));
        Assert.Equal(Errno.Success, m.Vfs.ListExtendedAttributes(m.Caller, m.Path("/f"), value, out length));
        Assert.Equal("user.a\0trusted.t\0".Length, length);
        m.As(5, 5);
        Assert.Equal(Errno.Success, m.Vfs.ListExtendedAttributes(m.Caller, m.Path("/f"), default, out length));
        Assert.Equal("user.a\0".Length, length);
        Assert.Equal(Errno.EPERM, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "trusted.t"u8, "4"u8, 0));
        Assert.Equal(Errno.EACCES, m.Vfs.SetExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8, "4"u8, 0));
        m.As(0, 0);
        Assert.Equal(Errno.Success, m.Vfs.RemoveExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8));
        Assert.Equal(Errno.ENODATA, m.Vfs.RemoveExtendedAttribute(m.Caller, m.Path("/f"), "user.a"u8));
    }
}
