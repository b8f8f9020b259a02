using System.Collections.Generic;
using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Core;

/// <summary>
/// References to files that are given up where one more release would recurse: a closed socket holds sockets in its queue,
/// which hold others. Who comes first releases them all (delayed fput of Linux).
/// </summary>
internal sealed class ReleaseList
{
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Queue<OpenFile> _files = new();
    private bool _isDraining;

    /// <summary>Takes references over.</summary>
    public void Add(OpenFile[] files)
    {
        using (_lock.Enter())
        {
            foreach (OpenFile file in files)
                _files.Enqueue(file);
        }
    }

    /// <summary>Releases what is there, and what comes while that lasts; nothing where somebody is at it.</summary>
    public void Drain()
    {
        using (_lock.Enter())
        {
            if (_isDraining || _files.Count == 0)
                return;
            _isDraining = true;
        }

        while (true)
        {
            OpenFile? file;
            using (_lock.Enter())
            {
                if (!_files.TryDequeue(out file))
                {
                    _isDraining = false;
                    return;
                }
            }

            file.Release();
        }
    }
}
