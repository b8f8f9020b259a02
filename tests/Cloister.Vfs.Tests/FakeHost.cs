using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;

namespace Cloister.Vfs.Tests;

/// <summary>A file of the fake host.</summary>
internal sealed class FakeNode(uint mode, ulong inode)
{
    public uint Mode { get; set; } = mode;

    public ulong Inode { get; } = inode;

    public uint UserId { get; set; }

    public uint GroupId { get; set; }

    public uint Links { get; set; } = 1;

    public byte[] Data { get; set; } = [];

    public long Time { get; set; } = 1_000_000_000;

    public SortedDictionary<string, FakeNode> Children { get; } = new(StringComparer.Ordinal);

    public HostFileStatus Status => new(Mode, Links, UserId, GroupId, Data.Length, (Data.Length + 511) / 512, Inode, 7, 0, Time, Time, Time, 4096);
}

/// <summary>Host files in memory; counts calls.</summary>
internal sealed class FakeHost : IHostFiles
{
    private readonly Dictionary<uint, FakeNode> _handles = [];
    private ulong _nextInode = 100;
    private long _time = 2_000_000_000;

    public FakeHost() => RootNode = new FakeNode(0x41ED, 1);

    public FakeNode RootNode { get; }

    public int Calls { get; private set; }

    public int Listings { get; private set; }

    public int Handles => _handles.Count;

    public FakeNode AddDirectory(FakeNode parent, string name, uint mode = 0x1ED) => Add(parent, name, 0x4000 | mode, "");

    public FakeNode AddFile(FakeNode parent, string name, string text, uint mode = 0x1A4) => Add(parent, name, 0x8000 | mode, text);

    public FakeNode AddLink(FakeNode parent, string name, string target) => Add(parent, name, 0xA1FF, target);

    public void Change(FakeNode node, string text)
    {
        node.Data = Encoding.UTF8.GetBytes(text);
        node.Time = ++_time;
    }

    private FakeNode Add(FakeNode parent, string name, uint mode, string text)
    {
        var node = new FakeNode(mode, _nextInode++) { Data = Encoding.UTF8.GetBytes(text) };
        parent.Children.Add(name, node);
        return node;
    }

    public Errno Root(int share, uint newHandle, out HostFileStatus status)
    {
        Calls++;
        status = RootNode.Status;
        Assert.True(_handles.TryAdd(newHandle, RootNode));
        return Errno.Success;
    }

    public Errno Lookup(uint parent, ReadOnlySpan<byte> name, uint newHandle, out HostFileStatus status)
    {
        Calls++;
        status = default;
        if (!_handles[parent].Children.TryGetValue(Encoding.UTF8.GetString(name), out FakeNode? node))
            return Errno.ENOENT;
        Assert.True(_handles.TryAdd(newHandle, node));
        status = node.Status;
        return Errno.Success;
    }

    public void Forget(uint handle) => _handles.Remove(handle);

    public Errno GetStatus(uint handle, out HostFileStatus status)
    {
        Calls++;
        status = _handles[handle].Status;
        return Errno.Success;
    }

    public Errno ReadDirectory(uint handle, ulong cookie, Span<byte> buffer, out HostDirectoryBatch batch)
    {
        Calls++;
        Listings++;
        var writer = new HostDirectoryWriter(buffer);
        ulong at = 0;
        foreach ((string name, FakeNode node) in _handles[handle].Children)
        {
            if (at++ < cookie)
                continue;
            if (at > cookie + 3 || !writer.TryAdd(Encoding.UTF8.GetBytes(name), node.Status, at))
            {
                batch = writer.ToBatch(at - 1, false);
                return Errno.Success;
            }
        }

        batch = writer.ToBatch(at, true);
        return Errno.Success;
    }

    public Errno ReadLink(uint handle, Span<byte> buffer, out int length)
    {
        Calls++;
        _handles[handle].Data.CopyTo(buffer);
        length = _handles[handle].Data.Length;
        return Errno.Success;
    }

    public Errno Read(uint handle, long offset, Span<byte> into, out int count)
    {
        Calls++;
        byte[] data = _handles[handle].Data;
        count = (int)Math.Clamp(data.Length - offset, 0, into.Length);
        data.AsSpan((int)Math.Min(offset, data.Length), count).CopyTo(into);
        return Errno.Success;
    }

    public Errno GetFileSystemStatus(uint handle, out HostFileSystemStatus status)
    {
        status = new HostFileSystemStatus(1, 4096, 100, 50, 50, 10, 5, 255);
        return Errno.Success;
    }

