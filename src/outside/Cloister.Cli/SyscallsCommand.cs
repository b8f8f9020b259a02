using System;
using System.IO;
using System.Text;
using Cloister.Abi;
using Cloister.Host;
using Cloister.Host.Terminal;
using Cloister.Linux.Syscalls;
using Spectre.Console;

namespace Cloister.Cli;

/// <summary><c>cloister syscalls</c>: the catalogue that is generated from the declarations of the calls.</summary>
internal static class SyscallsCommand
{
    public static int Print(string filter)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("Number").RightAligned());
        table.AddColumns("Call", "Support", "Note");
        foreach (SyscallDescription call in SyscallCatalog.All)
        {
            if (!call.Name.Contains(filter, StringComparison.Ordinal))
                continue;
            string colour = call.Support switch
            {
                SyscallSupport.Full => "green",
                SyscallSupport.Partial => "yellow",
                _ => "grey",
            };
            table.AddRow(
                NumberOf(call),
                Markup.Escape(call.Name),
                $"[{colour}]{DescribeSupport(call)}[/]",
                Markup.Escape(call.Note));
        }

        IAnsiConsole console = TextConsole.CreateOutput();
        console.Write(table);
        console.WriteLine(Summarize());
        return 0;
    }

    public static int WriteMarkdown(string path)
    {
        var text = new StringBuilder();
        text.Append("# System calls\n\n")
            .Append("Generated from the declarations of the calls by `cloister syscalls --markdown`; don't edit.\n\n")
            .Append(Summarize())
            .Append("\n\n*full*: everything that programs can observe inside one enclave. *partial*: usable, with the gaps noted, ")
            .Append("which return the errno of a kernel without the feature. *none*: returns the errno shown.\n\n")
            .Append("| x86-64 | riscv64 | call | support | note |\n|---:|---:|---|---|---|\n");
        foreach (SyscallDescription call in SyscallCatalog.All)
            text.Append($"| {NumberOf(call)} | {(call.GenericNumber < 0 ? "" : call.GenericNumber)} | `{call.Signature}` | {DescribeSupport(call)} | {call.Note.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        try
        {
            File.WriteAllText(path, text.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be written ({e.Message.TrimEnd('.')}): run this in the root folder of the sources.", e);
        }

        LauncherOutput.WriteError($"cloister: wrote {path}\n");
        return 0;
    }

    private static string NumberOf(in SyscallDescription call) => call.IsForeign ? "" : call.Number.ToString();

    private static string DescribeSupport(in SyscallDescription call) => call.Support switch
    {
        SyscallSupport.Full => "full",
        SyscallSupport.Partial => "partial",
        _ => call.Result.ToString(),
    };

    private static string Summarize()
    {
        int full = 0, partial = 0, none = 0;
        foreach (SyscallDescription call in SyscallCatalog.All)
        {
            switch (call.Support)
            {
                case SyscallSupport.Full:
                    full++;
                    break;
                case SyscallSupport.Partial:
                    partial++;
                    break;
                default:
                    none++;
                    break;
            }
        }

        return $"{full} full, {partial} partial, {none} not implemented.";
    }
}
