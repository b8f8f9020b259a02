using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using Cloister.Abi.Files;

namespace Cloister.Cli.FileSystems;

/// <summary>What files of volumes and of this machine have in common as entries of a tar stream.</summary>
internal static class TarEntries
{
    /// <summary>What the names of extended attributes begin with in pax headers, by convention of GNU and BSD tar.</summary>
    public const string AttributePrefix = "SCHILY.xattr.";

    /// <summary>The kind of entry for a file's type; null for sockets, which have none.</summary>
    public static TarEntryType? TypeOf(uint mode) => (mode & FileModes.S_IFMT) switch
    {
        FileModes.S_IFREG => TarEntryType.RegularFile,
        FileModes.S_IFDIR => TarEntryType.Directory,
        FileModes.S_IFLNK => TarEntryType.SymbolicLink,
        FileModes.S_IFIFO => TarEntryType.Fifo,
        FileModes.S_IFCHR => TarEntryType.CharacterDevice,
        FileModes.S_IFBLK => TarEntryType.BlockDevice,
        _ => null,
    };

    /// <summary>Makes an entry with permissions, owner and time.</summary>
    public static PaxTarEntry Create(
        TarEntryType type, string name, Dictionary<string, string> attributes, uint mode, uint userId, uint groupId, long modificationTime) =>
        new(type, name, attributes)
        {
            Mode = (UnixFileMode)(mode & FileModes.S_IALLUGO),
            Uid = (int)userId,
            Gid = (int)groupId,
            ModificationTime = DateTimeOffset.UnixEpoch.AddTicks(modificationTime / 100),
        };
}
