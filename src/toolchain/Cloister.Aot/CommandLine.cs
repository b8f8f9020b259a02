using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;

namespace Cloister.Aot;

/// <summary>The options of cloister-aot.</summary>
internal sealed class CommandLine
{
    public CommandLine(Func<ParseResult, CommandLine, int> run)
    {
        Root = new RootCommand("Compiles .NET assemblies to a program that needs no .NET, for Linux and for machines without an operating system.")
        {
            Target, Board, Output, Run, Cpu, Profile, Whole, Optimize, Map, Folder, Cache, Debug, Gdb, Stack, ThreadStack, NoTurns, Heap, Roots, CollectEvery,
            Statistics, Assemblies,
        };
        Root.SetAction(result => run(result, this));
    }

    public RootCommand Root { get; }

    public Argument<string[]> Assemblies { get; } = new("ASSEMBLY")
    {
        Description = "The program. Assemblies that it refers to follow, where they aren't beside it.",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string> Target { get; } = Choice("--target",
        $"The machine: {string.Join(", ", Aot.Target.All.Select(target => target.Name))}.", [.. Aot.Target.All.Select(target => target.Name)], "-t");

    public Option<string?> Board { get; } = new("--board")
    {
        Description = "The program is its own board: entry code, board.h and board.ld are in this folder.",
        HelpName = "FOLDER",
    };

    public Option<string?> Output { get; } = new("--output", "-o")
    {
        Description = "Where the program goes [default: the assembly's name].",
        HelpName = "FILE",
    };

    public Option<bool> Run { get; } = new("--run")
    {
        Description = "Runs the program, in QEMU where the target is a board; the status is the program's.",
    };

    public Option<string> Cpu { get; } = Choice("--cpu", "The processor whose instructions may be used; haswell has AES, vectors and bits.",
        [.. Processor.All.Select(processor => processor.Name)]);

    public Option<string> Profile { get; } = Choice("--profile", "monitor: no allocation, exception or recursion; prints the worst-case stack.",
        ["os", "monitor"]);

    public Option<bool> Whole { get; } = new("--whole")
    {
        Description = "Every method of the assemblies after the first, and not only what the entry point reaches.",
    };

    public Option<string> Optimize { get; } = Choice("--optimize", "The C compiler's level.", ["2", "0", "1", "3", "s"], "-O");

    public Option<string?> Map { get; } = new("--map")
    {
        Description = "Writes a list of the program's methods and types, with sizes.",
        HelpName = "FILE",
    };

    public Option<string?> Folder { get; } = new("--folder")
    {
        Description = "Where the C files go [default: the program's name and .c].",
        HelpName = "FOLDER",
    };

    public Option<string?> Cache { get; } = new("--cache")
    {
        Description = "Keeps object files there, and uses those of earlier builds where nothing has changed.",
        HelpName = "FOLDER",
    };

    public Option<bool> Debug { get; } = new("--debug", "-g") { Description = "Symbols of C# lines for gdb." };

    public Option<bool> Gdb { get; } = new("--gdb") { Description = "With --run: QEMU waits for gdb at port 1234 before the first instruction." };

    public Option<int> Stack { get; } = Number("--stack", "Stack of a board's image.", 4096, 8 << 20);

    public Option<int> ThreadStack { get; } = Number("--thread-stack", "Stack of a thread that names no size.", 128 << 10, 256 << 10);

    public Option<bool> NoTurns { get; } = new("--no-turns") { Description = "Threads switch only where they wait or yield, not in loops." };

    public Option<long?> Heap { get; } = Limit();

    public Option<string> Roots { get; } = Choice("--roots", "precise: methods list their references; slow, for tests.", ["conservative", "precise"]);

    public Option<int> CollectEvery { get; } = Number("--collect-every",
        "Collects at every so many allocations and poisons what is free; slow, for tests.", 0, 0, "COUNT");

    public Option<bool> Statistics { get; } = new("--statistics")
    {
        Description = "The program prints the collector's figures to standard error when it ends.",
    };

    // The first one is the default.
    private static Option<string> Choice(string name, string description, string[] values, params string[] aliases)
    {
        var option = new Option<string>(name, aliases) { Description = description, DefaultValueFactory = _ => values[0] };
        option.CompletionSources.Add(values);
        // Six names are too long for the column.
        if (values.Length > 5)
            option.HelpName = "NAME";
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } value && !values.Contains(value))
                result.AddError($"{name} {value}: there is no such name. It is one of {string.Join(", ", values)}");
        });
        return option;
    }

    private static Option<int> Number(string name, string description, int least, int initial, string unit = "BYTES")
    {
        var option = new Option<int>(name) { Description = description, HelpName = unit, DefaultValueFactory = _ => initial };
        option.Validators.Add(result => RequireAtLeast(result, result.GetValueOrDefault<int>(), least));
        return option;
    }

    private static Option<long?> Limit()
    {
        var option = new Option<long?>("--heap")
        {
            Description = "The largest heap [default: all memory of a board, and 1 GiB on Linux].",
            HelpName = "BYTES",
        };
        option.Validators.Add(result => RequireAtLeast(result, result.GetValueOrDefault<long?>() ?? 1 << 20, 1 << 20));
        return option;
    }

    private static void RequireAtLeast(OptionResult result, long value, long least)
    {
        if (value < least)
            result.AddError($"{result.Option.Name} {value} is too small: at least {least}.");
    }
}
