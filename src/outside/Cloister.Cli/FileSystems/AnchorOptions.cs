using System.CommandLine;

namespace Cloister.Cli.FileSystems;

/// <summary><c>--anchor</c> and <c>--anchor-strict</c>, which mean the same for all commands that open a volume.</summary>
internal static class AnchorOptions
{
    public static Option<string?> Make() => new("--anchor")
    {
        Description = "Folder that remembers the newest state of volumes, so that an old copy is refused; it must not be where the volumes are.",
        HelpName = "DIR",
    };

    public static Option<bool> MakeStrict() => new("--anchor-strict")
    {
        Description = "Moves the anchor with each fsync, not only from time to time: what was synchronised can't be undone.",
    };
}
