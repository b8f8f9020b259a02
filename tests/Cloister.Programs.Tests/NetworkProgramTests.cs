using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Cloister.Programs.Tests;

/// <summary>Servers and clients inside, with who talks to them inside or outside.</summary>
public sealed class NetworkProgramTests
{
    private const string Python = "/usr/bin/python3.11";

    [Fact]
    public void Python_talks_to_itself() => CloisterCommand.AssertSame([Python, CloisterCommand.ProgramFile("network.py")]);

    [Theory]
    [InlineData("/usr/bin/curl", "-sS")]
    [InlineData("/usr/bin/wget", "-qO-")]
    public async Task Clients_fetch_from_a_server_outside(string client, string options)
    {
        Assert.SkipUnless(File.Exists(client), $"{client} is not installed.");
        IPAddress address = OwnAddress();
        using var listener = new TcpListener(address, 0);
        listener.Start();
        Task answer = Task.Run(() => Answer(listener), TestContext.Current.CancellationToken);
        ProgramResult result = CloisterCommand.Do(client, options, $"http://{listener.LocalEndpoint}/");
        Assert.Equal("hello from outside", result.Output);
        await answer.WaitAsync(ProgramResult.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_server_of_the_hosts_network_answers_outside()
    {
        int port = FreePort();
        using var server = RunningServer.Start([], [Python, "-m", "http.server", $"{port}", "--directory", CloisterCommand.ProgramFile("")], port);
        Assert.Equal(File.ReadAllText(CloisterCommand.ProgramFile("script.sh")), Get($"http://127.0.0.1:{port}/script.sh"));
    }

    [Fact]
    public void A_published_port_answers_outside_and_the_outside_is_not_reached()
    {
        int port = FreePort();
        using var server = RunningServer.Start(
            ["--net", "private", "-p", $"{port}:127.0.0.1:8080"], [Python, "-m", "http.server", "8080", "--directory", CloisterCommand.ProgramFile("")], port);
        Assert.Equal(File.ReadAllText(CloisterCommand.ProgramFile("script.sh")), Get($"http://127.0.0.1:{port}/script.sh"));
        ProgramResult second = CloisterCommand.Do(["--net", "private", "-p", $"{port}:127.0.0.1:8080"], ["/bin/true"]);
        Assert.Equal(125, second.Status);
        Assert.Equal($"cloister: The TCP port {port} of 127.0.0.1 is taken: another program listens there.\n", second.Error);
    }

    [Theory]
    [InlineData("private", 101)]
    [InlineData("none", 101)]
    [InlineData("host", 111)]
    public void The_mode_says_who_is_reached(string mode, int error)
    {
        // Nobody listens there: reached, the host refuses (ECONNREFUSED); else there is no way (ENETUNREACH).
        string script = $"import socket; print(socket.socket().connect_ex(('{OwnAddress()}', {FreePort()})))";
        Assert.Equal($"{error}\n", CloisterCommand.Do(["--net", mode], [Python, "-c", script]).Output);
    }

    [Theory]
    [InlineData("host", "--publish", "80:80")]
    [InlineData("private", "--publish", "80")]
    [InlineData("private", "--publish", "0:80")]
    [InlineData("private", "--publish", "80:80/sctp")]
    [InlineData("private", "--publish", "8099:203.0.113.1:80")]
    [InlineData("somewhere")]
    public void What_cannot_be_is_refused_in_one_sentence(string mode, params string[] more)
    {
        ProgramResult result = CloisterCommand.Do(["--net", mode, .. more], ["/bin/true"]);
        Assert.NotEqual(0, result.Status);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Redis_serves_clients_outside()
    {
        const string redis = "/usr/bin/redis-server";
        Assert.SkipUnless(File.Exists(redis), "redis-server is not installed.");
        int port = FreePort();
        using var server = RunningServer.Start(
            [], [redis, "--port", $"{port}", "--save", "", "--protected-mode", "no", "--bind", "0.0.0.0"], port);
        Assert.Equal("+OK\r\n$5\r\nvalue\r\n", Ask(port, "SET key value\r\nGET key\r\n", 16));
    }

    [Fact]
    public void Memcached_serves_clients_outside()
    {
        const string memcached = "/usr/bin/memcached";
        Assert.SkipUnless(File.Exists(memcached), "memcached is not installed.");
        int port = FreePort();
        using var server = RunningServer.Start([], [memcached, "-p", $"{port}", "-U", "0", "-l", "0.0.0.0", "-u", Environment.UserName], port);
        Assert.Equal("STORED\r\nVALUE k 0 3\r\nabc\r\nEND\r\n", Ask(port, "set k 0 0 3\r\nabc\r\nget k\r\n", 31));
    }

    [Fact]
    public void Nginx_serves_files_and_a_program_behind_it()
    {
        const string nginx = "/usr/sbin/nginx";
        Assert.SkipUnless(File.Exists(nginx), "nginx is not installed.");
        int port = FreePort();
        string folder = Directory.CreateTempSubdirectory("cloister-nginx").FullName;
        try
        {
            string file = Path.Combine(folder, "nginx.conf");
            File.WriteAllText(file, $$"""
                worker_processes 2; error_log stderr; pid {{folder}}/pid; daemon off; user root;
                events { worker_connections 64; }
                http { access_log off; server { listen {{port}}; root {{CloisterCommand.ProgramFile("")}}; location /behind { proxy_pass http://127.0.0.1:8081; } }
                server { listen 127.0.0.1:8081; return 200 "behind\n"; } }
                """);
            using var server = RunningServer.Start([], [nginx, "-c", file], port);
            Assert.Equal(File.ReadAllText(CloisterCommand.ProgramFile("script.sh")), Get($"http://127.0.0.1:{port}/script.sh"));
            Assert.Equal("behind\n", Get($"http://127.0.0.1:{port}/behind"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Node_serves_http_and_sees_its_interfaces()
    {
        const string node = "/usr/bin/node";
        Assert.SkipUnless(File.Exists(node), "node is not installed.");
        const string script = """
            const http = require('http'), os = require('os');
            const server = http.createServer((request, response) => response.end('path ' + request.url));
            server.listen(0, '127.0.0.1', () => http.get({ port: server.address().port, path: '/x' }, response =>
                response.on('data', data => { console.log(String(data), os.networkInterfaces().lo[0].address); server.close(); })));
            """;
        CloisterCommand.AssertSame([node, "-e", script]);
    }

    [Fact]
    public void Openssl_and_curl_speak_TLS_both_ways()
    {
        const string openssl = "/usr/bin/openssl";
        const string curl = "/usr/bin/curl";
        Assert.SkipUnless(File.Exists(openssl) && File.Exists(curl), "openssl or curl is not installed.");
        IPAddress address = OwnAddress();
        string folder = Directory.CreateTempSubdirectory("cloister-tls").FullName;
        try
        {
            string key = Path.Combine(folder, "key"), certificate = Path.Combine(folder, "certificate");
            ProgramResult made = ProgramResult.Of(openssl,
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=test", "-addext", $"subjectAltName=IP:{address}"]);
            Assert.True(made.Status == 0, made.Error);
            int port = FreePort();
            string[] command = [openssl, "s_server", "-accept", $"{port}", "-cert", certificate, "-key", key, "-www"];
            using (RunningServer.Start([], command, port))
                Assert.Contains("Ciphers supported", ProgramResult.Of(curl, ["-sS", "--cacert", certificate, $"https://{address}:{port}/"]).Output);
            port = FreePort();
            command[3] = $"{port}";
            using Process outside = ProgramResult.Start(openssl, command[1..]);
            try
            {
                Assert.True(RunningServer.IsUp(port));
                ProgramResult inside = CloisterCommand.Do(curl, "-sS", "--cacert", certificate, $"https://{address}:{port}/");
                Assert.Contains("Ciphers supported", inside.Output);
            }
            finally
            {
                outside.Kill();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Answer(TcpListener listener)
    {
        using TcpClient client = listener.AcceptTcpClient();
        using NetworkStream stream = client.GetStream();
        Span<byte> request = stackalloc byte[4096];
        stream.ReadAtLeast(request, 4);
        stream.Write("HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\nhello from outside"u8);
    }

    private static string Get(string url)
    {
        using var client = new System.Net.Http.HttpClient();
        return client.GetStringAsync(url).GetAwaiter().GetResult();
    }

    private static string Ask(int port, string question, int length)
    {
        using var client = new TcpClient("127.0.0.1", port);
        using NetworkStream stream = client.GetStream();
        stream.Write(Encoding.ASCII.GetBytes(question));
        byte[] answer = new byte[length];
        stream.ReadExactly(answer);
        return Encoding.ASCII.GetString(answer);
    }

    private static IPAddress OwnAddress()
    {
        foreach (NetworkInterface link in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (UnicastIPAddressInformation address in link.GetIPProperties().UnicastAddresses)
            {
                if (address.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address.Address))
                    return address.Address;
            }
        }

        Assert.Skip("This machine has no address but loopback.");
        return IPAddress.None;
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A server inside, which listens before the test goes on.</summary>
    internal sealed class RunningServer(Process process) : IDisposable
    {
        public static RunningServer Start(IEnumerable<string> options, IEnumerable<string> command, int port)
        {
            Process process = ProgramResult.Start(CloisterCommand.Path, ["do", .. options, "--", .. command]);
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            Assert.True(SpinWait.SpinUntil(() => Answers(port) || process.HasExited, ProgramResult.Limit));
            Assert.False(process.HasExited, "The server has ended.");
            return new RunningServer(process);
        }

        public static bool IsUp(int port) => SpinWait.SpinUntil(() => Answers(port), ProgramResult.Limit);

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        private static bool Answers(int port)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", port);
                return true;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
                return false;
            }
        }
    }
}
