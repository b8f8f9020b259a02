using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Host;
using Cloister.Host.Files;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>
/// Writes files into a new directory of this machine: nothing outside, whatever their names; with owners where the caller is root, and
/// with permissions that are no wider than the caller's umask allows.
/// </summary>
internal sealed class DirectorySink(ConfinedTree tree, string directory) : ITransferSink
{
    private const uint SetIds = 0xC00; // S_ISUID, S_ISGID

    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly uint _umask = ReadUmask();
    private readonly bool _isRoot = LauncherIdentity.UserId == 0;

    // The innermost last: rights of a directory must not keep its files out, and its time must not change again.
    private readonly List<TransferEntry> _directories = [];

    private bool _hasLostAttributes;

    public void Add(TransferEntry entry)
    {
        if (entry.LinkTo is { } existing)
        {
            Require(tree.CreateLink(existing, entry.Path), entry);
            return;
        }

        switch (entry.Type)
        {
            case FileModes.S_IFDIR:
                if (entry.Path.Length > 0)
                    Require(tree.CreateDirectory(entry.Path), entry);
                _directories.Add(entry);
                break;
            case FileModes.S_IFREG:
                Require(tree.CreateFile(entry.Path, out ConfinedFile? file), entry);
                using (file)
                {
                    entry.CopyTo(_buffer, (offset, bytes) => Require(file!.Write(offset, bytes.Span), entry));
                    Require(file!.Resize(entry.Size), entry);
                    Finish(file, entry);
                }

                break;
            case FileModes.S_IFLNK:
                Require(tree.CreateSymbolicLink(entry.Path, entry.Target), entry);
                Require(tree.SetAttributes(entry.Path, Owner(entry), null, entry.ModificationTime), entry);
                break;
            default:
                Errno error = tree.CreateNode(entry.Path, entry.Type, entry.Device);
                if (error is Errno.EPERM or Errno.EINVAL)
                {
                    // A number that archives can hold, and Linux can't.
                    string reason = error == Errno.EPERM ? "only root can make devices" : "this machine has no such device numbers";
                    Console.Error.WriteLine($"cloister: '{entry.DisplayPath}' is left out: {reason}.");
                    return;
                }

                Require(error, entry);
                Require(tree.SetAttributes(entry.Path, Owner(entry), Permissions(entry), entry.ModificationTime), entry);
                break;
        }
    }

    public void Finish()
    {
        for (int i = _directories.Count - 1; i >= 0; i--)
        {
            Require(tree.OpenDirectory(_directories[i].Path, out ConfinedFile? opened), _directories[i]);
            using (opened)
                Finish(opened!, _directories[i]);
        }
    }

    private static uint ReadUmask()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("Umask:", StringComparison.Ordinal))
                return Convert.ToUInt32(line[6..].Trim(), 8);
        }

        return 0x3F; // 077
    }

    private (uint User, uint Group)? Owner(TransferEntry entry) => _isRoot ? (entry.UserId, entry.GroupId) : null;

    // A set-ID bit means something only together with the owner.
    private uint Permissions(TransferEntry entry) => entry.Mode & FileModes.S_IALLUGO & ~_umask & ~(_isRoot ? 0 : SetIds);

    private void Finish(ConfinedFile file, TransferEntry entry)
    {
        Require(file.SetAttributes(Owner(entry), Permissions(entry), entry.ModificationTime), entry);
        // After the owner, which takes capabilities away.
        foreach ((byte[] name, byte[] value) in entry.Attributes)
        {
            Errno error = file.SetExtendedAttribute(name, value);
            if (error is Errno.Success)
                continue;
            if (error is not (Errno.EPERM or Errno.EACCES or Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOSPC or Errno.E2BIG or Errno.ERANGE))
                Require(error, entry);
            if (!_hasLostAttributes)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"cloister: extended attributes are left out that '{directory}' doesn't take, '{TransferEntry.Display(name)}' of '{entry.DisplayPath}' the first ({error})."));
            _hasLostAttributes = true;
        }
    }

    private void Require(Errno error, TransferEntry entry)
    {
        if (error != Errno.Success)
            throw new HostException($"'{directory}/{entry.DisplayPath}' can't be made ({error}).");
    }
}
