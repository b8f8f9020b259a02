using System;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A file that the enclave has a handle to. What a kind of share doesn't support has its answer here.</summary>
/// <remarks>Spans of names are private copies that end with NUL, which is not part of their length. Any thread.</remarks>
internal abstract class HostNode
{
    /// <summary>The share; requests with two files need both from one.</summary>
    public abstract HostShare Share { get; }

    public abstract Errno GetStatus(out FileRecord record);

    public abstract Errno GetFileSystemStatus(out FileSystemRecord record);

    public virtual Errno Lookup(ReadOnlySpan<byte> name, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        return Errno.ENOTDIR;
    }

    public virtual Errno ReadDirectory(long cookie, ref DirectoryAnswer answer) => Errno.ENOTDIR;

    public virtual Errno ReadLink(Span<byte> into, out int length)
    {
        length = 0;
        return Errno.EINVAL;
    }

    /// <summary>The descriptor of a regular file, for transfers that go around this object; false where they can't.</summary>
    public virtual bool TryHold(bool forWriting, out HeldDescriptor held)
    {
        held = default;
        return false;
    }

    public abstract Errno Read(long offset, Span<byte> into, out int count);

    public virtual Errno GetExtendedAttribute(ReadOnlySpan<byte> name, Span<byte> into, out int length)
    {
        length = 0;
        return Errno.EOPNOTSUPP;
    }

    public virtual Errno ListExtendedAttributes(Span<byte> into, out int length)
    {
        length = 0;
        return Errno.Success;
    }

    public virtual Errno Create(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        return Errno.EROFS;
    }

    public virtual Errno MakeDirectory(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        return Errno.EROFS;
    }

    public virtual Errno MakeNode(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        return Errno.EROFS;
    }

    public virtual Errno SymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        return Errno.EROFS;
    }

    public virtual Errno HardLink(HostNode directory, ReadOnlySpan<byte> name) => Errno.EROFS;

    public virtual Errno Unlink(ReadOnlySpan<byte> name, bool isDirectory) => Errno.EROFS;

    public virtual Errno Rename(ReadOnlySpan<byte> name, HostNode directory, ReadOnlySpan<byte> newName, uint flags) => Errno.EROFS;

    public virtual Errno Write(long offset, ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        return Errno.EROFS;
    }

    public virtual Errno Truncate(long length) => Errno.EROFS;

    public virtual Errno Allocate(int mode, long offset, long length) => Errno.EROFS;

    public virtual Errno Synchronize(bool dataOnly) => Errno.Success;

    public virtual Errno SetMode(uint mode) => Errno.EROFS;

    public virtual Errno SetOwner(uint user, uint group) => Errno.EROFS;

    public virtual Errno SetTimes(long accessTime, long modifyTime) => Errno.EROFS;

    public virtual Errno SetExtendedAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) => Errno.EROFS;

    public virtual Errno RemoveExtendedAttribute(ReadOnlySpan<byte> name) => Errno.EROFS;

    /// <summary>Frees what the node holds of the host.</summary>
    public virtual void Close()
    {
    }
}
