using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Import;

/// <summary>Where an imported file comes from: found by the name that it has outside, whatever it is called inside.</summary>
internal sealed class ImportOrigin(ImportFileSystem fileSystem, ImportOrigin? parent, byte[] name, uint type, uint handle = 0)
{
    private readonly KernelLock _lock = new(LockLevel.ImportHandle);
    private uint _handle = handle;

    /// <summary>The handle, bound at the first use.</summary>
    public Errno GetHandle(out uint found)
    {
        found = Volatile.Read(ref _handle);
        if (found != 0)
            return Errno.Success;
        using (_lock.Enter())
        {
            found = _handle;
            if (found != 0)
                return Errno.Success;
            uint parentHandle = 0;
            Errno error = parent is null ? Errno.Success : parent.GetHandle(out parentHandle);
            if (error != Errno.Success)
                return error;
            found = fileSystem.Handles.Take();
            error = parent is null
                ? fileSystem.Host.Root(fileSystem.Share, found, out HostFileStatus status)
                : fileSystem.Host.Lookup(parentHandle, name, found, out status);

            // What the directory listing said a moment ago must still hold.
            if (error == Errno.Success && status.Type != type)
            {
                fileSystem.Host.Forget(found);
                error = Errno.EIO;
            }

            if (error != Errno.Success)
            {
                fileSystem.Handles.Give(found);
                return error == Errno.ENOENT ? Errno.EIO : error;
            }

            Volatile.Write(ref _handle, found);
            return Errno.Success;
        }
    }

    /// <summary>Frees the handle.</summary>
    public void Forget()
    {
        using (_lock.Enter())
        {
            if (_handle == 0)
                return;
            fileSystem.Host.Forget(_handle);
            fileSystem.Handles.Give(_handle);
            _handle = 0;
        }
    }
}
