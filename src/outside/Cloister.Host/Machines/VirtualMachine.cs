using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Terminal;

namespace Cloister.Host.Machines;

/// <summary>
/// An enclave in a virtual machine of QEMU, and its host: the last of the machine's memory is a file that both map, the serial line a socket over
/// which both ring.
/// </summary>
public sealed unsafe class VirtualMachine : IDisposable
{
    // How long the host looks for requests before it has to be rung for.
    private const int PollRounds = 2000;

    private const int LongestText = 1 << 16;

    private readonly IRingServer _server;
    private readonly DirectoryInfo _folder;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _window;
    private readonly Socket _listener;
    private readonly Lock _sendLock = new();
    private readonly System.Text.StringBuilder _text = new();
    private Socket? _line;
    private bool _isNameless;

    /// <summary>Prepares a machine's window.</summary>
    /// <param name="server">Who answers its requests.</param>
    /// <param name="configuration">What it is to run.</param>
    public VirtualMachine(IRingServer server, ReadOnlySpan<byte> configuration)
    {
        if (configuration.Length > MachineWindow.MostConfiguration)
            throw new HostException("The program's arguments, environment and mounts are too long for a virtual machine: 5 MiB in all.");
        _server = server;
        _folder = Directory.CreateTempSubdirectory("cloister-");
        // A file in memory, where the host has a place for such.
        string shared = Directory.Exists("/dev/shm") ? "/dev/shm" : _folder.FullName;
        WindowPath = Path.Combine(shared, _folder.Name + ".window");
        using (FileStream stream = new(WindowPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite))
            stream.SetLength(MachineWindow.Length);
        _file = MemoryMappedFile.CreateFromFile(WindowPath, FileMode.Open, null, MachineWindow.Length);
        _view = _file.CreateViewAccessor();
        // SAFETY: released in Dispose; the view is as long as the window.
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _window);
        configuration.CopyTo(Window[MachineWindow.Configuration..]);
        Word(MachineWindow.ConfigurationLength) = (uint)configuration.Length;
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(LinePath));
        _listener.Listen(1);
        server.Start(new SharedRegion((nint)_window), Ring);
    }

    /// <summary>The window's file.</summary>
    public string WindowPath { get; }

    /// <summary>The serial line's socket.</summary>
    public string LinePath => Path.Combine(_folder.FullName, "line");

    /// <summary>What the kernel has written last of all where it ended by itself.</summary>
    public string Text => _text.ToString();

    private Span<byte> Window => new(_window, MachineWindow.Length);

    /// <summary>Runs the machine to its end.</summary>
    /// <returns>What the enclave has left as its result; null where it ended without one.</returns>
    public byte[]? Run(MachineOptions options)
    {
        using Process process = Qemu.Start(options, WindowPath, LinePath);
        using (process.StandardInput)
        {
            Accept(process);
            Serve();
            process.WaitForExit();
        }

        uint length = Volatile.Read(ref Word(MachineWindow.ResultLength));
        if (length is > 0 and <= MachineWindow.MostResult)
            return Window.Slice(MachineWindow.Result, (int)length).ToArray();
        string problem = process.StandardError.ReadToEnd().Trim();
        if (problem.Length > 0)
            _text.Append(problem);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _line?.Dispose();
        _listener.Dispose();
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        RemoveNames();
    }

    private void RemoveNames()
    {
        if (_isNameless)
            return;
        _isNameless = true;
        File.Delete(WindowPath);
        _folder.Delete(recursive: true);
    }

    private void Accept(Process process)
    {
        // QEMU connects before the machine's first instruction, or ends.
        const int step = 50_000;
        while (!_listener.Poll(step, SelectMode.SelectRead))
        {
            if (process.HasExited)
                throw new HostException($"QEMU can't start the machine: {process.StandardError.ReadToEnd().Trim()}");
        }

        _line = _listener.Accept();
    }

    private void Serve()
    {
        Span<byte> received = stackalloc byte[256];
        uint served = 0;
        while (true)
        {
            Answer(ref served);
            Poll(ref served);
            int count;
            try
            {
                count = _line!.Receive(received);
            }
            catch (SocketException)
            {
                count = 0;
            }

            if (count <= 0)
                return;
            // QEMU has mapped and connected what it needs: from here on nothing is left behind, however this process ends.
            RemoveNames();
            foreach (byte value in received[..count])
            {
                if (value == MachineWindow.Start)
                    _text.Clear();
                else if (value != MachineWindow.Bell && _text.Length < LongestText)
                    _text.Append((char)value);
            }
        }
    }

    /// <summary>Looks for requests for a while; afterwards the machine has to ring.</summary>
    private void Poll(ref uint served)
    {
        Volatile.Write(ref Word(MachineWindow.HostPolls), 1);
        for (int i = 0; i < PollRounds; i++)
        {
            if (Volatile.Read(ref Word(HostRegionLayout.SubmissionTail)) != served)
            {
                Answer(ref served);
                i = 0;
            }

            Thread.SpinWait(1);
        }

        Volatile.Write(ref Word(MachineWindow.HostPolls), 0);
        Interlocked.MemoryBarrier();
        Answer(ref served);
    }

    private void Answer(ref uint served)
    {
        if (Volatile.Read(ref Word(MachineWindow.TimeRequest)) != 0)
        {
            MemoryMarshal.Write(Window[MachineWindow.Time..], (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
            Volatile.Write(ref Word(MachineWindow.TimeRequest), 0);
        }

        uint tail = Volatile.Read(ref Word(HostRegionLayout.SubmissionTail));
        if (tail == served)
            return;
        served = tail;
        _server.Serve();
        Ring();
    }

    private void Ring()
    {
        // The completion is to be seen by who has just stopped looking, or that one's flag is seen here.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Word(MachineWindow.EnclavePolls)) != 0 || _line is not { } line)
            return;
        lock (_sendLock)
        {
            try
            {
                // A bell that finds no room is one that many wait before.
                if (line.Poll(0, SelectMode.SelectWrite))
                    line.Send([MachineWindow.Bell]);
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
            {
                // The machine has ended.
            }
        }
    }

    private ref uint Word(int offset) => ref HostRegionLayout.GetWord(Window, offset);
}
