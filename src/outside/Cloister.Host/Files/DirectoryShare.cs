using System.Text;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A directory, or a single file, of the host.</summary>
internal sealed unsafe class DirectoryShare : HostShare
{
    private readonly FileDescriptor _root;

    public DirectoryShare(string path, bool isReadOnly)
    {
        IsReadOnly = isReadOnly;
        int descriptor;
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
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

    public bool IsReadOnly { get; }

    public override void Dispose() => _root.Dispose();

    internal override Errno OpenRoot(out HostNode? node, out FileRecord record)
    {
        // Every handle has a descriptor of its own, so that all are closed alike.
        node = null;
        record = default;
        int descriptor;
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        _root.WritePath(new System.Span<byte>(path, FileDescriptor.PathLength));
        descriptor = Libc.Open(path, Constants.O_PATH | Constants.O_CLOEXEC, 0);
        if (descriptor < 0)
            return Failure.Last;
        return FileNode.FromDescriptor(this, descriptor, out node, out record);
    }
}