    public Errno GetExtendedAttribute(uint handle, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        return Errno.ENODATA;
    }

    public Errno ListExtendedAttributes(uint handle, Span<byte> names, out int length)
    {
        length = 0;
        return Errno.Success;
    }

    public Errno Create(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status) =>
        Make(parent, name, 0x8000 | mode, "", newHandle, out status);

    public Errno MakeDirectory(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status) =>
        Make(parent, name, 0x4000 | mode, "", newHandle, out status);

    public Errno MakeNode(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status) =>
        Make(parent, name, mode, "", newHandle, out status);

    public Errno SymbolicLink(ReadOnlySpan<byte> target, uint parent, ReadOnlySpan<byte> name, uint newHandle, out HostFileStatus status) =>
        Make(parent, name, 0xA1FF, Encoding.UTF8.GetString(target), newHandle, out status);

    private Errno Make(uint parent, ReadOnlySpan<byte> name, uint mode, string text, uint newHandle, out HostFileStatus status)
    {
        status = default;
        FakeNode directory = _handles[parent];
        string key = Encoding.UTF8.GetString(name);
        if (directory.Children.ContainsKey(key))
            return Errno.EEXIST;
        FakeNode node = Add(directory, key, mode, text);
        Assert.True(_handles.TryAdd(newHandle, node));
        status = node.Status;
        return Errno.Success;
    }

    public Errno HardLink(uint handle, uint parent, ReadOnlySpan<byte> name)
    {
        _handles[handle].Links++;
        return _handles[parent].Children.TryAdd(Encoding.UTF8.GetString(name), _handles[handle]) ? Errno.Success : Errno.EEXIST;
    }

    public Errno Unlink(uint parent, ReadOnlySpan<byte> name)
    {
        if (!_handles[parent].Children.Remove(Encoding.UTF8.GetString(name), out FakeNode? node))
            return Errno.ENOENT;
        node.Links--;
        return Errno.Success;
    }

    public Errno RemoveDirectory(uint parent, ReadOnlySpan<byte> name)
    {
        string key = Encoding.UTF8.GetString(name);
        if (_handles[parent].Children[key].Children.Count > 0)
            return Errno.ENOTEMPTY;
        return _handles[parent].Children.Remove(key) ? Errno.Success : Errno.ENOENT;
    }

    public Errno Rename(uint oldParent, ReadOnlySpan<byte> oldName, uint newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        if (!_handles[oldParent].Children.Remove(Encoding.UTF8.GetString(oldName), out FakeNode? node))
            return Errno.ENOENT;
        _handles[newParent].Children[Encoding.UTF8.GetString(newName)] = node;
        return Errno.Success;
    }

    public Errno Write(uint handle, long offset, ReadOnlySpan<byte> from, out int count)
    {
        Calls++;
        FakeNode node = _handles[handle];
        byte[] data = node.Data;
        if (data.Length < offset + from.Length)
            Array.Resize(ref data, (int)offset + from.Length);
        from.CopyTo(data.AsSpan((int)offset));
        node.Data = data;
        node.Time = ++_time;
        count = from.Length;
        return Errno.Success;
    }

    public Errno Truncate(uint handle, long length)
    {
        byte[] data = _handles[handle].Data;
        Array.Resize(ref data, (int)length);
        _handles[handle].Data = data;
        _handles[handle].Time = ++_time;
        return Errno.Success;
    }

    public Errno Allocate(uint handle, int mode, long offset, long length) => Errno.EOPNOTSUPP;

    public Errno Synchronize(uint handle, bool dataOnly) => Errno.Success;

    public Errno SetMode(uint handle, uint mode)
    {
        _handles[handle].Mode = (_handles[handle].Mode & 0xF000) | mode;
        return Errno.Success;
    }

    public Errno SetOwner(uint handle, uint userId, uint groupId)
    {
        if (userId != uint.MaxValue)
            _handles[handle].UserId = userId;
        if (groupId != uint.MaxValue)
            _handles[handle].GroupId = groupId;
        return Errno.Success;
    }

    public Errno SetTimes(uint handle, long accessTime, long modifyTime)
    {
        if (modifyTime != HostFileStatus.KeepTime)
            _handles[handle].Time = modifyTime;
        return Errno.Success;
    }

    public Errno SetExtendedAttribute(uint handle, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) => Errno.EOPNOTSUPP;

    public Errno RemoveExtendedAttribute(uint handle, ReadOnlySpan<byte> name) => Errno.ENODATA;
}
