using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Text;
using Cloister.Host;
using Cloister.Host.Terminal;
using Cloister.Linux.Syscalls;

namespace Cloister.Cli.Preflight;

/// <summary><c>cloister preflight</c>: what a program needs of Linux and the kernel inside lacks, before anything is moved.</summary>
internal static class PreflightCommand
{
    private const string LongestString = "4096";

    public static Command Build()
    {
        var log = new Option<string?>("--strace") { Description = "Reads a log of 'strace -f -o FILE' instead of running the program.", HelpName = "FILE", Arity = ArgumentArity.ExactlyOne };
        var isStatic = new Option<bool>("--static") { Description = "Only reads the ELF files that are given; runs nothing." };
        var format = new Option<string?>("--format") { Description = "text or json.", HelpName = "FORMAT" };
        var words = new Argument<string[]>("COMMAND") { Description = "The program and its arguments; with --static files.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("preflight", "Says what a program needs that an enclave lacks: status 0 for nothing, 1 for something.") { log, isStatic, format, words };
        command.SetAction(result => Run(result.GetValue(words) ?? [], result.GetValue(log), result.GetValue(isStatic), result.GetValue(format)));
        return command;
    }

    private static int Run(string[] words, string? log, bool isStatic, string? format)
    {
        if (format is not (null or "text" or "json"))
            throw new HostException($"'--format {format}' is not known: write text or json.");
        if (words.Length == 0 && log is null)
            throw new HostException("'cloister preflight' needs a program: cloister preflight -- COMMAND, or --strace FILE, or --static FILE...");
        PreflightReport report = isStatic ? Scan(words) : log is not null ? Read(log, log) : Trace(words);
        if (report.IsEmpty && log is not null && !isStatic)
            throw new HostException($"'{log}' holds no system calls: it should be what 'strace -f -o FILE' has written.");
        LauncherOutput.WriteOutput(format == "json" ? report.ToJson() : report.ToText());
        return report.Status;
    }

    private static PreflightReport Trace(string[] command)
    {
        string log = Path.GetTempFileName();
        try
        {
            // The program's own output goes where it would go; what strace has to say is in the log.
            using Process tracer = Process.Start(new ProcessStartInfo("strace", ["-f", "-qq", "-s", LongestString, "-e", "signal=none", "-o", log, "--", .. command]))
                ?? throw new HostException("strace can't be started.");
            tracer.WaitForExit();
            PreflightReport report = Read(log, string.Join(' ', command));
            if (report.IsEmpty)
                throw new HostException($"'{command[0]}' can't be traced (strace has status {tracer.ExitCode}).");
            return report;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new HostException("strace is needed to watch the program and isn't installed: install it, or give its ELF files with --static.", e);
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static PreflightReport Read(string path, string subject)
    {
        var kernel = new KernelKnowledge();
        var files = new SystemFiles();
        var report = new PreflightReport(subject, isStatic: false);
        try
        {
            using var log = new StreamReader(path, Encoding.Latin1);
            foreach (TracedCall call in StraceLog.Read(log))
            {
                report.Count(call.Name);
                files.Add(call);
                foreach (Finding finding in kernel.Judge(call))
                    report.Add(finding);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be read ({e.Message.TrimEnd('.')}).", e);
        }

        if (!report.IsEmpty)
            files.AddMissing(report);
        return report;
    }

    private static PreflightReport Scan(string[] paths)
    {
        var kernel = new KernelKnowledge();
        var report = new PreflightReport(string.Join(' ', paths), isStatic: true);
        foreach (string path in paths)
        {
            ElfScan elf = ElfScan.Open(path);
            foreach (int number in elf.Numbers)
                Add(SyscallCatalog.NameOf(number));
            foreach (string name in elf.Imports)
                Add(name);
        }

        return report;

        void Add(string? name)
        {
            if (name is null || kernel.Find(name) is not { } call)
                return;
            report.Count(call.Name);
            if (call.Support == SyscallSupport.None)
                report.Add(KernelKnowledge.OfCall(call));
        }
    }
}
