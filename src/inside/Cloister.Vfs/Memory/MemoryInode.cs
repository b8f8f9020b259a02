using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>What all files in memory share: times and extended attributes.</summary>
internal abstract class MemoryInode : Inode
{
    /// <summary>What a file without content weighs on the kernel's heap, with its name: measured.</summary>
    public const int Weight = 640;

    /// <summary>What each further name weighs.</summary>
    private const int NameWeight = 256;

    private ExtendedAttributes? _attributes;
    private IKernelMemory? _account;
    private long _weight;

    protected MemoryInode(MemoryFileSystem fileSystem, uint mode, uint userId, uint groupId)
        : base(fileSystem, mode, userId, groupId, fileSystem.NextInodeNumber())
    {
    }

    /// <summary>Notes what was taken for the file.</summary>
    public void SetAccount(IKernelMemory account, long weight)
    {
        _weight = weight;
        _account = account;
    }

    /// <summary>Takes memory for one more name, on the account of who made the file.</summary>
    public bool TryAddName()
    {
        // Files that come with the enclave are nobody's.
        if (_account is not { } account)
            return true;
        if (!account.TryTake(NameWeight))
            return false;
        Interlocked.Add(ref _weight, NameWeight);
        return true;
    }

    /// <summary>Gives back what <see cref="TryAddName"/> took. The last name has been paid for with the file.</summary>
    public void RemoveName()
    {
        if (_account is not { } account || _weight < Weight + NameWeight)
            return;
        Interlocked.Add(ref _weight, -NameWeight);
        account.Give(NameWeight);
    }

    /// <summary>Gives back what was taken for the file: it has no name any more.</summary>
    public void GiveBack()
    {
        Interlocked.Exchange(ref _account, null)?.Give(_weight);
        using (Lock.Enter())
            _attributes?.Close();
    }

    protected override void Evict() => GiveBack();

    public void SetTimes(long now)
    {
        AccessTime = now;
        ModificationTime = now;
        ChangeTime = now;
        BirthTime = now;
    }

    /// <summary>A change of the content takes file capabilities away (capabilities(7)).</summary>
    protected void RemoveFileCapabilities() => _attributes?.Remove("security.capability"u8);

    public override Errno GetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        using (Lock.Enter())
        {
            length = 0;
            return _attributes is null ? Errno.ENODATA : _attributes.Get(name, value, out length);
        }
    }

    public override Errno SetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags)
    {
        using (Lock.Enter())
        {
            Errno error = (_attributes ??= new ExtendedAttributes()).Set(name, value, flags, caller.KernelMemory);
            if (error == Errno.Success)
                ChangeTime = caller.RealtimeNow;
            return error;
        }
    }

    public override Errno ListExtendedAttributes(ICaller caller, Span<byte> names, out int length)
    {
        using (Lock.Enter())
        {
            length = 0;
            bool isPrivileged = caller.Credentials.Has(FileCapabilities.CAP_SYS_ADMIN);
            return _attributes is null ? Errno.Success : _attributes.List(names, isPrivileged, out length);
        }
    }

    public override Errno RemoveExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name)
    {
        using (Lock.Enter())
        {
            Errno error = _attributes is null ? Errno.ENODATA : _attributes.Remove(name);
            if (error == Errno.Success)
                ChangeTime = caller.RealtimeNow;
            return error;
        }
    }
}

/// <summary>A symbolic link.</summary>
internal sealed class MemorySymbolicLink(MemoryFileSystem fileSystem, uint userId, uint groupId, byte[] target)
    : MemoryInode(fileSystem, FileModes.S_IFLNK | FileModes.S_IRWXUGO, userId, groupId)
{
    public override long Size => target.Length;

    public override Errno GetLinkTarget(ICaller caller, out byte[] text)
    {
        text = target;
        return Errno.Success;
    }
}

/// <summary>A device file, FIFO or socket: a name for something else.</summary>
internal sealed class MemorySpecial : MemoryInode, ISpecialInode
{
    public MemorySpecial(MemoryFileSystem fileSystem, uint mode, uint userId, uint groupId, ulong device)
        : base(fileSystem, mode, userId, groupId) => RawDevice = device;

    /// <inheritdoc/>
    public SpecialContent Content { get; } = new();
}
