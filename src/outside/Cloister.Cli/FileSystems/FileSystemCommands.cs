using System.CommandLine;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs</c>: encrypted volumes in files of this machine.</summary>
internal static class FileSystemCommands
{
    public static Command Build() => new("fs", "Makes, checks, mounts and fills encrypted volumes.")
    {
        BuildCreate(),
        BuildInfo(),
        BuildCheck(),
        BuildMount(),
        BuildImport(),
        BuildExport(),
        BuildSnapshot(),
        BuildClone(),
        BuildGrow(),
        BuildTrim(),
        BuildCompact(),
        BuildRekey(),
        BuildBench(),
    };

    private static Command BuildCreate()
    {
        var size = new Option<string>("--size", "-s") { Description = "Its size, such as 512M or 10G; the file is sparse and takes space as it fills, a 64th of it at once.", HelpName = "SIZE", Required = true };
        var owner = new Option<string?>("--owner") { Description = "Owner of the root directory [default: the caller].", HelpName = "UID[:GID]" };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("create", "Makes an empty volume."));
        command.Options.Add(size);
        command.Options.Add(owner);
        command.SetAction(result => VolumeCommands.Create(volume.Get(result), result.GetValue(size)!, result.GetValue(owner)));
        return command;
    }

    private static Command BuildInfo()
    {
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("info", "Shows size, use and snapshots."));
        command.SetAction(result => VolumeCommands.ShowInformation(volume.Get(result)));
        return command;
    }

    private static Command BuildCheck()
    {
        var indexOnly = new Option<bool>("--index-only") { Description = "Doesn't read the content of the files." };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("check", "Verifies all of a volume and explains what it finds; the exit status is 1 where that is anything."));
        command.Options.Add(indexOnly);
        command.SetAction(result => VolumeCommands.Check(volume.Get(result), readsData: !result.GetValue(indexOnly)));
        return command;
    }

    private static Command BuildMount()
    {
        var directory = new Argument<string>("DIR") { Description = "An existing directory." };
        var readOnly = new Option<bool>("--read-only", "-r") { Description = "Changes nothing." };
        var snapshot = new Option<string?>("--snapshot") { Description = "Shows the files as they were in a snapshot.", HelpName = "NAME" };
        var all = new Option<bool>("--allow-other") { Description = "Lets other users in too." };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("mount", "Mounts a volume on this machine by FUSE, until it is unmounted or Ctrl-C."), hasClone: true);
        command.Arguments.Add(directory);
        command.Options.Add(readOnly);
        command.Options.Add(snapshot);
        command.Options.Add(all);
        command.SetAction(result => MountCommand.Run(
            volume.Get(result), result.GetValue(directory)!, result.GetValue(readOnly), result.GetValue(snapshot), result.GetValue(all)));
        return command;
    }

    private static Command BuildImport()
    {
        var source = new Argument<string>("DIR|TAR") { Description = "A directory or a tar file of this machine." };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("import", "Copies a directory or a tar file into a volume."), hasClone: true);
        command.Arguments.Add(source);
        command.SetAction(result => TransferCommands.Import(volume.Get(result), result.GetValue(source)!));
        return command;
    }

    private static Command BuildExport()
    {
        var target = new Argument<string>("DIR|TAR") { Description = "An empty directory, or a name that ends with .tar." };
        var snapshot = new Option<string?>("--snapshot") { Description = "Copies the files as they were in a snapshot.", HelpName = "NAME" };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("export", "Copies the files of a volume out, unencrypted."), hasClone: true);
        command.Arguments.Add(target);
        command.Options.Add(snapshot);
        command.SetAction(result => TransferCommands.Export(volume.Get(result), result.GetValue(target)!, result.GetValue(snapshot)));
        return command;
    }

    private static Command BuildSnapshot()
    {
        var name = new Argument<string>("NAME") { Description = "Its name." };
        var volume = new VolumeOptions();
        Command create = volume.AddTo(new Command("create", "Makes a snapshot."), hasClone: true);
        create.Arguments.Add(name);
        create.SetAction(result => BranchCommands.CreateSnapshot(volume.Get(result), result.GetValue(name)!));
        return new Command("snapshot", "Keeps the files as they are now; takes no space until they change.")
        {
            create, BuildList("Lists the snapshots.", clones: false), BuildRemove("Removes a snapshot.", clone: false),
        };
    }

    private static Command BuildClone()
    {
        var name = new Argument<string>("NAME") { Description = "Its name, by which '--clone' mounts it." };
        var source = new Option<string?>("--of") { Description = "A snapshot or clone to begin with [default: main, the volume's own files].", HelpName = "NAME" };
        var volume = new VolumeOptions();
        Command create = volume.AddTo(new Command("create", "Makes a clone."));
        create.Arguments.Add(name);
        create.Options.Add(source);
        create.SetAction(result => BranchCommands.CreateClone(volume.Get(result), result.GetValue(name)!, result.GetValue(source)));
        return new Command("clone", "Makes a second set of files that begins as a copy and is changed by itself; takes no space until one of both changes.")
        {
            create, BuildList("Lists the clones.", clones: true), BuildRemove("Removes a clone.", clone: true),
        };
    }

    private static Command BuildList(string description, bool clones)
    {
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("list", description));
        command.SetAction(result => BranchCommands.List(volume.Get(result), clones));
        return command;
    }

    private static Command BuildRemove(string description, bool clone)
    {
        var name = new Argument<string>("NAME") { Description = "Its name." };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("remove", description));
        command.Arguments.Add(name);
        command.SetAction(result => BranchCommands.Remove(volume.Get(result), result.GetValue(name)!, clone));
        return command;
    }

    private static Command BuildGrow()
    {
        var size = new Argument<string>("SIZE") { Description = "Its new size, such as 20G." };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("grow", "Makes a volume larger."));
        command.Arguments.Add(size);
        command.SetAction(result => VolumeCommands.Grow(volume.Get(result), result.GetValue(size)!));
        return command;
    }

    private static Command BuildTrim()
    {
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("trim", "Gives free space of the file back to this machine."));
        command.SetAction(result => VolumeCommands.Trim(volume.Get(result)));
        return command;
    }

    private static Command BuildRekey()
    {
        var newFile = new Option<string?>("--new-key-file") { Description = "The new key: 32 bytes, or 64 hexadecimal digits.", HelpName = "FILE" };
        var newDescriptor = new Option<int?>("--new-key-fd") { Description = "Open descriptor to read the new key from.", HelpName = "NUMBER" };
        var reencrypt = new Option<bool>("--reencrypt") { Description = "Encrypts all data anew as well, so that the old key is of no use even to who has an old copy of the keys. May be interrupted: the next call, without a new key, goes on." };
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("rekey", "Replaces the key. The data isn't encrypted anew unless '--reencrypt' says so: who has the old key and an old copy of the file can still read that copy."));
        command.Options.Add(newFile);
        command.Options.Add(newDescriptor);
        command.Options.Add(reencrypt);
        command.SetAction(result =>
        {
            bool hasNewKey = result.GetValue(newFile) is not null || result.GetValue(newDescriptor) is not null;
            bool encryptsAnew = result.GetValue(reencrypt);
            byte[]? newKey = hasNewKey || !encryptsAnew ? KeyFile.Read(result.GetValue(newFile), result.GetValue(newDescriptor), "--new-key") : null;
            return encryptsAnew ? VolumeCommands.Reencrypt(volume.Get(result), newKey) : VolumeCommands.ChangeKey(volume.Get(result), newKey!);
        });
        return command;
    }

    private static Command BuildCompact()
    {
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("compact", "Rewrites the index without what isn't needed any more, and finds all free space. Happens by itself where there is need."));
        command.SetAction(result => VolumeCommands.Compact(volume.Get(result)));
        return command;
    }

    private static Command BuildBench()
    {
        var volume = new VolumeOptions();
        Command command = volume.AddTo(new Command("bench", "Measures a volume with a file of its own, which is removed at the end."));
        command.SetAction(result => BenchCommand.Run(volume.Get(result)));
        return command;
    }

    /// <summary>The volume and its key, which all commands have.</summary>
    private sealed class VolumeOptions
    {
        private readonly Argument<string> _path = new("FILE") { Description = "The volume." };
        private readonly Option<string?> _keyFile = new("--key-file", "-k") { Description = "Its key: 32 bytes, or 64 hexadecimal digits.", HelpName = "FILE" };
        private readonly Option<int?> _keyDescriptor = new("--key-fd") { Description = "Open descriptor to read the key from.", HelpName = "NUMBER" };

        private readonly Option<string?> _anchor = AnchorOptions.Make();
        private readonly Option<bool> _strict = AnchorOptions.MakeStrict();

        private readonly Option<string?> _clone = new("--clone") { Description = "Uses the files of a clone [default: main, the volume's own].", HelpName = "NAME" };

        public Command AddTo(Command command, bool hasClone = false)
        {
            command.Arguments.Add(_path);
            command.Options.Add(_keyFile);
            command.Options.Add(_keyDescriptor);
            command.Options.Add(_anchor);
            command.Options.Add(_strict);
            if (hasClone)
                command.Options.Add(_clone);
            return command;
        }

        public VolumeLocation Get(ParseResult result) => new(
            result.GetValue(_path)!, KeyFile.Read(result.GetValue(_keyFile), result.GetValue(_keyDescriptor)), result.GetValue(_anchor),
            result.GetValue(_strict), result.GetValue(_clone));
    }
}
