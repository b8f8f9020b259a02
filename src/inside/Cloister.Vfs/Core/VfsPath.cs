using System;

namespace Cloister.Vfs.Core;

/// <summary>A place: an entry seen through a mount.</summary>
internal readonly record struct VfsPath(Mount Mount, Dentry Dentry)
{
    public Inode Inode => Dentry.Inode;

    /// <summary>Writes the path from a root, without NUL.</summary>
    /// <param name="root">Where the path starts; a place that isn't below it is written from the first root, with "(unreachable)" in front.</param>
    /// <param name="into">Bytes go here.</param>
    /// <returns>Length, or -1 where it doesn't fit.</returns>
    public int Write(VfsPath root, Span<byte> into)
    {
        // From the right end of the buffer, then moved to its start.
        int at = into.Length;
        VfsPath place = this;
        bool isRemoved = Dentry.IsRemoved;
        while (place != root)
        {
            if (place.Dentry == place.Mount.Root)
            {
                if (place.Mount.Parent is not { } parent)
                    break;
                place = new VfsPath(parent, place.Mount.MountPoint!);
                continue;
            }

            DentryName name = place.Dentry.Name;
            if (name.Parent is null)
                break;
            if (at < name.Bytes.Length + 1)
                return -1;
            at -= name.Bytes.Length;
            name.Bytes.CopyTo(into[at..]);
            into[--at] = (byte)'/';
            place = new VfsPath(place.Mount, name.Parent);
        }

        if (at == into.Length)
        {
            if (at == 0)
                return -1;
            into[--at] = (byte)'/';
        }

        if (place != root && root.Mount is not null)
        {
            ReadOnlySpan<byte> unreachable = "(unreachable)"u8;
            if (at < unreachable.Length)
                return -1;
            at -= unreachable.Length;
            unreachable.CopyTo(into[at..]);
        }

        int length = into.Length - at;
        into[at..].CopyTo(into);
        if (!isRemoved)
            return length;
        ReadOnlySpan<byte> deleted = " (deleted)"u8;
        if (length + deleted.Length > into.Length)
            return -1;
        deleted.CopyTo(into[length..]);
        return length + deleted.Length;
    }
}
