using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Machines;

/// <summary>The host's side of a machine's window (<see cref="MachineWindow"/>): answers requests, and rings over a line and is rung for.</summary>
/// <param name="server">Who answers.</param>
/// <param name="window">The window, which stays mapped as long as this is used.</param>
internal sealed unsafe class WindowService(IRingServer server, byte* window)
{
    // How long the host looks for requests before it has to be rung for.
    private const int PollRounds = 2000;

    private const int LongestText = 1 << 16;

    private readonly Lock _sendLock = new();
    private readonly StringBuilder _text = new();
    private Socket? _line;

    /// <summary>What the machine has sent that isn't a bell: the last words of a kernel that ended by itself.</summary>
    public string Text => _text.ToString();

    // SAFETY: the caller has mapped so much.
    private Span<byte> Window => new(window, MachineWindow.Length);

    /// <summary>Leaves what the machine is to run.</summary>
    public void SetConfiguration(ReadOnlySpan<byte> configuration)
    {
        if (configuration.Length > MachineWindow.MostConfiguration)
            throw new HostException("The program's arguments, environment and mounts are too long for a virtual machine: 5 MiB in all.");
        configuration.CopyTo(Window[MachineWindow.Configuration..]);
        Word(MachineWindow.ConfigurationLength) = (uint)configuration.Length;
    }

    /// <summary>Makes the rings ready, before the machine uses them.</summary>
    public void Start() => server.Start(new SharedRegion((nint)window), Ring);

    /// <summary>The result that the machine has left; null where there is none.</summary>
    public byte[]? ReadResult()
    {
        uint length = Volatile.Read(ref Word(MachineWindow.ResultLength));
        return length is > 0 and <= MachineWindow.MostResult ? Window.Slice(MachineWindow.Result, (int)length).ToArray() : null;
    }

    /// <summary>Answers until the line is closed.</summary>
    /// <param name="line">The line.</param>
    /// <param name="received">Called when something has come over the line.</param>
    /// <param name="startsWithBell">Whether the machine waits for a bell before it uses the window.</param>
    public void Serve(Socket line, Action received, bool startsWithBell = false)
    {
        _line = line;
        if (startsWithBell)
            SendBell();
        Span<byte> bytes = stackalloc byte[256];
        uint served = 0;
        while (true)
        {
            Answer(ref served);
            Poll(ref served);
            int count;
            try
            {
                count = line.Receive(bytes);
            }
            catch (SocketException)
            {
                count = 0;
            }

            if (count <= 0)
                return;
            received();
            AddText(bytes[..count]);
        }
    }

    /// <summary>Notes what isn't a bell. What came before a kernel's start is its firmware's.</summary>
    public void AddText(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == MachineWindow.Start)
                _text.Clear();
            else if (value != MachineWindow.Bell && _text.Length < LongestText)
                _text.Append((char)value);
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
        server.Serve();
        Ring();
    }

    private void Ring()
    {
        // The completion is to be seen by who has just stopped looking, or that one's flag is seen here.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Word(MachineWindow.EnclavePolls)) == 0)
            SendBell();
    }

    private void SendBell()
    {
        if (_line is not { } line)
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
