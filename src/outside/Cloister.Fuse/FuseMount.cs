using System;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Cloister.Contracts.Storage;

namespace Cloister.Fuse;

/// <summary>A file store as a directory of this machine, by FUSE.</summary>
/// <remarks>
/// The kernel checks permissions (default_permissions) and caches names, attributes and pages: nobody else changes the store
/// while it is mounted.
/// </remarks>
public sealed unsafe class FuseMount : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GCHandle _files;
    private readonly nint _session;
    private bool _isMounted;

    private FuseMount(GCHandle files, nint session)
    {
        _files = files;
        _session = session;
        _isMounted = true;
    }

    /// <summary>Mounts a store.</summary>
    /// <param name="files">What.</param>
    /// <param name="directory">Where; it exists.</param>
    /// <param name="source">Name of the volume in the table of mounts.</param>
    /// <param name="forAll">Whether other users may use it too; for root only, unless /etc/fuse.conf allows it.</param>
    /// <exception cref="FuseException">libfuse isn't there, or didn't mount; it has said why on standard error.</exception>
    public static FuseMount Create(IFileStore files, string directory, string source, bool forAll)
    {
        var handle = GCHandle.Alloc(new FuseFiles(files));
        nint session = 0;
        try
        {
            string options = $"default_permissions,fsname={source.Replace("\\", "\\\\").Replace(",", "\\,")},subtype=cloisterfs"
                + (forAll ? ",allow_other" : "") + (files.IsReadOnly ? ",ro" : "");
            session = NewSession(options, GCHandle.ToIntPtr(handle));
            if (session == 0)
                throw new FuseException($"FUSE refuses the options '{options}'.");
            fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
            {
                if (LibFuse.Mount(session, path) != 0)
                    throw new FuseException($"FUSE could not mount at '{directory}'.");
            }

            return new FuseMount(handle, session);
        }
        catch (Exception failure)
        {
            if (session != 0)
                LibFuse.Destroy(session);
            handle.Free();
            if (failure is DllNotFoundException or EntryPointNotFoundException)
                throw new FuseException("libfuse 3.12 or newer is not installed: install the package fuse3.");
            throw;
        }
    }

    /// <summary>Serves requests until the directory is unmounted, or <see cref="End"/>.</summary>
    public void Run() => LibFuse.Loop(_session, 0);

    /// <summary>Unmounts; any thread.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (!_isMounted)
                return;
            _isMounted = false;
            LibFuse.Exit(_session);
            // The end of the mount wakes the threads that wait for requests.
            LibFuse.Unmount(_session);
        }
    }

    /// <summary>To be called when <see cref="Run"/> has returned.</summary>
    public void Dispose()
    {
        End();
        LibFuse.Destroy(_session);
        _files.Free();
    }

    private static nint NewSession(string options, nint userData)
    {
        fixed (byte* name = "cloister\0"u8)
        fixed (byte* flag = "-o\0"u8)
        fixed (byte* text = Encoding.UTF8.GetBytes(options + '\0'))
        {
            byte** values = stackalloc byte*[] { name, flag, text };
            var arguments = new LibFuse.Arguments { Count = 3, Values = values };
            nint* operations = stackalloc nint[LibFuse.OperationCount];
            new Span<nint>(operations, LibFuse.OperationCount).Clear();
            FuseOperations.Fill(operations);
            return LibFuse.NewSession(&arguments, operations, LibFuse.OperationCount * sizeof(nint), userData);
        }
    }
}

/// <summary>FUSE doesn't do what it is asked to.</summary>
public sealed class FuseException(string message) : Exception(message);
