using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Storage;
using Cloister.Hal;
using Cloister.Nucleus.HostWaits;

namespace Cloister.Nucleus.HostCalls;

/// <summary>What the enclave asks of the host, over one host port.</summary>
public sealed class HostServices
{
    /// <summary>Handles of block devices; file systems count theirs from 1.</summary>
    private const uint FirstBlockHandle = 0xFFFF_0000;

    private readonly HostChannel _channel;

    private HostServices(HostChannel channel, IHostFiles files, IHostConsole console, IHostPrograms programs, IHostSockets sockets)
    {
        _channel = channel;
        Files = files;
        Console = console;
        Programs = programs;
        Sockets = sockets;
    }

    /// <summary>Files of the host.</summary>
    public IHostFiles Files { get; }

    /// <summary>Standard streams, terminal and signals of the launcher.</summary>
    public IHostConsole Console { get; }

    /// <summary>Programs that join while others run.</summary>
    public IHostPrograms Programs { get; }

    /// <summary>Sockets of the host.</summary>
    public IHostSockets Sockets { get; }

    /// <summary>Answers of the host that nobody had asked for; 0 with an honest host.</summary>
    public long DroppedAnswers => _channel.Dropped;

    /// <summary>Opens a share that is a file as a device of blocks.</summary>
    /// <param name="share">Which.</param>
    /// <param name="device">The device.</param>
    /// <returns>Success, EINVAL for what is no regular file, the host's error.</returns>
    public Errno OpenBlocks(int share, out IBlockDevice? device)
    {
        device = null;
        uint handle = FirstBlockHandle + (uint)share;
        Errno error = Files.Root(share, handle, out HostFileStatus status);
        if (error != Errno.Success)
            return error;
        if ((status.Mode & FileModes.S_IFMT) != FileModes.S_IFREG)
            return Errno.EINVAL;
        device = new HostBlockDevice(_channel, Files, handle, status.Size / IBlockDevice.BlockSize);
        return Errno.Success;
    }

    /// <summary>Connects to the host and starts the thread that handles late answers.</summary>
    public static HostServices Start(IHostPort port, ICpus cpus)
    {
        var console = new HostConsoleClient();
        const int firstProgram = HostConsoleClient.SunkCount;
        const int eventSink = firstProgram + HostProgramsClient.SunkCount;
        var programs = new HostProgramsClient(HostChannel.FirstSunk + firstProgram);
        var sockets = new HostSocketsClient(HostChannel.FirstSunk + eventSink);
        var sinks = new IHostAnswerSink[eventSink + 1];
        for (int i = 0; i < eventSink; i++)
            sinks[i] = i < firstProgram ? console : programs;
        sinks[eventSink] = sockets;
        var channel = new HostChannel(port, cpus, sinks);
        console.Connect(channel);
        programs.Connect(channel);
        sockets.Connect(channel);
        if (port.Direct is { } direct)
            sockets.AllowWaiting(new HostWaiting(direct, sockets));
        cpus.Start(channel);
        return new HostServices(channel, new HostFilesClient(channel), console, programs, sockets);
    }

    /// <summary>Ends the thread. Answers that come later are lost.</summary>
    public void Stop() => _channel.Stop();
}
