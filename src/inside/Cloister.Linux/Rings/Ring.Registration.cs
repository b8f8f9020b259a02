using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

// What is registered with the instance (io_uring_register(2)).
internal sealed partial class Ring
{
    /// <summary>IORING_MAX_FIXED_FILES, IORING_MAX_REG_BUFFERS.</summary>
    private const uint MostFiles = 1 << 20;
    private const uint MostBuffers = 1 << 14;

    private const int GroupWeight = 160;
    private const int PersonalityWeight = 64;

    /// <summary>Longest registered buffer (io_buffer_validate of Linux).</summary>
    private const ulong LongestBuffer = 1 << 30;

    private readonly Dictionary<ushort, RingBufferGroup> _groups = [];
    private readonly Dictionary<ushort, Identity.Identity> _personalities = [];
    private IOpenFile?[]? _files;
    private ulong[]? _fileTags;
    private (uint Start, uint End) _allocated = (0, uint.MaxValue);
    private IoVector[]? _buffers;
    private ulong[]? _bufferTags;
    private LockedMemory? _locked;
    private ushort _lastPersonality;
    private RingRestrictions? _restrictions;

    /// <summary>Whether an operation may be submitted (IORING_REGISTER_RESTRICTIONS).</summary>
    public bool MayDo(RingOperation operation, SubmissionFlags flags) => _restrictions?.MayDo(operation, flags) ?? true;

    /// <summary>Whether something may be registered.</summary>
    public bool MayRegister(RingRegistration operation) => IsDisabled || (_restrictions?.MayRegister(operation) ?? true);

    /// <summary>Sets restrictions, once.</summary>
    public Errno Restrict(RingRestrictions restrictions)
    {
        if (!IsDisabled)
            return Errno.EBADFD;
        if (_restrictions is not null)
            return Errno.EBUSY;
        _restrictions = restrictions;
        return Errno.Success;
    }

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

    /// <summary>Registers buffers. They are read and written where they are mapped then; Linux keeps their pages.</summary>
    public SyscallResult RegisterBuffers(LinuxThread thread, UserAddress vectors, uint count, UserAddress tags)
    {
        if (_buffers is not null)
            return Errno.EBUSY;
        if (count is 0 or > MostBuffers)
            return Errno.EINVAL;
        if (!_account.TryTake(count * 24L))
            return Errno.ENOMEM;
        var buffers = new IoVector[count];
        var bufferTags = new ulong[count];
        var locked = new LockedMemory();
        Errno error = Errno.Success;
        for (uint i = 0; i < count && error == Errno.Success; i++)
            error = ReadBuffer(thread, vectors.Offset(i * 16UL), tags.IsNull ? tags : tags.Offset(i * 8UL), locked, out buffers[i], out bufferTags[i]);
        if (error != Errno.Success)
        {
            locked.Release();
            _account.Give(count * 24L);
            return error;
        }

        using (_lock.Enter())
        {
            _buffers = buffers;
            _bufferTags = bufferTags;
            _locked = locked;
        }

        return 0;
    }

    /// <summary>Makes room for buffers (IORING_RSRC_REGISTER_SPARSE).</summary>
    public SyscallResult RegisterNoBuffers(uint count)
    {
        if (count is 0 or > MostBuffers)
            return Errno.EINVAL;
        if (!_account.TryTake(count * 24L))
            return Errno.ENOMEM;
        using (_lock.Enter())
        {
            if (_buffers is null)
            {
                _buffers = new IoVector[count];
                _bufferTags = new ulong[count];
                _locked = new LockedMemory();
                return 0;
            }
        }

        _account.Give(count * 24L);
        return Errno.EBUSY;
    }

    /// <summary>Drops all registered buffers.</summary>
    public SyscallResult UnregisterBuffers(LinuxThread? thread)
    {
        ulong[] tags;
        using (_lock.Enter())
        {
            if (_buffers is null)
                return Errno.ENXIO;
            _account.Give(_buffers.Length * 24L);
            _buffers = null;
            tags = _bufferTags!;
            _locked?.Release();
            _locked = null;
        }

        foreach (ulong tag in tags)
        {
            if (tag != 0)
                Post(thread, tag, 0, CompletionFlags.None);
        }

        return 0;
    }

