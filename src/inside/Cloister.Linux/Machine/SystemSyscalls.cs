using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Machine;

/// <summary>What the system is and has.</summary>
internal static class SystemSyscalls
{
    /// <summary>The version whose interface we follow.</summary>
    public const string Release = "6.1.0-cloister";

    public const string Version = "#1 SMP Cloister";

    private const int NameSize = 65;

    [Syscall(63, "uname")]
    public static SyscallResult Uname(LinuxThread thread, UserAddress result)
    {
        Span<byte> bytes = stackalloc byte[NameSize * 6];
        bytes.Clear();
        "Linux"u8.CopyTo(bytes);
        thread.Kernel.Names.Host.CopyTo(bytes[NameSize..]);
        System.Text.Encoding.ASCII.GetBytes(Release, bytes[(NameSize * 2)..]);
        System.Text.Encoding.ASCII.GetBytes(Version, bytes[(NameSize * 3)..]);
        thread.Cpu.MachineName.CopyTo(bytes[(NameSize * 4)..]);
        thread.Kernel.Names.Domain.CopyTo(bytes[(NameSize * 5)..]);
        return thread.Memory.CopyOut(result, bytes);
    }

    [Syscall(170, "sethostname")]
    public static SyscallResult SetHostName(LinuxThread thread, UserAddress name, ulong length)
    {
        Errno error = ReadName(thread, name, length, out byte[] value);
        if (error != Errno.Success)
            return error;
        thread.Kernel.Names.Host = value;
        thread.Kernel.Vfs.NoteNamesChanged();
        return 0;
    }

    [Syscall(171, "setdomainname")]
    public static SyscallResult SetDomainName(LinuxThread thread, UserAddress name, ulong length)
    {
        Errno error = ReadName(thread, name, length, out byte[] value);
        if (error != Errno.Success)
            return error;
        thread.Kernel.Names.Domain = value;
        thread.Kernel.Vfs.NoteNamesChanged();
        return 0;
    }

    [Syscall(99, "sysinfo")]
    public static SyscallResult SysInfo(LinuxThread thread, UserAddress result)
    {
        var info = new SystemInformation
        {
            Uptime = (thread.MonotonicNow - thread.Kernel.FirstProcess!.StartTime) / Timespec.PerSecond + 1,
            TotalMemory = (ulong)thread.Kernel.Memory.Total,
            FreeMemory = (ulong)thread.Kernel.Memory.FreeBytes,
            Processes = (ushort)Math.Min(ushort.MaxValue, thread.Kernel.Processes.Count),
            Unit = 1,
        };
        return thread.Memory.TryWrite(result, info) ? 0 : Errno.EFAULT;
    }

    [Syscall(318, "getrandom")]
    public static SyscallResult GetRandom(LinuxThread thread, UserAddress buffer, ulong count, uint flags)
    {
        const uint insecure = 4;
        const uint random = 2;
        const uint known = 7;
        if ((flags & ~known) != 0 || (flags & (insecure | random)) == (insecure | random))
            return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[256];
        long wanted = (long)Math.Min(count, 33_554_431);
        long done = 0;
        while (done < wanted)
        {
            Span<byte> part = bytes[..(int)Math.Min(bytes.Length, wanted - done)];
            thread.Kernel.Platform.Entropy.Fill(part);
            if (thread.Memory.CopyOut(buffer.Offset((ulong)done), part) != Errno.Success)
                return done > 0 ? done : Errno.EFAULT;
            done += part.Length;
        }

        return done;
    }

    [Syscall(158, "arch_prctl", SyscallSupport.Partial,
        Note = "No ARCH_SET_GS on the process platform, which needs GS itself; no CPUID faulting.",
        Lacks = "ARCH_SET_GS ARCH_CET_*")]
    public static SyscallResult ArchPrctl(LinuxThread thread, int code, ulong address)
    {
        const int setGs = 0x1001;
        const int setFs = 0x1002;
        const int getFs = 0x1003;
        const int getGs = 0x1004;
        const int getCpuid = 0x1011;
        ref X64Registers registers = ref X64Registers.Of(thread.Context.Registers);
        switch (code)
        {
            case setFs:
                if (!thread.Cpu.IsThreadPointer(address))
                    return Errno.EPERM;
                registers.FsBase = address;
                return 0;
            case getFs:
                return thread.Memory.TryWrite(new UserAddress(address), registers.FsBase) ? 0 : Errno.EFAULT;
            case getGs:
                return thread.Memory.TryWrite(new UserAddress(address), registers.GsBase) ? 0 : Errno.EFAULT;
            case getCpuid:
                return 1;
            case setGs:
                thread.Kernel.Log.Unsupported(thread, "arch_prctl(ARCH_SET_GS)");
                return Errno.EPERM;
            default:
                return Errno.EINVAL;
        }
    }

    [Syscall(135, "personality", SyscallSupport.Partial, Note = "Of the flags ADDR_NO_RANDOMIZE has an effect.")]
    public static SyscallResult Personality(LinuxThread thread, uint persona)
    {
        uint old = thread.Process.Personality;
        if (persona != uint.MaxValue)
            thread.Process.Personality = persona;
        return old;
    }

    [Syscall(309, "getcpu")]
    public static SyscallResult GetCpu(LinuxThread thread, UserAddress cpu, UserAddress node, UserAddress cache)
    {
        if (!cpu.IsNull && !thread.Memory.TryWrite(cpu, thread.Kernel.Platform.Cpus.Current))
            return Errno.EFAULT;
        return node.IsNull || thread.Memory.TryWrite(node, 0) ? 0 : Errno.EFAULT;
    }

    private static Errno ReadName(LinuxThread thread, UserAddress name, ulong length, out byte[] value)
    {
        value = [];
        if (!thread.Identity.Has(Capability.SysAdmin))
            return Errno.EPERM;
        if (length > HostNames.MaximumLength)
            return Errno.EINVAL;
        value = new byte[length];
        return thread.Memory.CopyIn(name, value);
    }

    /// <summary>struct sysinfo (sysinfo(2)).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 112)]
    private struct SystemInformation
    {
        public long Uptime;
        public ulong Load1;
        public ulong Load5;
        public ulong Load15;
        public ulong TotalMemory;
        public ulong FreeMemory;
        public ulong SharedMemory;
        public ulong BufferMemory;
        public ulong TotalSwap;
        public ulong FreeSwap;
        public ushort Processes;
        public ushort Padding;
        public ulong TotalHigh;
        public ulong FreeHigh;
        public uint Unit;
    }
}
