using System;
using System.Buffers.Binary;
using System.Threading;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Files;

/// <summary>An inode in memory. The volume's lock guards all but <see cref="ContentLock"/>.</summary>
internal sealed class Inode
{
    /// <summary>Bytes of the record.</summary>
    public const int RecordSize = 84;

    private const uint InlineFlag = 1;
    private const uint AttributesFlag = 2;

    public ulong Number { get; private set; }

    public uint Mode { get; set; }

    public uint LinkCount { get; set; }

    public uint UserId { get; set; }

    public uint GroupId { get; set; }

    public ulong RawDevice { get; set; }

    public long Size { get; set; }

    public long Blocks { get; set; }

    public long AccessTime { get; set; }

    public long ModificationTime { get; set; }

    public long ChangeTime { get; set; }

    public long BirthTime { get; set; }

    public ulong Parent { get; set; }

    /// <summary>Block 0 is in a record of its own, not in an extent.</summary>
    public bool IsInline { get; set; }

    public bool HasAttributes { get; set; }

    /// <summary>There are no extended attributes below this number: the removal of the inode has come so far. In memory only.</summary>
    public ulong FirstAttribute { get; set; }

    /// <summary>Whether the record must be written with the next commit.</summary>
    public bool IsDirty { get; set; }

    /// <summary>No names and no holds: it is no longer there.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>How often it was acquired.</summary>
    public ulong Holds { get; set; }

    /// <summary>Operations that use the object without the volume's lock.</summary>
    public int Users { get; set; }

    /// <summary>Whether it was used since the cache last looked.</summary>
    public bool IsRecent { get; set; }

    /// <summary>When it was used last, by the cache's count.</summary>
    public ulong LastUse { get; set; }

    /// <summary>Any page in the buffer.</summary>
    public int FirstPage { get; set; } = PageBuffer.None;

    /// <summary>Held while content changes. Taken before the volume's lock.</summary>
    public Lock ContentLock { get; } = new();

    public uint Type => Mode & FileModes.S_IFMT;

    public bool IsDirectory => Type == FileModes.S_IFDIR;

    public bool IsRegular => Type == FileModes.S_IFREG;

    public long SizeInBlocks => (Size + PageBuffer.PageSize - 1) / PageBuffer.PageSize;

    /// <summary>Makes the object stand for an inode that is new or whose record is read next.</summary>
    public void Reset(ulong number)
    {
        Number = number;
        Mode = 0;
        LinkCount = 0;
        UserId = 0;
        GroupId = 0;
        RawDevice = 0;
        Size = 0;
        Blocks = 0;
        Parent = 0;
        IsInline = false;
        HasAttributes = false;
        FirstAttribute = 0;
        IsDirty = false;
        IsRemoved = false;
        Holds = 0;
        Users = 0;
    }

    public void Write(Span<byte> record)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], LinkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], GroupId);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], RawDevice);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], Blocks);
        BinaryPrimitives.WriteInt64LittleEndian(record[40..], AccessTime);
        BinaryPrimitives.WriteInt64LittleEndian(record[48..], ModificationTime);
        BinaryPrimitives.WriteInt64LittleEndian(record[56..], ChangeTime);
        BinaryPrimitives.WriteInt64LittleEndian(record[64..], BirthTime);
        BinaryPrimitives.WriteUInt64LittleEndian(record[72..], Parent);
        BinaryPrimitives.WriteUInt32LittleEndian(record[80..], (IsInline ? InlineFlag : 0) | (HasAttributes ? AttributesFlag : 0));
    }

    public void Read(ReadOnlySpan<byte> record)
    {
        Mode = BinaryPrimitives.ReadUInt32LittleEndian(record);
        LinkCount = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        UserId = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);
        GroupId = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        RawDevice = BinaryPrimitives.ReadUInt64LittleEndian(record[16..]);
        Size = BinaryPrimitives.ReadInt64LittleEndian(record[24..]);
        Blocks = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
        AccessTime = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        ModificationTime = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
        ChangeTime = BinaryPrimitives.ReadInt64LittleEndian(record[56..]);
        BirthTime = BinaryPrimitives.ReadInt64LittleEndian(record[64..]);
        Parent = BinaryPrimitives.ReadUInt64LittleEndian(record[72..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(record[80..]);
        IsInline = (flags & InlineFlag) != 0;
        HasAttributes = (flags & AttributesFlag) != 0;
    }

    /// <summary>The directory that a directory is in, straight from its record.</summary>
    public static ulong ReadParent(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64LittleEndian(record[72..]);

    public StoredAttributes ToAttributes() => new()
    {
        Inode = Number,
        Mode = Mode,
        LinkCount = LinkCount,
        UserId = UserId,
        GroupId = GroupId,
        RawDevice = RawDevice,
        Size = Size,
        Blocks = Blocks + (IsInline ? 1 : 0),
        AccessTime = AccessTime,
        ModificationTime = ModificationTime,
        ChangeTime = ChangeTime,
        BirthTime = BirthTime,
        Parent = Parent,
    };
}