    /// <summary>Replaces registered buffers.</summary>
    public SyscallResult UpdateBuffers(LinuxThread thread, uint first, UserAddress vectors, UserAddress tags, uint count)
    {
        if (_buffers is not { } buffers)
            return Errno.ENXIO;
        if (first + (ulong)count > (ulong)buffers.Length)
            return Errno.EINVAL;
        for (uint i = 0; i < count; i++)
        {
            Errno error = ReadBuffer(
                thread, vectors.Offset(i * 16UL), tags.IsNull ? tags : tags.Offset(i * 8UL), _locked!, out IoVector buffer, out ulong tag);
            if (error != Errno.Success)
                return i > 0 ? i : error;
            ulong old;
            using (_lock.Enter())
            {
                buffers[first + i] = buffer;
                old = _bufferTags![first + i];
                _bufferTags[first + i] = tag;
            }

            if (old != 0)
                Post(thread, old, 0, CompletionFlags.None);
        }

        return count;
    }

    /// <summary>Whether a range lies in a registered buffer.</summary>
    public bool IsInBuffer(ushort index, ulong address, ulong length)
    {
        using (_lock.Enter())
        {
            if (_buffers is null || index >= _buffers.Length)
                return false;
            IoVector buffer = _buffers[index];
            return address >= buffer.Address && length <= buffer.Length && address - buffer.Address <= buffer.Length - length && buffer.Length > 0;
        }
    }

    /// <summary>A buffer of a group, for an operation that has something for it.</summary>
    /// <returns>ENOBUFS.</returns>
    public Errno SelectBuffer(LinuxThread thread, ushort group, out BufferChoice choice)
    {
        choice = default;
        RingBufferGroup? found = FindGroup(group, creates: false, _account);
        return found is null ? Errno.ENOBUFS : found.Take(thread, out choice);
    }

    /// <summary>A group of buffers.</summary>
    public RingBufferGroup? FindGroup(ushort number, bool creates, IKernelMemory account)
    {
        using (_lock.Enter())
        {
            if (_groups.TryGetValue(number, out RingBufferGroup? group) || !creates || !_account.TryTake(GroupWeight))
                return group;
            group = new RingBufferGroup(account, 0, 0);
            _groups.Add(number, group);
            return group;
        }
    }

    /// <summary>Registers a ring of buffers in the program's memory.</summary>
    public Errno RegisterBufferRing(LinuxThread thread, in BufferRingRegistration registration)
    {
        if ((registration.Reserved0 | registration.Reserved1 | registration.Reserved2) != 0 || registration.Flags != 0)
            return Errno.EINVAL;
        if (registration.RingAddress == 0)
            return Errno.EFAULT;
        if ((registration.RingAddress & (AddressSpace.PageSize - 1)) != 0 || !System.Numerics.BitOperations.IsPow2(registration.Entries)
            || registration.Entries >= 65536)
            return Errno.EINVAL;
        ulong end = registration.RingAddress + registration.Entries * (ulong)ProvidedBuffer.Size;
        for (ulong page = registration.RingAddress; page < end; page += AddressSpace.PageSize)
        {
            if (!thread.Memory.BringIn(page, isWrite: true))
                return Errno.EFAULT;
        }

        using (_lock.Enter())
        {
            if (_groups.TryGetValue(registration.Group, out RingBufferGroup? existing))
            {
                if (existing.IsRing || !existing.IsEmpty)
                    return Errno.EEXIST;
            }
            else if (!_account.TryTake(GroupWeight))
            {
                return Errno.ENOMEM;
            }

            _groups[registration.Group] = new RingBufferGroup(_account, registration.RingAddress, registration.Entries);
            return Errno.Success;
        }
    }

