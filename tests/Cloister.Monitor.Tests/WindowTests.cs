using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Host;
using Cloister.Host.Machines;
using Cloister.Kernel;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>
/// All that is around an enclave's kernel: the machine, the launcher beside the enclave, its window, served from outside of the machine. In the kernel's
/// place is an enclave that uses the window alone.
/// </summary>
public sealed class WindowTests(Machines machines)
{
    [Fact]
    public void RingsBellsAndWaitsReachTheOneOutside()
    {
        string parts = MakeParts();
        string kernel = machines.Enclave("Cloister.Monitor.Window", "Cloister.Kernel", "Cloister.Hal", "Cloister.Abi", "Cloister.Contracts",
            "Cloister.Linux", "Cloister.Net", "Cloister.Nucleus", "Cloister.Storage", "Cloister.Vfs");
        var server = new Printer();
        using var machine = new KeystoneMachine(server, "what to run"u8, new KeystoneOptions(parts, kernel, 64 << 20, 1, null, "qemu-system-riscv64"));
        byte[]? result = machine.Run();
        Assert.Equal("The host serves the rings.\nIt has waited.\nAnd answers again and again.\n", server.Text.ToString());
        Assert.True(result is not null, machine.Text);
        Assert.True(ConfigurationFormat.TryRead(result, out ExitStatus status));
        Assert.Equal(42, status.Code);
        Assert.Equal("The enclave's own words.", status.Error);
    }

    [Fact]
    public void EnclaveThatCantBeMadeIsExplained()
    {
        string empty = Path.Combine(machines.Folder, "empty");
        File.WriteAllBytes(empty, new byte[4096]);
        string parts = MakeParts();
        // Nothing that can run: the monitor starts it, and it faults for ever. So the driver is what is missing here.
        File.WriteAllBytes(Path.Combine(parts, "cloister_keystone.ko"), "no module"u8.ToArray());
        using var machine = new KeystoneMachine(new Printer(), default, new KeystoneOptions(parts, empty, 64 << 20, 1, null, "qemu-system-riscv64"));
        Assert.Null(machine.Run());
        // Linux may have something to say about a machine that is slow.
        Assert.StartsWith("launcher: there is no /dev/keystone_enclave.", machine.Text, StringComparison.Ordinal);
    }

    private string MakeParts()
    {
        string linux = Machines.FetchLinux();
        string parts = Directory.CreateDirectory(Path.Combine(machines.Folder, Guid.NewGuid().ToString())).FullName;
        File.Copy(machines.Monitor, Path.Combine(parts, "monitor.elf"));
        File.Copy(machines.BuildDriver(linux), Path.Combine(parts, "cloister_keystone.ko"));
        File.Copy(machines.Launcher(), Path.Combine(parts, "launcher"));
        File.CreateSymbolicLink(Path.Combine(parts, "vmlinux"), Path.Combine(linux, "vmlinux"));
        return parts;
    }

    /// <summary>Answers requests to write, which are all that there are.</summary>
    private sealed class Printer : IRingServer
    {
        private SharedRegion? _region;
        private uint _served;

        public StringBuilder Text { get; } = new();

        public void Start(SharedRegion region, Action completed) => _region = region;

        public void Serve()
        {
            Span<byte> region = _region!.Bytes;
            for (; _served != Volatile.Read(ref HostRegionLayout.GetWord(region, HostRegionLayout.SubmissionTail)); _served++)
            {
                SubmissionEntry request = MemoryMarshal.Read<SubmissionEntry>(HostRegionLayout.GetSubmission(region, _served));
                Assert.Equal(HostOperation.ConsoleWrite, request.Operation);
                Text.Append(Encoding.ASCII.GetString(HostRegionLayout.GetSlot(region, 0)[..(int)request.FirstLength]));
                MemoryMarshal.Write(HostRegionLayout.GetCompletion(region, _served),
                    new CompletionEntry { Id = request.Id, Data = request.FirstLength });
                Volatile.Write(ref HostRegionLayout.GetWord(region, HostRegionLayout.CompletionTail), _served + 1);
            }
        }
    }
}
