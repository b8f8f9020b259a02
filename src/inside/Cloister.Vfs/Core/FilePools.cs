using Cloister.Nucleus;
using Cloister.Vfs.Memory;
using Cloister.Vfs.Sockets;

namespace Cloister.Vfs.Core;

/// <summary>Pools of what comes and goes often with open files.</summary>
internal sealed class FilePools
{
    public ObjectPool<RegularFile> Regulars { get; } = new(() => new RegularFile());

    public ObjectPool<DirectoryFile> Directories { get; } = new(() => new DirectoryFile());

    public ObjectPool<UnixSegment> SmallSegments { get; } = new(() => new UnixSegment());

    public ObjectPool<UnixSegment> LargeSegments { get; } = new(() => new UnixSegment());

    public ObjectPool<KernelBuffer> Transfers { get; } = new(() => new KernelBuffer());
}
