using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Terminal;
using Cloister.Nucleus.HostCalls;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>An enclave's end and a host's end in one process, with a temporary directory.</summary>
internal sealed class Bench : IDisposable
{
    private readonly SharedRegion _region = new();
    private readonly List<HostShare> _shares = [];
    private readonly HostServer _server;
    private readonly HostServices _services;

    /// <summary>Share 0 is the folder, writable; share 1 the same, read-only; share 2 a tar file or another single file, if given.</summary>
    public Bench(string? tar = null, ConsoleServer? console = null, string? file = null, long descriptors = long.MaxValue)
    {
        Folder = Directory.CreateTempSubdirectory("cloister-test-").FullName;
        _shares.Add(HostShare.OpenDirectory(Folder, isReadOnly: false));
        _shares.Add(HostShare.OpenDirectory(Folder, isReadOnly: true));
        if (tar is not null)
            _shares.Add(HostShare.OpenRoot(tar));
        if (file is not null)
            _shares.Add(HostShare.OpenDirectory(file, isReadOnly: false));
        _server = new HostServer(_shares, console, descriptors);
        _services = HostServices.Start(new LoopbackHostPort(_region, _server), new ThreadCpus());
    }

    public string Folder { get; }

    public IHostFiles Files => _services.Files;

    public IHostConsole Console => _services.Console;

    public HostServices Services => _services;

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Binds a handle to the root of a share.</summary>
    public uint Root(int share, uint handle)
    {
        Assert.Equal(Errno.Success, Files.Root(share, handle, out HostFileStatus status));
        Assert.True(status.IsDirectory);
        return handle;
    }

    /// <summary>Reads all names of a directory, with a buffer of a size.</summary>
    public Dictionary<string, HostFileStatus> List(uint handle, int bufferLength = 65536)
    {
        var names = new Dictionary<string, HostFileStatus>();
        byte[] buffer = new byte[bufferLength];
        ulong cookie = 0;
        while (true)
        {
            Assert.Equal(Errno.Success, Files.ReadDirectory(handle, cookie, buffer, out HostDirectoryBatch batch));
            while (batch.MoveNext(out HostDirectoryEntry entry))
                names.Add(ByteText.Decode(entry.Name), entry.Status);
            if (batch.IsLast)
                return names;
            cookie = batch.NextCookie;
        }
    }

    public void Dispose()
    {
        Assert.Equal(0, _services.DroppedAnswers);
        _services.Stop();
        _server.Dispose();
        foreach (HostShare share in _shares)
            share.Dispose();
        Directory.Delete(Folder, recursive: true);
        // The completion thread may still look at the region; it goes with the process.
        GC.KeepAlive(_region);
    }
}
