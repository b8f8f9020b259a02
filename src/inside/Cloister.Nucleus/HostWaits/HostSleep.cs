using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Nucleus.HostCalls;

namespace Cloister.Nucleus.HostWaits;

/// <summary>One sleep of a thread in the host: what it waits for, and what the host told at its end.</summary>
internal sealed class HostSleep(IHostWait wait, HostSocketsClient sockets) : ISleepingPlace
{
    private const int MostChanges = 64;

    private readonly ReadinessRecord[] _changed = new ReadinessRecord[MostChanges];
    private ReadinessRecord[] _wanted = new ReadinessRecord[4];
    private int _wantedCount;
    private int _changedCount;
    private HostGroup? _group;
    private uint _groupHandle;

    /// <summary>The group, where it is all that the thread waits for.</summary>
    public HostGroup? Group => _group;

    /// <summary>Adds what the thread waits for.</summary>
    public void Add(HostSource source, PollEvents events)
    {
        if (_wantedCount == _wanted.Length)
            Array.Resize(ref _wanted, 2 * _wanted.Length);
        _group = _wantedCount == 0 ? source as HostGroup : null;
        _wanted[_wantedCount++] = new ReadinessRecord
        {
            Handle = source.Handle,
            Events = source is HostGroup ? IHostWait.IsGroup | (uint)PollEvents.In : (uint)(events & HostAnswers.SocketReadiness),
        };
        Volatile.Write(ref _groupHandle, _group?.Handle ?? 0);
    }

    /// <inheritdoc/>
    public void Sleep(long deadline)
    {
        if (_group is null)
            wait.WaitForAny(_wanted.AsSpan(0, _wantedCount), deadline);
        else
            _changedCount = Math.Clamp(wait.WaitForGroup(_group.Handle, _changed, deadline), 0, MostChanges);
    }

    /// <inheritdoc/>
    public void Wake() => wait.Wake(Volatile.Read(ref _groupHandle));

    /// <summary>Makes known what the host told. Called when the thread doesn't sleep any more.</summary>
    public void End()
    {
        sockets.Deliver(_changed.AsSpan(0, _changedCount));
        _changedCount = 0;
        _wantedCount = 0;
        _group = null;
    }

    /// <summary>Gives the host's descriptor back.</summary>
    public void Dispose() => wait.Dispose();
}
