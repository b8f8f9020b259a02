using System;
using System.Diagnostics;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Net.Sockets;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Machines;

/// <summary>
/// An enclave in a virtual machine of QEMU, and its host: the last of the machine's memory is a file that both map, the serial line a socket over
/// which both ring.
/// </summary>
public sealed unsafe class VirtualMachine : IDisposable
{
    private readonly MachineFolder _folder;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly WindowService _service;

    /// <summary>Prepares a machine's window.</summary>
    /// <param name="server">Who answers its requests.</param>
    /// <param name="configuration">What it is to run.</param>
    public VirtualMachine(IRingServer server, ReadOnlySpan<byte> configuration)
    {
        _folder = new MachineFolder(MachineWindow.Length);
        _file = MemoryMappedFile.CreateFromFile(_folder.MemoryPath, FileMode.Open, null, MachineWindow.Length);
        _view = _file.CreateViewAccessor();
        byte* window = null;
        // SAFETY: released in Dispose; the view is as long as the window.
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref window);
        _service = new WindowService(server, window);
        _service.SetConfiguration(configuration);
        _service.Start();
    }

    /// <summary>What the kernel has written last of all where it ended by itself.</summary>
    public string Text => _service.Text;

    /// <summary>Runs the machine to its end.</summary>
    /// <returns>What the enclave has left as its result; null where it ended without one.</returns>
    public byte[]? Run(MachineOptions options)
    {
        using Process process = Qemu.Start(options, _folder.MemoryPath, _folder.LinePath);
        using (process.StandardInput)
        {
            using Socket line = _folder.Accept(process);
            // QEMU has mapped and connected what it needs when it first rings: from then on nothing is left behind, however this process ends.
            _service.Serve(line, _folder.RemoveNames);
            process.WaitForExit();
        }

        byte[]? result = _service.ReadResult();
        if (result is null)
            _service.AddText(System.Text.Encoding.Latin1.GetBytes(process.StandardError.ReadToEnd().Trim()));
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }
}
