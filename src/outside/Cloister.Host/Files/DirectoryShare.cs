using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A directory, or a single file, of the host.</summary>
internal sealed unsafe class DirectoryShare : HostShare
{
    private readonly FileDescriptor _root;

    public DirectoryShare(string path, bool isReadOnly, bool keepsPrivileges)
    {
        KeepsPrivileges = keepsPrivileges;
        IsReadOnly = isReadOnly;
        Nodes = isReadOnly ? null : new NodesByIdentity();
        int descriptor;
        fixed (byte* text = ByteText.Terminated(path))
            descriptor = Libc.Open(text, Constants.O_PATH | Constants.O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            throw new HostException(Failure.Last switch
            {
                Errno.ENOENT => $"There is no '{path}' on the host to give to the program.",
                Errno.EACCES => $"'{path}' can't be given to the program: you have no permission to open it.",
                Errno error => $"'{path}' can't be given to the program: {error}.",
            });
        }

        _root = new FileDescriptor(descriptor);
    }

    /// <summary>What a descriptor of this process is.</summary>
    public DirectoryShare(CallerFile file)
    {
        OpenFlags access = file.Flags & OpenFlags.O_ACCMODE;
        IsReadOnly = access == OpenFlags.O_RDONLY;
        Nodes = IsReadOnly ? null : new NodesByIdentity();
        using FileDescriptor given = FileDescriptor.Borrow(file.Descriptor);
        _root = new FileDescriptor(Libc.FCntl(given, Constants.F_DUPFD_CLOEXEC, 0))
        {
            CanRead = file.IsRegular && access != OpenFlags.O_WRONLY,
            // pwrite(2): with O_APPEND it would write at the end, whatever the offset.
            CanWrite = file.IsRegular && access != OpenFlags.O_RDONLY && (file.Flags & OpenFlags.O_APPEND) == 0,
        };
        if (_root.IsInvalid)
            throw new HostException($"Descriptor {file.Descriptor} can't be given to the program ({Failure.Last}).");
    }

    public bool IsReadOnly { get; }

    /// <summary>Whether files may get privileges on the host.</summary>
    public bool KeepsPrivileges { get; }

    /// <summary>The directory, or the file, itself.</summary>
    public FileDescriptor Root => _root;

    /// <summary>Who relies on names that requests can take away; null where none can.</summary>
    public NodesByIdentity? Nodes { get; }

    public override void Dispose() => _root.Dispose();

    internal override Errno OpenRoot(DescriptorBudget budget, out HostNode? node, out FileRecord record) =>
        FileNode.OpenRoot(this, budget, out node, out record);
}
