using System;
using System.Collections.Generic;
using System.IO;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Storage;
using Cloister.Hal.HostProtocol;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Storage;
using Cloister.Kernel;

namespace Cloister.Cli;

/// <summary>The files of this machine that an enclave is given, checked before it starts.</summary>
internal sealed class RunMounts : IDisposable
{
    private readonly List<FileBlockDevice> _locks = [];
    private readonly List<string> _targets = [];

    /// <summary>Begins with the root.</summary>
    public RunMounts(string root)
    {
        Shares.Add(HostShare.OpenRoot(root));
        Mounts.Add(new EnclaveMount(0, "/"u8.ToArray(), EnclaveMountKind.WritableLayer));
    }

    /// <summary>The shares, by number.</summary>
    public List<HostShare> Shares { get; } = [];

    /// <summary>What of them is mounted where.</summary>
    public List<EnclaveMount> Mounts { get; } = [];

    /// <summary>The encrypted volumes.</summary>
    public List<EncryptedMount> Encrypted { get; } = [];

    /// <summary>The open files that the program begins with.</summary>
    public List<InheritedFile> Inherited { get; } = [];

    /// <summary>The descriptors of the streams, by number; -1 for a standard stream that is closed.</summary>
    public int[] Streams { get; private set; } = [];

    /// <summary>Adds the volumes of <c>-v</c>.</summary>
    public void AddVolumes(string[] texts)
    {
        foreach (string text in texts)
        {
            Volume volume = OptionParser.ParseVolume(text);
            CheckTarget(text, volume.Target);
            if (HostPaths.GetTargetStatus(volume.HostPath, out FileRecord status) == Errno.Success
                && (status.Mode & FileModes.S_IFMT) is not (FileModes.S_IFDIR or FileModes.S_IFREG))
                throw new HostException($"'{volume.HostPath}' is neither a directory nor a regular file: only these can be volumes.");
            EnclaveMountKind kind = volume.IsReadOnly ? EnclaveMountKind.ReadOnly : EnclaveMountKind.Writable;
            Mounts.Add(new EnclaveMount(Shares.Count, ByteText.Encode(volume.Target), kind));
            Shares.Add(HostShare.OpenDirectory(volume.HostPath, volume.IsReadOnly, volume.KeepsPrivileges));
        }
    }

    /// <summary>Adds the volumes of <c>--volume-enc</c>.</summary>
    public void AddEncrypted(string[] texts, string? keyFile, int? keyDescriptor, string? anchorFolder, bool isStrict)
    {
        IFreshnessAnchor? anchor = FileSystems.OpenVolume.OpenAnchor(anchorFolder, isStrict);
        if (texts.Length == 0)
            return;
        byte[] key = KeyFile.Read(keyFile, keyDescriptor);
        foreach (string text in texts)
        {
            (Volume volume, string? clone) = OptionParser.ParseEncryptedVolume(text);
            CheckTarget(text, volume.Target);
            if (HostPaths.GetTargetStatus(volume.HostPath, out FileRecord status) != Errno.Success
                || (status.Mode & FileModes.S_IFMT) != FileModes.S_IFREG)
                throw new HostException($"There is no volume '{volume.HostPath}': make one with 'cloister fs create'.");
            // Opened only for its lock: it keeps other processes of this machine from using the volume meanwhile.
            _locks.Add(FileBlockDevice.Open(volume.HostPath, volume.IsReadOnly, threads: 0));
            Encrypted.Add(new EncryptedMount(Shares.Count, volume.Target, key, volume.IsReadOnly, clone, anchor, isStrict));
            Shares.Add(HostShare.OpenDirectory(volume.HostPath, volume.IsReadOnly));
        }
    }

    /// <summary>Gives the program three streams of this process, and no other files.</summary>
    public void AddStreams(int[] descriptors)
    {
        for (int i = 0; i < descriptors.Length; i++)
            Inherited.Add(new InheritedFile(i, i, -1, OpenFlags.O_RDWR));
        Streams = descriptors;
    }

    /// <summary>Adds the files that this process was started with.</summary>
    /// <param name="files">They.</param>
    /// <param name="exceptFor">One that is for the launcher: the key's.</param>
    public void AddInherited(IReadOnlyList<CallerFile> files, int? exceptFor)
    {
        var streams = new List<int> { -1, -1, -1 };
        foreach (CallerFile file in files)
        {
            if (file.Descriptor == exceptFor || (file.Descriptor > 2 && streams.Count == HostStreams.Most))
                continue;
            int stream = file.Descriptor;
            if (stream < HostStreams.Standard)
            {
                streams[stream] = stream;
            }
            else
            {
                stream = streams.Count;
                streams.Add(file.Descriptor);
            }

            int share = -1;
            if (file.IsRegular || file.IsDirectory)
            {
                share = Shares.Count;
                Shares.Add(HostShare.OpenDescriptor(file));
            }

            Inherited.Add(new InheritedFile(file.Descriptor, stream, share, file.Flags));
        }

        // Where two are one file, its inode is made of the first: of one that may write.
        Inherited.Sort((a, b) => (a.Flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY == ((b.Flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY)
            ? a.Descriptor.CompareTo(b.Descriptor)
            : (a.Flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY ? 1 : -1);
        Streams = [.. streams];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FileBlockDevice held in _locks)
            held.Dispose();
        foreach (HostShare share in Shares)
            share.Dispose();
    }

    private void CheckTarget(string text, string target)
    {
        string normal = Path.GetFullPath(target).TrimEnd('/');
        if (normal.Length == 0)
            throw new HostException($"'{text}' would hide the program's root: mount it below '/'; 'cloister run --rootfs' chooses another root.");
        foreach (string own in (string[])["/proc", "/sys", "/dev"])
        {
            if (normal == own || normal.StartsWith(own + "/", StringComparison.Ordinal))
                throw new HostException($"'{text}' can't be mounted there: '{own}' is the enclave's own.");
        }

        if (_targets.Contains(normal))
            throw new HostException($"'{text}' would hide another volume at '{target}': give each a place of its own.");
        _targets.Add(normal);
    }
}
