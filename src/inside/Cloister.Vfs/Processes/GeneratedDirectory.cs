using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>A directory with fixed entries of generated files.</summary>
internal sealed class GeneratedDirectory : Inode
{
    public GeneratedDirectory(FileSystem fileSystem, ulong number, uint permissions = 0x16D)
        : base(fileSystem, FileModes.S_IFDIR | permissions, 0, 0, number)
    {
        LinkCount = 2;
        long now = fileSystem.Vfs.Services.Clock.RealtimeNanoseconds;
        AccessTime = now;
        ModificationTime = now;
        ChangeTime = now;
        BirthTime = now;
    }

    public override DentryTable? CreateChildren(Dentry entry) => new(entry, true);

    public override Errno SetAttributes(Contracts.ICaller caller, in AttributeChange change) => Errno.EPERM;
}

/// <summary>A symbolic link whose text is made when it is read.</summary>
internal sealed class GeneratedLink : Inode
{
    private readonly ContentGenerator _generate;

    public GeneratedLink(FileSystem fileSystem, ulong number, ContentGenerator generate)
        : base(fileSystem, FileModes.S_IFLNK | FileModes.S_IRWXUGO, 0, 0, number) => _generate = generate;

    public override Errno GetLinkTarget(Contracts.ICaller caller, out byte[] target)
    {
        var writer = new ByteWriter();
        Errno error = _generate(caller, writer);
        target = writer.ToArray();
        return error;
    }
}

/// <summary>Builds trees of generated files.</summary>
internal abstract class GeneratedFileSystem(VirtualFileSystem vfs, ReadOnlySpan<byte> type, long magic) : FileSystem(vfs, type.ToArray(), magic)
{
    /// <inheritdoc/>
    public override bool DirectoriesEndAtSize => true;

    /// <summary>Adds a directory.</summary>
    protected Dentry AddDirectory(Dentry parent, ReadOnlySpan<byte> name, uint permissions = 0x16D)
    {
        parent.Inode.LinkCount++;
        return Add(parent, name, new GeneratedDirectory(this, NextInodeNumber(), permissions));
    }

    /// <summary>Adds a file.</summary>
    protected void AddFile(
        Dentry parent, ReadOnlySpan<byte> name, ContentGenerator generate, uint permissions = 0x124, ContentReceiver? receive = null, ChangeNotice? notice = null) =>
        Add(parent, name, new GeneratedInode(this, NextInodeNumber(), permissions, 0, 0, generate, receive) { Notice = notice });

    /// <summary>Adds a file that never changes.</summary>
    protected void AddText(Dentry parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, uint permissions = 0x124, ChangeNotice? notice = null)
    {
        byte[] content = text.ToArray();
        AddFile(parent, name, (_, writer) => Put(writer, content), permissions, notice: notice);
    }

    /// <summary>Adds a symbolic link.</summary>
    protected void AddLink(Dentry parent, ReadOnlySpan<byte> name, ContentGenerator target) =>
        Add(parent, name, new GeneratedLink(this, NextInodeNumber(), target));

    /// <summary>Adds an entry.</summary>
    protected Dentry Add(Dentry parent, ReadOnlySpan<byte> name, Inode inode)
    {
        Dentry entry = Vfs.CreateDentry(parent, name, inode);
        parent.Children!.Add(entry);
        return entry;
    }

    /// <summary>Writes bytes, as a generator's body.</summary>
    protected static Errno Put(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        writer.Write(text);
        return Errno.Success;
    }
}
