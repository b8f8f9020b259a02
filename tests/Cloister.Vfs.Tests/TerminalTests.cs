using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class TerminalTests
{
    private readonly Machine _m = new();
    private readonly IOpenFile _master;
    private readonly IOpenFile _slave;

    public TerminalTests()
    {
        _m.Vfs.MountDevices("/dev"u8);
        _master = _m.Open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK);
        byte[] data = new byte[4];
        Assert.Equal(0, _master.Control(_m.Caller, Ioctls.TIOCGPTN, 0, data).Value);
        Assert.Equal(0, BitConverter.ToInt32(data));
        Assert.Equal(Errno.EIO, _m.TryOpen("/dev/pts/0", OpenFlags.O_RDWR));
        Assert.Equal(0, _master.Control(_m.Caller, Ioctls.TIOCSPTLCK, 0, new byte[4]).Value);
        _slave = _m.Open("/dev/pts/0", OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK);
    }

    [Fact]
    public void LinesAreEditedAndEchoed()
    {
        _m.Write(_master, "helloo\x7f world");
        Assert.Equal(Errno.EAGAIN, _m.ReadError(_slave));
        Assert.Equal("helloo\b \b world", _m.Read(_master, 100));
        _m.Write(_master, "\rnext\n");
        Assert.Equal("hello world\n", _m.Read(_slave, 100));
        Assert.Equal("ne", _m.Read(_slave, 2));
        Assert.Equal("xt\n", _m.Read(_slave, 100));
        Assert.Equal("\r\nnext\r\n", _m.Read(_master, 100));
        _m.Write(_master, "one two\x17three\x15" + "kept\n");
        Assert.Equal("kept\n", _m.Read(_slave, 100));
        _m.Write(_master, "part\x04");
        Assert.Equal("part", _m.Read(_slave, 100));
        _m.Write(_master, "\x04");
        Assert.Equal("", _m.Read(_slave, 100));
        _m.Write(_master, "\x16\x03\n");
        Assert.Equal("\x03\n", _m.Read(_slave, 100));
    }

    [Fact]
    public void OutputIsProcessed()
    {
        Assert.Equal(6, _m.Write(_slave, "a\nb\tc\n"));
        Assert.Equal("a\r\nb\tc\r\n", _m.Read(_master, 100));
        byte[] settings = Settings();
        settings[Termios.OutputFlagsAt + 1] |= (byte)((uint)TerminalOutputFlags.XTABS >> 8);
        Set(settings);
        _m.Write(_slave, "ab\tc");
        Assert.Equal("ab      c", _m.Read(_master, 100));
    }

    [Fact]
    public void RawModeGivesBytes()
    {
        byte[] settings = Settings();
        settings.AsSpan(0, Termios.CharactersAt).Clear();
        settings[Termios.CharactersAt + ControlCharacters.VMIN] = 3;
        Set(settings);
        _m.Write(_master, "a\x03");
        Assert.Equal(Errno.EAGAIN, _m.ReadError(_slave, 10));
        Assert.Equal(PollEvents.None, _slave.Poll(null) & PollEvents.In);
        _m.Write(_master, "\r");
        Assert.Equal(PollEvents.In, _slave.Poll(null) & PollEvents.In);
        Assert.Equal("a\x03\r", _m.Read(_slave, 10));
        settings[Termios.CharactersAt + ControlCharacters.VMIN] = 0;
        settings[Termios.CharactersAt + ControlCharacters.VTIME] = 0;
        Set(settings);
        Assert.Equal("", _m.Read(_slave, 10));
        settings[Termios.CharactersAt + ControlCharacters.VTIME] = 1;
        Set(settings);
        _slave.SetStatusFlags(_m.Caller, 0);
        long start = _m.Caller.MonotonicNow;
        Assert.Equal("", _m.Read(_slave, 10));
        Assert.InRange(_m.Caller.MonotonicNow - start, 90_000_000, 2_000_000_000);
    }

    [Fact]
    public void SidesSeeEachOtherGo()
    {
        _m.Write(_slave, "last");
        _slave.Release();
        Assert.Equal("last", _m.Read(_master, 10));
        Assert.Equal(Errno.EIO, _m.ReadError(_master));
        Assert.Equal(PollEvents.HangUp, _master.Poll(null) & PollEvents.HangUp);
        IOpenFile again = _m.Open("/dev/pts/0", OpenFlags.O_RDWR);
        Assert.Equal(Errno.EAGAIN, _m.ReadError(_master));
        _master.Release();
        Assert.Equal("", _m.Read(again, 10));
        Assert.Equal(Errno.EIO, _m.WriteError(again, "x"));
        Assert.Equal(Errno.ENOENT, _m.StatError("/dev/pts/0"));
        again.Release();
    }

    [Fact]
    public void SettingsAndSizesAreShared()
    {
        byte[] size = new byte[8];
        MemoryMarshal.Write(size, new WindowSize { Rows = 24, Columns = 80 });
        _master.Control(_m.Caller, Ioctls.TIOCSWINSZ, 0, size);
        byte[] other = new byte[8];
        _slave.Control(_m.Caller, Ioctls.TIOCGWINSZ, 0, other);
        Assert.Equal(size, other);
        Assert.Equal(Errno.ENOTTY, _slave.Control(_m.Caller, Ioctls.TIOCGPTN, 0, other).Errno);
        Assert.Equal("/dev/pts/0", _m.PathOf(_slave));
        Assert.Equal(DeviceNumbers.Make(136, 0), _m.Stat("/dev/pts/0").RawDevice);
        Assert.Equal([".", "..", "0", "ptmx"], _m.List("/dev/pts"));
    }

    private byte[] Settings()
    {
        byte[] data = new byte[Termios.Size];
        Assert.Equal(0, _slave.Control(_m.Caller, Ioctls.TCGETS, 0, data).Value);
        return data;
    }

    private void Set(byte[] settings) => Assert.Equal(0, _slave.Control(_m.Caller, Ioctls.TCSETS, 0, settings).Value);
}
