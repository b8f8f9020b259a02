using System;
using System.IO;
using System.Linq;

namespace Cloister.Programs.Tests;

/// <summary>Servers of Debian with clients of their own, natively and inside; and with clients outside.</summary>
public sealed class ServerProgramTests
{
    private static readonly bool s_isNightly = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    [Theory]
    [InlineData("ssh", false, "/usr/sbin/sshd", "/usr/bin/rsync")]
    [InlineData("git", false, "/usr/bin/curl", "/usr/bin/wget")]
    [InlineData("apache2", false, "/usr/sbin/apache2", "/usr/bin/curl")]
    [InlineData("redis", false, "/usr/bin/redis-server", "/usr/bin/redis-benchmark")]
    [InlineData("relays", true, "/usr/bin/socat", "/usr/bin/nc")]
    [InlineData("iperf3", true, "/usr/bin/iperf3")]
    [InlineData("java", true, "/usr/bin/java")]
    public void Servers_and_clients_inside(string section, bool onlyNightly, params string[] needed)
    {
        Assert.SkipWhen(onlyNightly && !s_isNightly, "Nightly.");
        Assert.SkipUnless(needed.All(File.Exists), $"{string.Join(", ", needed)}: not all are installed.");
        CloisterCommand.AssertSame(["/bin/bash", CloisterCommand.ProgramFile("servers.sh"), section, $"{NetworkProgramTests.FreePort()}"]);
    }

    [Fact]
    public void Python_serves_http_over_sqlite_TLS_and_names() =>
        CloisterCommand.AssertSame(["/usr/bin/python3", CloisterCommand.ProgramFile("servers.py")]);

    [Fact]
    public void Sshd_serves_clients_outside()
    {
        string[] needed = ["/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"];
        Assert.SkipUnless(needed.All(File.Exists), "sshd, ssh or ssh-keygen is not installed.");
        Assert.SkipUnless(Environment.UserName == "root", "sshd changes users.");
        string folder = Directory.CreateTempSubdirectory("cloister-ssh").FullName;
        try
        {
            string host = Path.Combine(folder, "host"), user = Path.Combine(folder, "user");
            foreach (string key in new[] { host, user })
                Assert.Equal(0, ProgramResult.Of(needed[2], ["-q", "-t", "ed25519", "-N", "", "-f", key]).Status);
            Directory.CreateDirectory("/run/sshd");
            int port = NetworkProgramTests.FreePort();
            string[] options = ["PidFile=none", $"AuthorizedKeysFile={user}.pub", "StrictModes=no", "UsePAM=no", "PermitRootLogin=yes"];
            string[] server = [needed[0], "-D", "-e", "-f", "/dev/null", "-h", host, "-p", $"{port}", .. options.SelectMany(option => new[] { "-o", option })];
            using var running = NetworkProgramTests.RunningServer.Start([], server, port);
            string[] client = ["-F", "/dev/null", "-p", $"{port}", "-i", user, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "127.0.0.1", "uname -r; exit 3"];
            ProgramResult result = ProgramResult.Of(needed[1], client);
            Assert.True(result.Status == 3, result.Error);
            Assert.Contains("cloister", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
