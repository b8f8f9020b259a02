using System;
using System.IO;
using System.Text;

namespace Cloister.Host.Sockets;

/// <summary>The name servers of this machine, for enclaves that reach out (resolv.conf(5)).</summary>
public static class HostResolver
{
    private const string Usual = "/etc/resolv.conf";

    // Where a resolver on this machine's loopback, which enclaves don't reach, keeps the servers that it asks itself (systemd-resolved(8)).
    private const string BehindStub = "/run/systemd/resolve/resolv.conf";

    /// <summary>The contents for an enclave.</summary>
    /// <param name="isOfThisMachine">Whether it has this machine's files anyway.</param>
    /// <returns>Null where what it has is right, or nothing better is known.</returns>
    public static byte[]? Read(bool isOfThisMachine)
    {
        string? text = TryRead(Usual);
        if (text is null)
            return null;
        bool isLocal = text.Contains("nameserver 127.", StringComparison.Ordinal) || text.Contains("nameserver ::1", StringComparison.Ordinal);
        if (isLocal && TryRead(BehindStub) is { } real)
            return Encoding.UTF8.GetBytes(real);
        return isOfThisMachine ? null : Encoding.UTF8.GetBytes(text);
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
