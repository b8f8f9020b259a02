using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Cloister.Host.Terminal;

namespace Cloister.Cli;

/// <summary>The ordinary help, and behind it the examples of the command.</summary>
internal sealed class HelpWithExamples(HelpAction ordinary) : SynchronousCommandLineAction
{
    private const string General = """
        Examples:
          cloister do -- ls -l /                        a program of this machine; its changes stay inside
          cloister do -v $PWD/out:/out -- make          with one folder of the host writable
          cloister run --rootfs debian.tar -- bash      a root file system of its own
          cloister run -d --name db --rootfs db.tar -- postgres       in the background: ps, exec, logs, stop, rm
          cloister do --strace=openat,read -- cat /etc/hostname
          cloister fs create volume --size 10G --key-file key

        """;

    private const string Do = """
        Examples:
          cloister do -- python3 script.py
          cloister do -e LANG=C -w /tmp -- sh -c 'echo hello > file; cat file'
          cloister do -v $HOME/data:/data:ro -m 1G -- sqlite3 /data/db

        """;

    private const string Run = """
        Examples:
          cloister run --rootfs debian.tar.gz -- bash -c 'cat /etc/os-release'
          cloister run --rootfs ./alpine -t -u 1000:1000 -- sh
          cloister run -d --name web --rootfs web.tar -- nginx -g 'daemon off;'

        """;

    private const string Exec = """
        Examples:
          cloister exec db -- ls -l /
          cloister exec -it db -- bash                  with the terminal
          cat dump.sql | cloister exec -i -u 999:999 db -- psql

        """;

    private const string Logs = """
        Examples:
          cloister logs -f --tail 20 db
          cloister logs --timestamps --since 10m db

        """;

    private const string Preflight = """
        Examples:
          cloister preflight -- python3 app.py
          strace -f -o log python3 app.py; cloister preflight --strace log --format json
          cloister preflight --static ./server ./libworker.so

        """;

    private const string FileSystems = """
        Examples:
          openssl rand -hex 32 > key
          cloister fs create volume --size 10G --key-file key
          cloister fs import volume ./rootfs --key-file key
          cloister do --volume-enc volume:/data --key-file key -- ls -l /data
          cloister fs check volume --key-file key
          cloister fs mount volume /mnt --key-file key --read-only

        """;

    private const string Keystone = """
        Examples:
          cloister keystone image parts
          cloister keystone shell --parts parts --harts 2             then: ./host Hello
          cloister keystone measure --monitor monitor.elf --loader loader.bin --runtime eyrie-rt --application app
          cloister keystone verify --report report --monitor monitor.elf --loader loader.bin --runtime eyrie-rt --application app

        """;

    /// <summary>Adds the examples to the help of all commands.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction action })
                option.Action = new HelpWithExamples(action);
        }
    }

    /// <inheritdoc/>
    public override bool Terminating => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int status = ordinary.Invoke(parseResult);
        string examples = parseResult.CommandResult.Command switch
        {
            RootCommand => General,
            { Name: "do" } => Do,
            { Name: "run" } => Run,
            { Name: "exec" } => Exec,
            { Name: "logs" } => Logs,
            { Name: "preflight" } => Preflight,
            { Name: "fs" } => FileSystems,
            { Name: "keystone" } => Keystone,
            _ => "",
        };
        LauncherOutput.WriteOutput(examples);
        return status;
    }
}
