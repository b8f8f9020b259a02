using System;
using Cloister.Abi;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

// Registered files.
internal sealed partial class Ring
{
    /// <summary>IORING_MAX_FIXED_FILES.</summary>
    private const uint MostFiles = 1 << 20;

    private IOpenFile?[]? _files;
    private ulong[]? _fileTags;
    private (uint Start, uint End) _allocated = (0, uint.MaxValue);

    /// <summary>A registered file with a reference for the taker, or null.</summary>
    public IOpenFile? TakeFile(uint index)
    {
        using (_lock.Enter())
        {
            IOpenFile? file = _files is not null && index < (uint)_files.Length ? _files[index] : null;
            file?.AddReference();
            return file;
        }
    }

    /// <summary>Registers files, or room for them.</summary>
    public SyscallResult RegisterFiles(LinuxThread thread, UserAddress descriptors, uint count, UserAddress tags)
    {
        if (_files is not null)
            return Errno.EBUSY;
        if (count == 0)
            return Errno.EINVAL;
        if (count > MostFiles || count > thread.Process.Limits[Processes.ResourceLimits.OpenFiles].Soft)
            return Errno.EMFILE;
        if (!_account.TryTake(count * 16L))
            return Errno.ENOMEM;
        using (_lock.Enter())
        {
            _files = new IOpenFile?[count];
            _fileTags = new ulong[count];
            _allocated = (0, count);
        }

        SyscallResult result = descriptors.IsNull ? 0 : UpdateFiles(thread, 0, descriptors, tags, count);
        if (!descriptors.IsNull && result.Value == count)
            result = 0;
        else if (!result.IsError && !descriptors.IsNull)
            result = Errno.EBADF;
        if (result.IsError)
            UnregisterFiles(thread, reportsTags: false);
        return result;
    }

    /// <summary>Drops all registered files.</summary>
    public SyscallResult UnregisterFiles(LinuxThread? thread, bool reportsTags = true)
    {
        IOpenFile?[] files;
        ulong[] tags;
        using (_lock.Enter())
        {
            if (_files is null)
                return Errno.ENXIO;
            files = _files;
            tags = _fileTags!;
            _files = null;
        }

        for (int i = 0; i < files.Length; i++)
        {
            files[i]?.Release();
            if (reportsTags && tags[i] != 0)
                Post(thread, tags[i], 0, CompletionFlags.None);
        }

        _account.Give(files.Length * 16L);
        return 0;
    }

    /// <summary>Replaces registered files by those of descriptors: -1 empties an entry, IORING_REGISTER_FILES_SKIP leaves it.</summary>
    /// <returns>How many were done.</returns>
    public SyscallResult UpdateFiles(LinuxThread thread, uint first, UserAddress descriptors, UserAddress tags, uint count)
    {
        if (_files is not { } table)
            return Errno.ENXIO;
        if (first + (ulong)count > (ulong)table.Length)
            return Errno.EINVAL;
        for (uint i = 0; i < count; i++)
        {
            ulong tag = 0;
            if (!thread.Memory.TryRead(descriptors.Offset(i * 4UL), out int fd)
                || (!tags.IsNull && !thread.Memory.TryRead(tags.Offset(i * 8UL), out tag)))
                return i > 0 ? i : Errno.EFAULT;
            if (fd == RingFiles.Skip)
                continue;
            if (fd is -1 && tag != 0)
                return i > 0 ? i : Errno.EINVAL;
            IOpenFile? file = null;
            if (fd != -1)
            {
                file = thread.Process.Descriptors.Take(fd);

                // A ring that held itself would never end.
                if (file is null or IRingFile)
                {
                    file?.Release();
                    return i > 0 ? i : Errno.EBADF;
                }
            }

            Replace(thread, first + i, file, tag);
        }

        return count;
    }

    /// <summary>Puts a file into the table; takes its reference over.</summary>
    /// <param name="file">The file.</param>
    /// <param name="slot">The entry, counted from 1; <see cref="RingFiles.AnyEntry"/>.</param>
    /// <returns>The entry where it was chosen here, else 0.</returns>
    public SyscallResult SetFile(IOpenFile file, int slot)
    {
        Errno error = Errno.Success;
        uint index = (uint)slot - 1;
        IOpenFile? replaced = null;
        using (_lock.Enter())
        {
            if (file is IRingFile)
                error = Errno.EBADF;
            else if (_files is null)
                error = slot == RingFiles.AnyEntry ? Errno.ENFILE : Errno.ENXIO;
            else if (slot == RingFiles.AnyEntry)
                error = FindFreeFile(out index);
            else if (index >= (uint)_files.Length)
                error = Errno.EINVAL;
            if (error == Errno.Success)
            {
                replaced = _files![index];
                _files[index] = file;
                _fileTags![index] = 0;
            }
        }

        if (error != Errno.Success)
            file.Release();
        replaced?.Release();
        return SyscallResult.From(error, slot == RingFiles.AnyEntry ? index : 0);
    }

    /// <summary>Empties an entry (IORING_OP_CLOSE).</summary>
    public Errno ClearFile(uint index)
    {
        IOpenFile? file;
        using (_lock.Enter())
        {
            if (_files is null)
                return Errno.ENXIO;
            if (index >= (uint)_files.Length)
                return Errno.EINVAL;
            file = _files[index];
            _files[index] = null;
        }

        file?.Release();
        return file is null ? Errno.EBADF : Errno.Success;
    }

    /// <summary>IORING_REGISTER_FILE_ALLOC_RANGE.</summary>
    public Errno SetAllocationRange(uint start, uint count)
    {
        using (_lock.Enter())
        {
            if (start + count < start)
                return Errno.EOVERFLOW;
            if (_files is null || start + count > (uint)_files.Length)
                return Errno.EINVAL;
            _allocated = (start, start + count);
            return Errno.Success;
        }
    }

    private void Replace(LinuxThread thread, uint index, IOpenFile? file, ulong tag)
    {
        IOpenFile? replaced = null;
        ulong oldTag = 0;
        using (_lock.Enter())
        {
            if (_files is not null && index < (uint)_files.Length)
            {
                replaced = _files[index];
                oldTag = _fileTags![index];
                _files[index] = file;
                _fileTags[index] = tag;
                file = null;
            }
        }

        file?.Release();
        replaced?.Release();
        if (oldTag != 0)
            Post(thread, oldTag, 0, CompletionFlags.None);
    }

    private Errno FindFreeFile(out uint index)
    {
        uint end = Math.Min(_allocated.End, (uint)_files!.Length);
        for (index = _allocated.Start; index < end; index++)
        {
            if (_files[index] is null)
                return Errno.Success;
        }

        return Errno.ENFILE;
    }
}
