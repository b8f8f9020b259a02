using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>Calls on paths of this machine that .NET has no equivalent for.</summary>
public static unsafe class HostPaths
{
    /// <summary>The working directory of this process (see <see cref="ByteText"/>).</summary>
    public static string WorkingDirectory
    {
        get
        {
            byte[] target = new byte[4096];
            nint length;
            fixed (byte* path = "/proc/self/cwd\0"u8)
            fixed (byte* into = target)
                length = Libc.ReadLinkAt(FileDescriptor.WorkingDirectory, path, into, target.Length);
            return length > 0 ? ByteText.Decode(target.AsSpan(0, (int)length)) : System.Environment.CurrentDirectory;
        }
    }

    /// <summary>Status of what a path leads to, through symbolic links.</summary>
    public static Errno GetTargetStatus(string path, out FileRecord record)
    {
        record = default;
        int descriptor;
        fixed (byte* text = ByteText.Terminated(path))
            descriptor = Libc.Open(text, Constants.O_PATH | Constants.O_CLOEXEC, 0);
        if (descriptor < 0)
            return Failure.Last;
        using var file = new FileDescriptor(descriptor);
        return StatusReader.Read(file, out record);
    }

    /// <summary>What tells an open file from all others of this machine.</summary>
    public static (ulong Device, ulong Inode) GetIdentity(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        using FileDescriptor descriptor = FileDescriptor.Borrow((int)file.DangerousGetHandle());
        return StatusReader.Read(descriptor, out FileRecord record) == Errno.Success ? (record.Device, record.Inode) : default;
    }

    /// <summary>Status of a file; of a symbolic link itself.</summary>
    /// <exception cref="HostException">It can't be looked at.</exception>
    public static FileRecord GetStatus(string path)
    {
        Errno error = StatusReader.Read(FileDescriptor.WorkingDirectory, ByteText.Terminated(path), 0, out FileRecord record);
        return error == Errno.Success ? record : throw new HostException($"'{path}' can't be read ({error}).");
    }

    /// <summary>Extended attributes of a file that is no symbolic link, those that are text; none where the file system has none.</summary>
    public static Dictionary<string, string> GetExtendedAttributes(string path)
    {
        const int largest = 64 * 1024; // XATTR_LIST_MAX, XATTR_SIZE_MAX
        var attributes = new Dictionary<string, string>();
        byte[] buffer = new byte[largest];
        fixed (byte* file = ByteText.Terminated(path))
        fixed (byte* bytes = buffer)
        {
            nint length = Libc.ListXAttr(file, bytes, largest);
            if (length <= 0)
                return attributes;
            foreach (string name in Encoding.UTF8.GetString(buffer, 0, (int)length).Split('\0', System.StringSplitOptions.RemoveEmptyEntries))
            {
                nint count;
                fixed (byte* text = ByteText.Terminated(name))
                    count = Libc.GetXAttr(file, text, bytes, largest);
                if (count >= 0)
                    attributes[name] = Encoding.UTF8.GetString(buffer, 0, (int)count);
            }
        }

        return attributes;
    }

    /// <summary>Gives a file a second name.</summary>
    /// <exception cref="HostException">It isn't possible there.</exception>
    public static void Link(string existing, string path)
    {
        fixed (byte* from = ByteText.Terminated(existing))
        fixed (byte* to = ByteText.Terminated(path))
        {
            if (Libc.LinkAt(Constants.AT_FDCWD, from, FileDescriptor.WorkingDirectory, to, 0) != 0)
                throw new HostException($"'{path}' can't be made a second name of '{existing}' ({Failure.Last}).");
        }
    }

    /// <summary>Sets the owner of a file, not of what a symbolic link leads to. Does nothing where the caller isn't root.</summary>
    public static void SetOwner(string path, uint userId, uint groupId)
    {
        if (LauncherIdentity.UserId != 0)
            return;
        fixed (byte* name = ByteText.Terminated(path))
        {
            if (Libc.FChOwnAt(FileDescriptor.WorkingDirectory, name, userId, groupId, Constants.AT_SYMLINK_NOFOLLOW) != 0)
                throw new HostException($"The owner of '{path}' can't be set ({Failure.Last}).");
        }
    }
}
