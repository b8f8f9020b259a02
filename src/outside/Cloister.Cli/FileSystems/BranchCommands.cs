using System;
using System.Globalization;
using System.Linq;
using Cloister.Abi;
using Cloister.Host;
using Cloister.Storage.Volumes;
using Spectre.Console;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs snapshot</c> and <c>cloister fs clone</c>.</summary>
internal static class BranchCommands
{
    public static int List(VolumeLocation location, bool clones)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: true);
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("Name", "Made");
        table.AddColumn(new TableColumn("Inodes").RightAligned());
        foreach (BranchInformation branch in open.Volume.Branches.Where(branch => branch.IsWritable == clones))
        {
            DateTime made = DateTime.UnixEpoch.AddTicks(branch.CreationTime / 100).ToLocalTime();
            table.AddRow(
                Markup.Escape(branch.Name),
                made.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                branch.Inodes.ToString("N0", CultureInfo.InvariantCulture));
        }

        TextConsole.CreateOutput().Write(table);
        return 0;
    }

    public static int CreateSnapshot(VolumeLocation location, string name) =>
        Create(location, name, "snapshot", open => open.Volume.CreateSnapshot(name, OpenVolume.Now));

    public static int CreateClone(VolumeLocation location, string name, string? source) =>
        Create(location, name, "clone", open => open.Volume.CreateClone(name, source, OpenVolume.Now), source);

    public static int Remove(VolumeLocation location, string name, bool clone)
    {
        string kind = clone ? "clone" : "snapshot";
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        if (!open.Volume.Branches.Any(branch => branch.Name == name && branch.IsWritable == clone))
            throw Missing(location, kind, name);
        open.Require(open.Volume.RemoveBranch(name), $"the {kind} could not be removed");
        open.Close();
        return 0;
    }

    private static int Create(VolumeLocation location, string name, string kind, Func<OpenVolume, Errno> create, string? source = null)
    {
        // Lists show it; and the volume keeps text, so that bytes which are none would never be found again.
        if (name.Any(char.IsControl) || System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name)) != name)
            throw new HostException($"A name for a {kind} is UTF-8 without control characters.");
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        Errno error = create(open);
        switch (error)
        {
            case Errno.EEXIST:
                throw new HostException($"'{location.Path}' has a snapshot or clone '{name}' already: remove it first, or choose another name.");
            case Errno.ENOENT:
                throw Missing(location, "snapshot or clone", source!);
            case Errno.EMLINK:
                throw new HostException($"'{location.Path}' has 64 snapshots and clones, which is all that it can have: remove one first.");
            case Errno.ENAMETOOLONG or Errno.EINVAL:
                throw new HostException($"'{name}' is not a name for a {kind}: it has 1 to 64 bytes.");
        }

        open.Require(error, $"the {kind} could not be made");
        open.Close();
        return 0;
    }

    private static HostException Missing(VolumeLocation location, string kind, string name) =>
        new($"'{location.Path}' has no {kind} '{name}': 'cloister fs {(kind == "clone" ? kind : "snapshot")} list' shows them.");
}
