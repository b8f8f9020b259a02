using System;
using System.CommandLine;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs</c> and its commands.</summary>
internal static class FsCommands
{
    public static Command Build()
    {
        var fs = new Command("fs", "Makes and uses encrypted volumes (CloisterFS).");
        Argument<string> file = File();
        var size = new Argument<string>("SIZE") { Description = "Size with K, M, G or T, at least 4M." };
        Add(fs, "create", "Makes a volume in a new file.", [file, size], [], (result, key) => FsCommand.Create(result.GetValue(file)!, result.GetValue(size)!, key));

        Argument<string> infoFile = File();
        Add(fs, "info", "Shows what a volume is and how full.", [infoFile], [], (result, key) => FsCommand.Info(result.GetValue(infoFile)!, key));

        Argument<string> checkFile = File();
        var noData = new Option<bool>("--no-data") { Description = "Doesn't read the content of files." };
        Add(fs, "check", "Checks everything in a volume; changes nothing.", [checkFile], [noData],
            (result, key) => FsCommand.Check(result.GetValue(checkFile)!, key, !result.GetValue(noData)));

        AddMount(fs);

        Argument<string> exportFile = File();
        var exportTar = new Argument<string>("TAR") { Description = "Archive to write, or '-'." };
        Add(fs, "export", "Copies the files of a volume to a tar archive.", [exportFile, exportTar], [],
            (result, key) => FsCommand.Export(result.GetValue(exportFile)!, result.GetValue(exportTar)!, key));

        Argument<string> importFile = File();
        var importTar = new Argument<string>("TAR") { Description = "Archive to read, or '-'." };
        Add(fs, "import", "Adds the files of a tar archive to a volume.", [importFile, importTar], [],
            (result, key) => FsCommand.Import(result.GetValue(importFile)!, result.GetValue(importTar)!, key));

        AddSnapshot(fs);

        Argument<string> growFile = File();
        var growSize = new Argument<string>("SIZE") { Description = "New size with K, M, G or T." };
        Add(fs, "grow", "Makes a volume larger.", [growFile, growSize], [],
            (result, key) => FsCommand.Grow(result.GetValue(growFile)!, result.GetValue(growSize)!, key));

        Argument<string> rekeyFile = File();
        var newKey = new Option<string>("--new-key-file") { Description = "File with the key that is good from now on.", HelpName = "FILE", Required = true };
        Add(fs, "rekey", "Replaces the key of a volume.", [rekeyFile], [newKey],
            (result, key) => FsCommand.ChangeKey(result.GetValue(rekeyFile)!, key, result.GetValue(newKey)!));
        return fs;
    }

    private static void AddMount(Command fs)
    {
        Argument<string> file = File();
        var directory = new Argument<string>("DIR") { Description = "Where to mount it." };
        var readOnly = new Option<bool>("--read-only") { Description = "Writes nothing, not even what a crash left to be finished." };
        var snapshot = new Option<string?>("--snapshot") { Description = "Mounts a snapshot, for reading.", HelpName = "NAME" };
        var anchor = new Option<string?>("--anchor") { Description = "Folder that remembers the newest state, so that an older volume is refused.", HelpName = "DIR" };
        var strict = new Option<bool>("--strict") { Description = "With --anchor: every fsync moves it." };
        Add(fs, "mount", "Mounts a volume on this Linux, until Ctrl-C or umount.", [file, directory], [readOnly, snapshot, anchor, strict],
            (result, key) => MountCommand.Run(
                result.GetValue(file)!, result.GetValue(directory)!, key, result.GetValue(readOnly), result.GetValue(snapshot), result.GetValue(anchor),
                result.GetValue(strict)));
    }

    private static void AddSnapshot(Command fs)
    {
        var snapshot = new Command("snapshot", "Keeps the files of a volume as they are now.");
        Argument<string> listFile = File();
        Add(snapshot, "list", "Lists the snapshots.", [listFile], [], (result, key) => FsCommand.ListSnapshots(result.GetValue(listFile)!, key));
        foreach ((string name, string description, Func<string, string, string, int> action) in new (string, string, Func<string, string, string, int>)[]
        {
            ("create", "Makes a snapshot.", FsCommand.CreateSnapshot),
            ("remove", "Removes a snapshot.", FsCommand.RemoveSnapshot),
        })
        {
            Argument<string> file = File();
            var which = new Argument<string>("NAME") { Description = "Name of the snapshot." };
            Add(snapshot, name, description, [file, which], [], (result, key) => action(result.GetValue(file)!, result.GetValue(which)!, key));
        }

        fs.Subcommands.Add(snapshot);
    }

    private static Argument<string> File() => new("FILE") { Description = "File with the volume." };

    private static void Add(
        Command parent, string name, string description, Argument[] arguments, Option[] options, Func<ParseResult, string, int> action)
    {
        var command = new Command(name, description);
        foreach (Argument argument in arguments)
            command.Arguments.Add(argument);
        var key = new Option<string>("--key-file") { Description = "File with the key, such as 32 random bytes; /dev/fd/N for a descriptor.", HelpName = "FILE", Required = true };
        command.Options.Add(key);
        foreach (Option option in options)
            command.Options.Add(option);
        command.SetAction(result => action(result, result.GetValue(key)!));
        parent.Subcommands.Add(command);
    }
}
