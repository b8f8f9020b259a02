using System.Collections.Generic;
using Cloister.Contracts;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>Makes the calling thread watch the queues of the files that it polls, which live on for that time. Pooled.</summary>
internal sealed class PollWatcher : IPollTable
{
    private readonly List<OpenFile> _files = [];
    private ICaller? _caller;
    private bool _isHolding;

    /// <summary>Starts over.</summary>
    /// <param name="caller">Who polls.</param>
    /// <param name="isShared">Whether other threads could close the files meanwhile.</param>
    public void Begin(ICaller caller, bool isShared)
    {
        _caller = caller;
        _isHolding = isShared;
    }

    /// <summary>What the next file is polled for.</summary>
    public PollEvents Wanted { get; set; }

    public void Watch(IWaitQueue queue) => _caller!.Watch(queue, exclusive: false, Wanted);

    /// <summary>Keeps a file whose queues are watched: a pipe, say, doesn't lose its reader while the call waits for it.</summary>
    public void Hold(OpenFile file)
    {
        if (!_isHolding)
            return;
        file.AddReference();
        _files.Add(file);
    }

    /// <summary>Gives the files back.</summary>
    public void End()
    {
        foreach (OpenFile file in _files)
            file.Release();
        _files.Clear();
        _caller = null;
    }
}