    /// <summary>Forgets it.</summary>
    public Errno UnregisterBufferRing(ushort number)
    {
        using (_lock.Enter())
        {
            if (!_groups.TryGetValue(number, out RingBufferGroup? group))
                return Errno.ENOENT;
            if (!group.IsRing)
                return Errno.EINVAL;
            _groups.Remove(number);
            _account.Give(GroupWeight);
            return Errno.Success;
        }
    }

    /// <summary>Keeps the rights of a thread for submissions that name them.</summary>
    /// <returns>Their number.</returns>
    public SyscallResult AddPersonality(Identity.Identity identity)
    {
        using (_lock.Enter())
        {
            if (_personalities.Count == ushort.MaxValue || !_account.TryTake(PersonalityWeight))
                return Errno.ENOMEM;
            do
            {
                _lastPersonality++;
            }
            while (_lastPersonality == 0 || _personalities.ContainsKey(_lastPersonality));
            _personalities.Add(_lastPersonality, identity);
            return (int)_lastPersonality;
        }
    }

    /// <summary>Forgets them.</summary>
    public Errno RemovePersonality(uint number)
    {
        using (_lock.Enter())
        {
            if (number > ushort.MaxValue || !_personalities.Remove((ushort)number))
                return Errno.EINVAL;
            _account.Give(PersonalityWeight);
            return Errno.Success;
        }
    }

    /// <summary>Rights by their number.</summary>
    public Identity.Identity? FindPersonality(ushort number)
    {
        using (_lock.Enter())
            return _personalities.GetValueOrDefault(number);
    }

    /// <summary>Lets an eventfd hear of completions.</summary>
    /// <param name="file">The file, whose reference is taken over.</param>
    /// <param name="onlyLater">Whether only those count that don't come within the call that submitted.</param>
    public Errno SetEventFile(IOpenFile file, bool onlyLater)
    {
        using (_lock.Enter())
        {
            if (_eventFile is null)
            {
                _eventFile = file;
                _signalsOnlyLater = onlyLater;
                return Errno.Success;
            }
        }

        file.Release();
        return Errno.EBUSY;
    }

    /// <summary>Ends that.</summary>
    public Errno ClearEventFile()
    {
        IOpenFile? file;
        using (_lock.Enter())
        {
            file = _eventFile;
            _eventFile = null;
        }

        file?.Release();
        return file is null ? Errno.ENXIO : Errno.Success;
    }

    private void ReleaseRegistrations()
    {
        UnregisterFiles(null);
        UnregisterBuffers(null);
        ClearEventFile();
        using (_lock.Enter())
        {
            foreach (RingBufferGroup group in _groups.Values)
                group.Remove(int.MaxValue);
            _account.Give(_groups.Count * (long)GroupWeight + _personalities.Count * (long)PersonalityWeight);
            _groups.Clear();
            _personalities.Clear();
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

    private static Errno ReadBuffer(
        LinuxThread thread, UserAddress at, UserAddress tagAt, LockedMemory locked, out IoVector buffer, out ulong tag)
    {
        tag = 0;
        if (!thread.Memory.TryRead(at, out buffer) || (!tagAt.IsNull && !thread.Memory.TryRead(tagAt, out tag)))
            return Errno.EFAULT;

        // An entry without memory is room for a later one.
        if (buffer.Address == 0)
            return buffer.Length != 0 ? Errno.EFAULT : tag != 0 ? Errno.EINVAL : Errno.Success;
        if (buffer.Length == 0 || buffer.Length > LongestBuffer)
            return Errno.EFAULT;
        if (buffer.Address + buffer.Length < buffer.Address)
            return Errno.EOVERFLOW;
        const ulong pageMask = AddressSpace.PageSize - 1;
        ulong start = buffer.Address & ~pageMask;
        ulong end = (buffer.Address + buffer.Length + pageMask) & ~pageMask;
        if (!locked.TryAdd(thread, end - start))
            return Errno.ENOMEM;
        for (ulong page = start; page < end; page += AddressSpace.PageSize)
        {
            if (!thread.Memory.BringIn(page, isWrite: true))
                return Errno.EFAULT;
        }

        return Errno.Success;
    }
}
