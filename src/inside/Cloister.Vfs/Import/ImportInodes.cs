using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Import;

/// <summary>A directory of the host. Its entries come in when somebody looks for one.</summary>
internal sealed class ImportDirectory : MemoryDirectory
{
    /// <summary>Bytes of a directory file for which one lookup by itself is cheaper than its share of a listing.</summary>
    private const int BytesPerLookup = 512;

    /// <summary>Most names that are looked up by themselves, and remembered for that.</summary>
    private const int MostLookups = 4096;

    private readonly ImportOrigin _origin;
    private readonly long _mostSingleLookups;
    private readonly long _blocks;

    // Names that were asked for by themselves, by their hashes. One that isn't in the table now doesn't exist, or has been removed since.
    private readonly Dictionary<uint, List<byte[]>> _asked = [];
    private int _lookups;

    public ImportDirectory(ImportFileSystem fileSystem, ImportOrigin origin, in HostFileStatus status)
        : base(fileSystem, status.Mode, status.UserId, status.GroupId)
    {
        _origin = origin;
        _mostSingleLookups = Math.Min(MostLookups, status.Size / BytesPerLookup);
        _blocks = status.Blocks;
        Size = status.Size;
        ImportFileSystem.SetStatus(this, status);
    }

    public override long Size { get; }

    public override DentryTable? CreateChildren(Dentry entry) => new(entry, false);

    public override Errno GetStatus(ICaller caller, out FileStatus status)
    {
        FillStatus(out status);
        status.Blocks = _blocks;
        return Errno.Success;
    }

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        DentryTable table = directory.Children!;
        child = table.Find(name, hash);
        if (child is not null)
            return Errno.Success;
        Errno error;
        using (FileSystem.NamespaceLock.Enter())
        {
            // A few names of a large directory are asked for one by one; after that all of it is worth the call.
            child = table.Find(name, hash);
            if (child is not null || table.IsComplete || WasAsked(name, hash))
                return Errno.Success;
            if (_lookups < _mostSingleLookups)
            {
                NoteAsked(name, hash);
                error = ((ImportFileSystem)FileSystem).AddEntry(_origin, directory, name, out child);
                if (child is not null)
                    EntryCount++;
                return error;
            }
        }

        error = Populate(directory);
        if (error == Errno.Success)
            child = table.Find(name, hash);
        return error;
    }

    public override Errno PrepareListing(ICaller caller, Dentry directory) => Populate(directory);

    public override Errno IsEmptyDirectory(ICaller caller, Dentry directory, out bool isEmpty)
    {
        isEmpty = false;
        Errno error = Populate(directory);
        if (error == Errno.Success)
            isEmpty = directory.Children!.Count == 0;
        return error;
    }

    /// <summary>Whether a name was asked for by itself. The namespace lock is held.</summary>
    public bool WasAsked(ReadOnlySpan<byte> name, uint hash)
    {
        if (!_asked.TryGetValue(hash, out List<byte[]>? alike))
            return false;
        foreach (byte[] asked in alike)
        {
            if (name.SequenceEqual(asked))
                return true;
        }

        return false;
    }

    private void NoteAsked(ReadOnlySpan<byte> name, uint hash)
    {
        if (!_asked.TryGetValue(hash, out List<byte[]>? alike))
            _asked.Add(hash, alike = new List<byte[]>(1));
        alike.Add(name.ToArray());
        _lookups++;
    }

    private Errno Populate(Dentry directory)
    {
        DentryTable table = directory.Children!;
        if (table.IsComplete)
            return Errno.Success;
        using (FileSystem.NamespaceLock.Enter())
        {
            if (table.IsComplete)
                return Errno.Success;
            Errno error = ((ImportFileSystem)FileSystem).Populate(_origin, directory, out int count);
            if (error != Errno.Success)
                return error;
            EntryCount += count;
            table.IsComplete = true;
            return Errno.Success;
        }
    }
}

/// <summary>A symbolic link of the host.</summary>
internal sealed class ImportSymbolicLink : MemoryInode
{
    private const int LongestTarget = 4096;

    private readonly ImportOrigin _origin;
    private readonly long _size;
    private byte[]? _target;

    public ImportSymbolicLink(ImportFileSystem fileSystem, ImportOrigin origin, in HostFileStatus status)
        : base(fileSystem, status.Mode, status.UserId, status.GroupId)
    {
        _origin = origin;
        _size = status.Size;
    }

    public override long Size => _target?.Length ?? _size;

    public override Errno GetLinkTarget(ICaller caller, out byte[] target)
    {
        target = Volatile.Read(ref _target) ?? [];
        if (target.Length != 0)
            return Errno.Success;
        var fileSystem = (ImportFileSystem)FileSystem;
        Errno error = _origin.GetHandle(out uint handle);
        if (error != Errno.Success)
            return error;
        Span<byte> buffer = stackalloc byte[LongestTarget];
        error = fileSystem.Host.ReadLink(handle, buffer, out int length);
        _origin.Forget();
        if (error != Errno.Success)
            return error;
        target = buffer[..length].ToArray();
        Volatile.Write(ref _target, target);
        return Errno.Success;
    }

    protected override void Evict() => _origin.Forget();
}
