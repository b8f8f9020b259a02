using System.Threading;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;

namespace Cloister.Vfs.Devices;

/// <summary>The launcher's standard streams as seen from inside, and the terminal behind them.</summary>
internal sealed class ConsoleTerminal : ITerminal
{
    private int _foregroundGroup;
    private int _session;

    public ConsoleTerminal(IHostConsole host)
    {
        Host = host;
        for (int stream = 0; stream < Queues.Length; stream++)
            Queues[stream] = new WaitQueue();
        for (int stream = 0; stream < Queues.Length; stream++)
            host.Subscribe(stream, Queues[stream]);
    }

    public IHostConsole Host { get; }

    public WaitQueue[] Queues { get; } = new WaitQueue[HostStreams.Most];

    public int ForegroundGroup
    {
        get => Volatile.Read(ref _foregroundGroup);
        set => Volatile.Write(ref _foregroundGroup, value);
    }

    public int Session
    {
        get => Volatile.Read(ref _session);
        set => Volatile.Write(ref _session, value);
    }

    /// <summary>That of /dev/console.</summary>
    public ulong Device => DeviceNumbers.Make(5, 1);

    /// <summary>The stream that stands for the terminal, or -1: input first, since reading needs it.</summary>
    public int TerminalStream
    {
        get
        {
            for (int stream = 0; stream < HostStreams.Standard; stream++)
            {
                if (Host.IsTerminal(stream))
                    return stream;
            }

            return -1;
        }
    }
}
