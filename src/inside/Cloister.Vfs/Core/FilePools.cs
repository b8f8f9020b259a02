using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Core;

/// <summary>Pools of the open-file objects that come and go often.</summary>
internal sealed class FilePools
{
    public FilePool<RegularFile> Regulars { get; } = new(() => new RegularFile());

    public FilePool<DirectoryFile> Directories { get; } = new(() => new DirectoryFile());
}
