using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Memory;

/// <summary>An open file that is mapped, counted by the regions that use it and by who maps it.</summary>
internal sealed class FileBacking
{
    private readonly bool _mayWrite;
    private int _users = 1;

    private FileBacking(IOpenFile file, ulong device, ulong inode, bool mayWrite)
    {
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
    /// <returns>EPERM where the file is sealed against stores.</returns>
    public static Errno Create(IOpenFile file, in FileMapping mapping, bool mayWrite, out FileBacking? backing)
    {
        backing = null;
        if (mayWrite && !file.TryBeginSharedMapping())
            return Errno.EPERM;
        file.AddReference();
        backing = new FileBacking(file, mapping.Device, mapping.Inode, mayWrite);
        return Errno.Success;
    }

    /// <summary>Counts one more use; there is one already.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>Ends a use.</summary>
    /// <returns>Whether it was the last: then <see cref="Close"/> is due.</returns>
    public bool RemoveUser() => Interlocked.Decrement(ref _users) == 0;

    /// <summary>Ends a use; without any lock, since the last one may write back.</summary>
    public void Release()
    {
        if (RemoveUser())
            Close();
    }

    /// <summary>Gives the file back, without any lock.</summary>
    public void Close()
    {
        if (_mayWrite)
            File.EndSharedMapping();
        File.Release();
    }
}
