using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Fuse;

/// <summary>
/// A file store mounted on a directory of Linux. Speaks the kernel's protocol itself: one thread more per request that is to be
/// served at once, and no library in between.
/// </summary>
public sealed unsafe class FuseMount : IDisposable
{
    private const nuint ReadOnlyMount = 1;
    private const int Detach = 2;

    private readonly int _device;
    private readonly byte[] _target;
    private readonly List<Thread> _threads = [];
    private readonly IFileStore _files;
    private int _isUnmounted;

    private FuseMount(IFileStore files, int device, byte[] target)
    {
        _files = files;
        _device = device;
        _target = target;
    }

    /// <summary>Mounts. Needs the right to (root).</summary>
    /// <param name="files">What is mounted.</param>
    /// <param name="directory">Where.</param>
    /// <param name="threads">How many requests are served at once.</param>
    /// <returns>The mount, and Success; or null and the error of /dev/fuse or of mount(2).</returns>
    public static (FuseMount? Mount, Errno Error) TryMount(IFileStore files, string directory, int threads)
    {
        int device;
        // SAFETY: literals and the array end with a NUL and outlive the calls.
        fixed (byte* path = "/dev/fuse\0"u8)
            device = Native.Open(path, Native.ReadWrite | Native.CloseOnExec);
        if (device < 0)
            return (null, Native.LastError);
        byte[] target = Encoding.UTF8.GetBytes(directory + '\0');
        byte[] options = Encoding.UTF8.GetBytes($"fd={device},rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other\0");
        int result;
        fixed (byte* source = "cloisterfs\0"u8, type = "fuse.cloisterfs\0"u8, where = target, with = options)
            result = Native.Mount(source, where, type, files.IsReadOnly ? ReadOnlyMount : 0, with);
        if (result < 0)
        {
            Errno error = Native.LastError;
            _ = Native.Close(device);
            return (null, error);
        }

        var mount = new FuseMount(files, device, target);
        for (int i = 0; i < threads; i++)
        {
            var thread = new Thread(mount.Serve) { IsBackground = true, Name = "fuse" };
            mount._threads.Add(thread);
            thread.Start();
        }

        return (mount, Errno.Success);
    }

    /// <summary>Waits until the directory is unmounted, by <see cref="Unmount"/> or by somebody else.</summary>
    public void Wait()
    {
        foreach (Thread thread in _threads)
            thread.Join();
    }

    /// <summary>Unmounts; where files are open, as soon as they are closed.</summary>
    public void Unmount()
    {
        if (Interlocked.Exchange(ref _isUnmounted, 1) != 0)
            return;
        fixed (byte* where = _target)
            _ = Native.Unmount(where, Detach);
    }

    /// <summary>Unmounts and waits.</summary>
    public void Dispose()
    {
        Unmount();
        Wait();
        _ = Native.Close(_device);
    }

    private void Serve()
    {
        var session = new FuseSession(_files);
        while (true)
        {
            nint length;
            // SAFETY: the buffers are pinned while the kernel uses them.
            fixed (byte* request = session.Request)
                length = Native.Read(_device, request, session.Request.Length);
            if (length < 0)
            {
                // ENOENT: the request was interrupted before it was read.
                if (Native.LastError is Errno.EINTR or Errno.EAGAIN or Errno.ENOENT)
                    continue;
                // ENODEV: unmounted.
                return;
            }

            int answer = session.Answer((int)length);
            if (answer == 0)
                continue;
            // ENOENT where the caller no longer waits.
            fixed (byte* reply = session.Reply)
                _ = Native.Write(_device, reply, answer);
        }
    }
}
