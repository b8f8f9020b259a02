using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Memory;

/// <summary>Whoever counts the regions that show its memory (shm_nattch of shmctl(2)).</summary>
internal interface IMappingObserver
{
    /// <summary>One more region. The space's lock is held.</summary>
    void OnRegion();

    /// <summary>One less. The space's lock is held.</summary>
    void OnRegionEnd();

    /// <summary>The last use of a mapping has ended; no lock is held.</summary>
    void OnUnmapped();
}

/// <summary>An open file that is mapped, counted by the regions that use it and by who maps it.</summary>
internal sealed class FileBacking
{
    private readonly bool _mayWrite;
    private readonly IMappingObserver? _observer;
    private int _users = 1;

    private FileBacking(IOpenFile file, ulong device, ulong inode, bool mayWrite, IMappingObserver? observer)
    {
        _observer = observer;
        File = file;
        Device = device;
        Inode = inode;
        _mayWrite = mayWrite;
    }

    public IOpenFile File { get; }

    public ulong Device { get; }

    public ulong Inode { get; }

    /// <summary>Takes a reference to a file, for its maker, who holds one and gives this one back by <see cref="Release"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mapping">What it has said of its mapping.</param>
    /// <param name="mayWrite">Whether stores may reach the file.</param>
    /// <param name="backing">The result.</param>
    /// <param name="observer">Who counts its regions.</param>
    /// <returns>EPERM where the file is sealed against stores.</returns>
    public static Errno Create(IOpenFile file, in FileMapping mapping, bool mayWrite, out FileBacking? backing, IMappingObserver? observer = null)
    {
        backing = null;
        if (mayWrite && !file.TryBeginSharedMapping())
            return Errno.EPERM;
        file.AddReference();
        backing = new FileBacking(file, mapping.Device, mapping.Inode, mayWrite, observer);
        return Errno.Success;
    }

    /// <summary>Whoever counts its regions; null for an ordinary file.</summary>
    public IMappingObserver? Observer => _observer;

    /// <summary>Counts one more region; there is a use already.</summary>
    public void AddUser()
    {
        Hold();
        _observer?.OnRegion();
    }

    /// <summary>Ends a region's use.</summary>
    /// <returns>Whether it was the last: then <see cref="Close"/> is due.</returns>
    public bool RemoveUser()
    {
        _observer?.OnRegionEnd();
        return Interlocked.Decrement(ref _users) == 0;
    }

    /// <summary>Counts a use that is no region, until <see cref="Release"/>; there is one already.</summary>
    public void Hold() => Interlocked.Increment(ref _users);

    /// <summary>Ends a use that is no region; without any lock, since the last one may write back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Close();
    }

    /// <summary>Gives the file back, without any lock.</summary>
    public void Close()
    {
        if (_mayWrite)
            File.EndSharedMapping();
        File.Release();
        _observer?.OnUnmapped();
    }
}
