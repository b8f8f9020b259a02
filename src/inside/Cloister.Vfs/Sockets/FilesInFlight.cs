using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>Files of one message, and the user that they are counted for.</summary>
internal sealed record PassedFiles(OpenFile[] Files, uint UserId)
{
    /// <summary>The same files with references of their own, which are not in flight (MSG_PEEK).</summary>
    public PassedFiles Duplicate()
    {
        foreach (OpenFile file in Files)
            file.AddReference();
        return this with { Files = (OpenFile[])Files.Clone() };
    }
}

/// <summary>
/// Open files that were sent over sockets and not received yet: their number by user, and the collection of sockets that
/// only such messages hold, in each other's queues (unix(7); net/unix/garbage.c of Linux).
/// </summary>
/// <remarks>Lock order: this lock, the VFS's socket lock, a queue's lock.</remarks>
internal sealed class FilesInFlight(KernelLock socketLock, ReleaseList releases)
{
    /// <summary>So many sockets in flight for each look for garbage, so that its cost is spread over what causes it.</summary>
    private const int SocketsPerLook = 64;

    private readonly KernelLock _lock = new(LockLevel.FilesInFlight);
    private readonly Dictionary<UnixSocket, int> _sockets = [];
    private readonly Dictionary<uint, int> _countByUser = [];
    private int _looksLeft;
    private int _released;
    private bool _wasFruitless;

    /// <summary>Counts files that are about to be put into a queue.</summary>
    /// <returns>ETOOMANYREFS where the user has more in flight than it may have open.</returns>
    public Errno Launch(ICaller caller, PassedFiles passed, ulong limit)
    {
        Credentials identity = caller.Credentials;
        using (_lock.Enter())
        {
            _countByUser.TryGetValue(passed.UserId, out int count);
            bool isPrivileged = identity.Has(FileCapabilities.CAP_SYS_RESOURCE) || identity.Has(FileCapabilities.CAP_SYS_ADMIN);
            if ((ulong)count > limit && !isPrivileged)
                return Errno.ETOOMANYREFS;
            _countByUser[passed.UserId] = count + passed.Files.Length;
            foreach (OpenFile file in passed.Files)
            {
                if (file is UnixSocket socket)
                    _sockets[socket] = _sockets.GetValueOrDefault(socket) + 1;
            }
        }

        return Errno.Success;
    }

    /// <summary>Files have left their queue, or never got there; the references are the caller's.</summary>
    public void Land(PassedFiles passed)
    {
        using (_lock.Enter())
            CountDown(passed);
    }

    /// <summary>A socket has lost a reference, and has others: they may all be in messages now.</summary>
    public void OnSocketReleased() => Interlocked.Increment(ref _released);

    /// <summary>A socket was closed: others may be unreachable now.</summary>
    public void OnSocketClosed()
    {
        OnSocketReleased();
        Collect(isUrgent: false);
    }

    /// <summary>Looks for garbage.</summary>
    /// <param name="isUrgent">Now, since the files that it holds are wanted; else when enough sockets were closed.</param>
    public void Collect(bool isUrgent)
    {
        List<PassedFiles> garbage;
        using (_lock.Enter())
        {
            if (_sockets.Count == 0 || (isUrgent ? !IsWorthLooking() : (_looksLeft -= SocketsPerLook) > 0))
                return;
            _looksLeft = _sockets.Count;
            Volatile.Write(ref _released, 0);
            garbage = FindGarbage();
            _wasFruitless = garbage.Count == 0;
        }

        foreach (PassedFiles passed in garbage)
            releases.Add(passed.Files);
        releases.Drain();
    }

    // A program at the limit of files, which asks again and again, must not cost all that is in flight each time.
    private bool IsWorthLooking()
    {
        int released = Volatile.Read(ref _released);
        return _wasFruitless ? (long)released * SocketsPerLook >= _sockets.Count : released > 0;
    }

    // Candidates have no references but those of messages. Those of them that messages elsewhere hold are reachable, and
    // what lies in their queues too; what remains is held by itself alone.
    private List<PassedFiles> FindGarbage()
    {
        var held = new Dictionary<UnixSocket, int>();
        foreach ((UnixSocket socket, int inFlight) in _sockets)
        {
            if (socket.References == inFlight)
                held.Add(socket, inFlight);
        }

        var passed = new List<PassedFiles>();
        foreach (UnixSocket socket in new List<UnixSocket>(held.Keys))
        {
            Collect(socket, passed, take: false);
            foreach (UnixSocket other in SocketsIn(passed))
            {
                if (held.TryGetValue(other, out int count))
                    held[other] = count - 1;
            }
        }

        var reached = new Stack<UnixSocket>();
        foreach ((UnixSocket socket, int count) in held)
        {
            if (count > 0)
                reached.Push(socket);
        }

        while (reached.TryPop(out UnixSocket? socket))
        {
            if (!held.Remove(socket))
                continue;
            Collect(socket, passed, take: false);
            foreach (UnixSocket other in SocketsIn(passed))
            {
                if (held.ContainsKey(other))
                    reached.Push(other);
            }
        }

        var garbage = new List<PassedFiles>();
        foreach (UnixSocket socket in held.Keys)
        {
            Collect(socket, passed, take: true);
            garbage.AddRange(passed);
        }

        foreach (PassedFiles files in garbage)
            CountDown(files);
        return garbage;
    }

    private static List<UnixSocket> SocketsIn(List<PassedFiles> passed)
    {
        var sockets = new List<UnixSocket>();
        foreach (PassedFiles files in passed)
        {
            foreach (OpenFile file in files.Files)
            {
                if (file is UnixSocket socket)
                    sockets.Add(socket);
            }
        }

        return sockets;
    }

    private void CountDown(PassedFiles passed)
    {
        foreach (OpenFile file in passed.Files)
        {
            if (file is not UnixSocket socket || !_sockets.TryGetValue(socket, out int count))
                continue;
            if (count == 1)
                _sockets.Remove(socket);
            else
                _sockets[socket] = count - 1;
        }

        int left = _countByUser.GetValueOrDefault(passed.UserId) - passed.Files.Length;
        if (left > 0)
            _countByUser[passed.UserId] = left;
        else
            _countByUser.Remove(passed.UserId);
    }

    private void Collect(UnixSocket socket, List<PassedFiles> into, bool take)
    {
        into.Clear();
        using (socketLock.Enter())
            socket.CollectFiles(into, take);
    }
}
