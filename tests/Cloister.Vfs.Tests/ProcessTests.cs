using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class ProcessTests
{
    private readonly Machine _m = new();
    private readonly FakeProcess _process;

    public ProcessTests()
    {
        _m.Put("/program", "x", 0x1ED);
        _process = new FakeProcess(_m);
        Assert.Equal(Errno.Success, _m.Vfs.MountProcesses("/proc"u8, new FakeProcesses(_process)));
        Assert.Equal(Errno.Success, _m.Vfs.MountSystem("/sys"u8, 2));
    }

    [Fact]
    public void SelfAndItsFiles()
    {
        Assert.Equal("10", _m.ReadLink("/proc/self"));
        Assert.Equal("10/task/10", _m.ReadLink("/proc/thread-self"));
        Assert.Equal("/program", _m.ReadLink("/proc/self/exe"));
        Assert.Equal("x", _m.Get("/proc/self/exe"));
        Assert.Equal("/", _m.ReadLink("/proc/self/root"));
        Assert.Equal("name\n", _m.Get("/proc/10/comm"));
        Assert.Equal("a\0b\0", _m.Get("/proc/10/cmdline"));
        Assert.StartsWith("10 (name) S 1 10 10 0 -1 4194304 ", _m.Get("/proc/self/stat"));
        Assert.Equal(52, _m.Get("/proc/self/stat").Trim().Split(' ').Length);
        string status = _m.Get("/proc/self/status");
        Assert.Contains("\nState:\tS (sleeping)\n", status);
        Assert.Contains("\nUid:\t1\t2\t3\t4\n", status);
        Assert.Contains("\nSigCgt:\t0000000000000002\n", status);
        Assert.Contains("\nVmRSS:\t       8 kB\n", status);
        Assert.Contains("\nCpus_allowed_list:\t0-1\n", status);
        Assert.Contains("Max open files            1024                 4096                 files     \n", _m.Get("/proc/self/limits"));
        Assert.Equal(
            "00400000-00401000 r-xp 00001000 00:15 7                                  /program\n7ff000000000-7ff000001000 rw-s 00000000 00:00 0 \n",
            _m.Get("/proc/self/maps"));
        Assert.Equal(0, _m.Stat("/proc/self/maps").Size);
        Assert.Contains("10", _m.List("/proc"));
        Assert.Equal([".", "..", "10"], _m.List("/proc/10/task"));
        Assert.Equal(Errno.ENOENT, _m.StatError("/proc/11"));
        Assert.Equal(_m.Stat("/proc").Inode, _m.Stat("/proc/10/..").Inode);
        Assert.Equal(Errno.ENOTDIR, _m.TryOpen("/proc/meminfo/x"));
    }

    [Fact]
    public void DescriptorsAreLinks()
    {
        _m.Put("/f", "content");
        _m.Table.Reserve(4, 100, true, out int fd);
        _m.Table.Install(fd, _m.Open("/f"));
        Assert.Equal("/f", _m.ReadLink("/proc/self/fd/4"));
        Assert.Equal([".", "..", "4"], _m.List("/proc/self/fd"));
        Assert.Equal("content", _m.Get("/proc/self/fd/4"));
        Assert.Equal(0x140u, _m.Stat("/proc/self/fd/4", LookupFlags.None).Mode & 0xFFF);
        Assert.StartsWith("pos:\t0\nflags:\t02000000\nmnt_id:\t", _m.Get("/proc/self/fdinfo/4"));
        Unlink();
        _m.Vfs.CreatePipe(_m.Caller, 0, out IOpenFile? reader, out IOpenFile? writer);
        _m.Table.Reserve(5, 100, false, out fd);
        _m.Table.Install(fd, reader!);
        Assert.StartsWith("pipe:[", _m.ReadLink("/proc/self/fd/5"));
        IOpenFile again = _m.Open("/proc/self/fd/5", OpenFlags.O_WRONLY);
        _m.Write(again, "through");
        Assert.Equal("through", _m.Read(reader!, 100));
        writer!.Release();
        again.Release();
        Assert.Equal(Errno.ENOENT, _m.TryOpen("/proc/self/fd/99"));
        _m.As(9, 9);
        _m.Caller.ProcessId = 77;
        Assert.Equal(Errno.EACCES, _m.TryOpen("/proc/10/fd/4"));
        Assert.Equal(Errno.EACCES, _m.TryOpen("/proc/10/fd"));
    }

    private void Unlink()
    {
        Assert.Equal(Errno.Success, _m.Unlink("/f"));
        Assert.Equal("/f (deleted)", _m.ReadLink("/proc/self/fd/4"));
        Assert.Equal("content", _m.Get("/proc/self/fd/4"));
    }

    [Fact]
    public void SystemFiles()
    {
        Assert.Contains("MemTotal:            100 kB\n", _m.Get("/proc/meminfo"));
        Assert.StartsWith("cpu  ", _m.Get("/proc/stat"));
        Assert.Equal("6.1.0\n", _m.Get("/proc/sys/kernel/osrelease"));
        Assert.Equal(37, _m.Get("/proc/sys/kernel/random/uuid").Length);
        Assert.Equal(_m.Get("/proc/sys/kernel/random/boot_id"), _m.Get("/proc/sys/kernel/random/boot_id"));
        Assert.NotEqual(_m.Get("/proc/sys/kernel/random/uuid"), _m.Get("/proc/sys/kernel/random/uuid"));
        Assert.Equal("0-1\n", _m.Get("/sys/devices/system/cpu/online"));
        Assert.Contains("processor\t: 1\n", _m.Get("/proc/cpuinfo"));
        Assert.Contains("proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n", _m.Get("/proc/mounts"));
        Assert.Matches(@"^\d+ 1 0:\d+ / / rw,relatime - tmpfs tmpfs rw\n", _m.Get("/proc/self/mountinfo"));
        Assert.Equal(Errno.EACCES, TryWriteAs(5, "/proc/sys/kernel/ostype"));
        Assert.Equal(Errno.EPERM, _m.Vfs.ChangeMode(_m.Caller, _m.Path("/proc/meminfo"), 0));
        IOpenFile name = _m.Open("/proc/self/comm", OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
        Assert.Equal(4, _m.Write(name, "new\n"));
        Assert.Equal("new\n", _m.Get("/proc/self/comm"));
    }

    private Errno TryWriteAs(uint user, string path)
    {
        _m.As(user, user);
        Errno error = _m.TryOpen(path, OpenFlags.O_WRONLY);
        _m.As(0, 0);
        return error;
    }

    private sealed class FakeProcesses(FakeProcess process) : IProcessDirectory
    {
        public int NextProcess(int processId) => processId < 10 ? 10 : 0;

        public bool TryGetProcess(int processId, out IProcessInformation? found)
        {
            found = processId == 10 ? process : null;
            return found is not null;
        }

        public SystemStatus GetSystemStatus() => new() { TotalMemory = 102_400, FreeMemory = 50_000, Cpus = 2, Uptime = 5_000_000_000 };

        public void WriteRelease(IByteSink sink) => sink.Append("6.1.0"u8);

        public void WriteVersion(IByteSink sink) => sink.Append("#1 SMP"u8);

        public void WriteHostName(IByteSink sink) => sink.Append("host"u8);

        public void WriteDomainName(IByteSink sink) => sink.Append("(none)"u8);

        public void WriteCorePattern(IByteSink sink) => sink.Append("core"u8);

        public Errno SetCorePattern(ReadOnlySpan<byte> pattern) => Errno.Success;

        public bool CoreUsesProcessId { get; set; }

        public void WriteSystemV(SystemVKind kind, IByteSink sink) => sink.Append("table\n"u8);
    }

    private sealed class FakeProcess(Machine m) : IProcessInformation
    {
        private readonly IOpenFile _program = m.Open("/program");
        private byte[] _name = "name"u8.ToArray();

        public int ProcessId => 10;

        public IDescriptorTable? Descriptors => m.Table;

        public IFileSystemContext? FileSystemContext => m.Context;

        public IOpenFile? Executable => _program;

        public Errno GetTimerSlack(ICaller caller, out long slack)
        {
            slack = 50_000;
            return Errno.Success;
        }

        public Errno SetTimerSlack(ICaller caller, long slack) => Errno.Success;

        public int OutOfMemoryAdjustment { get; set; }

        public int CoreContents { get; set; }

        public int NextThread(int threadId) => threadId < 10 ? 10 : 0;

        public bool TryGetStatus(int threadId, out ProcessStatus status, bool withMemory = false)
        {
            status = new ProcessStatus
            {
                State = 'S',
                ParentId = 1,
                ProcessGroup = 10,
                Session = 10,
                UserId = 1,
                EffectiveUserId = 2,
                SavedUserId = 3,
                FileUserId = 4,
                CaughtSignals = 2,
                ResidentBytes = 8192,
                AllowedCpus = 3,
                Threads = 1,
            };
            return threadId is 0 or 10;
        }

        public void WriteName(int threadId, IByteSink sink) => sink.Append(_name);

        public Errno SetName(ICaller caller, int threadId, ReadOnlySpan<byte> name)
        {
            _name = name.ToArray();
            return Errno.Success;
        }

        public void WriteCommandLine(IByteSink sink) => sink.Append("a\0b\0"u8);

        public void WriteEnvironment(IByteSink sink) => sink.Append("A=B\0"u8);

        public void WriteAuxiliaryVector(IByteSink sink) => sink.Append(new byte[16]);

        public int GetGroups(Span<uint> groups) => 0;

        public void WriteMemoryMap(IMemoryMapSink sink)
        {
            const MappingAccess allowed = MappingAccess.Read | MappingAccess.Write | MappingAccess.Execute;
            sink.Add(new MappingInformation(0x400000, 0x401000, MappingAccess.Read | MappingAccess.Execute, 0x1000, DeviceNumbers.Make(0, 0x15), 7, 4096, allowed), "/program"u8);
            sink.Add(new MappingInformation(0x7ff000000000, 0x7ff000001000, MappingAccess.Read | MappingAccess.Write | MappingAccess.Shared, 0, 0, 0, 0, allowed), default);
        }

        public void GetLimit(int resource, out ulong soft, out ulong hard)
        {
            soft = resource == 7 ? 1024 : ulong.MaxValue;
            hard = resource == 7 ? 4096 : ulong.MaxValue;
        }

        public IProcessMemory OpenMemory() => throw new NotSupportedException();
    }
}
