using System.Collections.Generic;

namespace Cloister.Storage.Files;

/// <summary>Inodes in memory. Those in use, held, dirty or with pages stay; of the others those used lately. The volume's lock guards it.</summary>
internal sealed class InodeCache(int capacity)
{
    // One operation touches fewer inodes, and must not lose the first to the last.
    private const ulong Protected = 64;

    private const int LongestSearch = 64;

    private readonly Dictionary<ulong, Inode> _inodes = [];
    private readonly List<Inode> _clock = [];
    private int _hand;
    private ulong _uses;

    public bool TryGet(ulong number, out Inode? inode)
    {
        if (!_inodes.TryGetValue(number, out inode))
            return false;
        inode.IsRecent = true;
        inode.LastUse = ++_uses;
        return true;
    }

    /// <summary>An object for an inode that isn't in the cache.</summary>
    public Inode Add(ulong number)
    {
        Inode inode = Take();
        inode.Reset(number);
        inode.IsRecent = true;
        inode.LastUse = ++_uses;
        _inodes.Add(number, inode);
        return inode;
    }

    /// <summary>Forgets an inode that is gone, or that could not be read.</summary>
    public void Remove(Inode inode) => _inodes.Remove(inode.Number);

    private Inode Take()
    {
        if (_clock.Count >= capacity)
        {
            // Where many are held, as by a kernel that has looked all of them up, the cache grows rather than searching for long.
            for (int i = 0; i < LongestSearch; i++)
            {
                Inode inode = _clock[_hand];
                _hand = (_hand + 1) % _clock.Count;
                if (inode.Users != 0 || inode.FirstPage != PageBuffer.None || _uses - inode.LastUse < Protected)
                    continue;
                bool isListed = _inodes.TryGetValue(inode.Number, out Inode? listed) && listed == inode;
                if (isListed && (inode.IsDirty || inode.Holds != 0))
                    continue;
                if (isListed && inode.IsRecent)
                {
                    inode.IsRecent = false;
                    continue;
                }

                if (isListed)
                    _inodes.Remove(inode.Number);
                return inode;
            }
        }

        var added = new Inode();
        _clock.Add(added);
        return added;
    }
}
