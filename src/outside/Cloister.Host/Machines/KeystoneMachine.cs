using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Machines;

/// <summary>
/// An enclave of Keystone in a RISC-V machine of QEMU: monitor, Linux, driver and the launcher beside the enclave are the machine's; its window is
/// served from here. The machine's memory is a file, of which this process maps the window alone, where the launcher says that it is.
/// </summary>
public sealed unsafe class KeystoneMachine : IDisposable
{
    private const ulong MemoryStart = 0x8000_0000;

    // Linux with its kernel's image and the initial file system, which QEMU puts 128 MiB behind the kernel's start.
    private const long HostMemory = 224L << 20;

    // Parts of an enclave and what the pool's pieces are rounded to.
    private const long PoolReserve = 24L << 20;

    private const string Port = "/dev/vport0p1";

    private readonly IRingServer _server;
    private readonly KeystoneOptions _options;
    private readonly MachineFolder _folder;
    private WindowService? _service;
    private string _text = "";

    /// <summary>Prepares a machine.</summary>
    /// <param name="server">Who answers the enclave's requests.</param>
    /// <param name="configuration">What it is to run, which becomes a part of its measurement.</param>
    /// <param name="options">How.</param>
    public KeystoneMachine(IRingServer server, ReadOnlySpan<byte> configuration, KeystoneOptions options)
    {
        _server = server;
        _options = options;
        _folder = new MachineFolder(HostMemory + PoolSize);
        var files = new InitialFileSystem();
        files.AddFolder("dev");
        files.Add("init", Read("launcher"), isProgram: true);
        files.Add("cloister_keystone.ko", Read("cloister_keystone.ko"));
        files.Add("kernel", File.ReadAllBytes(options.Kernel));
        byte[] measured = [.. BitConverter.GetBytes((ulong)configuration.Length), .. configuration];
        if (options.Configuration is { } copy)
            File.WriteAllBytes(copy, measured);
        files.Add("configuration", measured);
        files.Add("commitment", [0]);
        File.WriteAllBytes(_folder.PathOf("initrd"), files.ToArray());
    }

    private long PoolSize => _options.Memory + MachineWindow.Length + PoolReserve;

    /// <summary>What has been said of a machine that ended without a result.</summary>
    public string Text => (_service?.Text ?? "") + _text;

    /// <summary>Runs the machine to its end.</summary>
    /// <returns>What the enclave has left as its result; null where it ended without one.</returns>
    public byte[]? Run()
    {
        using Process process = Qemu.Start(_options.Qemu, MachineArchitecture.RiscV64.Package, Arguments());
        using (process.StandardInput)
        {
            using Socket line = _folder.Accept(process);
            byte[]? result = Serve(line);
            process.WaitForExit();
            if (result is null)
                _text += process.StandardError.ReadToEnd().Trim();
            return result;
        }
    }

    private byte[]? Serve(Socket line)
    {
        if (!TryReadPlace(line, out WindowPlace place))
            return null;
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(_folder.MemoryPath, FileMode.Open, null, HostMemory + PoolSize);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor((long)(place.Address - MemoryStart), MachineWindow.Length);
        byte* window = null;
        // SAFETY: released below; the view is as long as the window, and begins at it, as it is at the start of a page.
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref window);
        _folder.RemoveNames();
        _service = new WindowService(_server, window);
        _service.Start();
        _service.Serve(line, () => { }, startsWithBell: true);
        byte[]? result = _service.ReadResult();
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        return result;
    }

    // The machine is a virtual one of this process's own, but its memory is to be mapped: so the place is checked.
    private bool TryReadPlace(Socket line, out WindowPlace place)
    {
        byte[] bytes = new byte[4096];
        int count = 0;
        for (int read; count < WindowPlace.Length || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != WindowPlace.Known; count += read)
        {
            read = count < bytes.Length ? line.Receive(bytes.AsSpan(count)) : 0;
            if (read > 0)
                continue;
            _text += Encoding.Latin1.GetString(bytes, 0, count);
            place = default;
            return false;
        }

        place = MemoryMarshal.Read<WindowPlace>(bytes);
        ulong offset = place.Address - MemoryStart, size = (ulong)(HostMemory + PoolSize);
        if (place.Size != MachineWindow.Length || (offset & 4095) != 0 || offset > size - MachineWindow.Length)
            throw new HostException("The launcher in the Linux guest names a window outside of the machine's memory.");
        return true;
    }

    private List<string> Arguments()
    {
        FormattableString line = $"console=ttyS0 quiet loglevel=1 panic=-1 cloister.pool={PoolSize >> 20}M -- {_options.Memory} {Port} /kernel /configuration /commitment";
        return
        [
            "-accel", "tcg", "-M", "virt,memory-backend=own", "-m", FormattableString.Invariant($"{(HostMemory + PoolSize) >> 20}M"),
            "-smp", FormattableString.Invariant($"{_options.Harts},maxcpus={Math.Max(_options.Harts, 2)}"),
            "-object", FormattableString.Invariant($"memory-backend-file,id=own,size={HostMemory + PoolSize},mem-path={_folder.MemoryPath},share=on"),
            "-display", "none", "-monitor", "none", "-nodefaults", "-no-user-config", "-no-reboot", "-serial", "file:/dev/stderr",
            "-device", "virtio-serial-pci", "-chardev", $"socket,id=line,path={_folder.LinePath}", "-device", "virtserialport,chardev=line",
            "-bios", Path.Combine(_options.Parts, "monitor.elf"), "-kernel", Path.Combine(_options.Parts, "vmlinux"), "-initrd", _folder.PathOf("initrd"),
            "-append", FormattableString.Invariant(line),
        ];
    }

    private byte[] Read(string part)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(_options.Parts, part));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{_options.Parts}' has no {part}: make it with 'cloister keystone image {_options.Parts}'.", problem);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
