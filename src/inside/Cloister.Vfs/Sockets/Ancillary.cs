using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>What travels beside the bytes: open files and credentials (unix(7), ancillary messages).</summary>
internal sealed class Ancillary
{
    // struct cmsghdr: u64 length, i32 level, i32 type; data follows, the next header is aligned to 8.
    private const int HeaderSize = 16;

    private OpenFile[] _files = [];

    /// <summary>Credentials that the sender named.</summary>
    public PeerCredentials? Credentials { get; private set; }

    /// <summary>The sender's own credentials.</summary>
    public static PeerCredentials CredentialsOf(ICaller caller)
    {
        Credentials identity = caller.Credentials;
        return new PeerCredentials { ProcessId = caller.ProcessId, UserId = identity.UserId, GroupId = identity.GroupId };
    }

    /// <summary>Takes a program's control messages apart; null where there are none.</summary>
    public static Errno Parse(ICaller caller, VirtualFileSystem vfs, in SocketMessage message, out Ancillary? ancillary)
    {
        ancillary = null;
        ReadOnlySpan<byte> control = message.Control[..message.ControlLength];
        while (control.Length >= HeaderSize)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(control);
            int level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]);
            int type = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
            Errno error = Errno.EINVAL;
            if (length >= HeaderSize && length <= (ulong)control.Length)
            {
                ReadOnlySpan<byte> data = control[HeaderSize..(int)length];
                if (level != SocketOptions.SOL_SOCKET)
                {
                    error = Errno.Success;
                }
                else
                {
                    ancillary ??= new Ancillary();
                    error = type switch
                    {
                        SocketOptions.SCM_RIGHTS => ancillary.AddFiles(data, message.Descriptors),
                        SocketOptions.SCM_CREDENTIALS => ancillary.AddCredentials(caller, vfs, data),
                        _ => Errno.EINVAL,
                    };
                }
            }

            if (error != Errno.Success)
            {
                ancillary?.Release();
                ancillary = null;
                return error;
            }

            int step = (int)Math.Min((length + 7) & ~7UL, (ulong)control.Length);
            control = control[step..];
        }

        return Errno.Success;
    }

    /// <summary>Hands the files over to a message; null where there are none.</summary>
    public PassedFiles? TakeFiles(ICaller caller)
    {
        OpenFile[] files = _files;
        _files = [];
        return files.Length == 0 ? null : new PassedFiles(files, caller.Credentials.UserId);
    }

    /// <summary>The message will not be sent.</summary>
    public void Release()
    {
        foreach (OpenFile file in _files)
            file.Release();
        _files = [];
    }

    /// <summary>Gives a receiver the sender's credentials; those of a message without any are of nobody.</summary>
    public static void Deliver(ref SocketMessage message, PeerCredentials? credentials)
    {
        const uint overflowId = 65534;
        PeerCredentials known = credentials ?? new PeerCredentials { ProcessId = 0, UserId = overflowId, GroupId = overflowId };
        Put(ref message, SocketOptions.SCM_CREDENTIALS, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref known, 1)));
    }

    /// <summary>Gives a receiver descriptors of files that it has references to.</summary>
    public static void Deliver(ref SocketMessage message, OpenFile[] files, bool closeOnExec)
    {
        Span<int> numbers = stackalloc int[SocketOptions.SCM_MAX_FD];
        int room = Math.Max(0, (message.Control.Length - message.ControlLength - HeaderSize) / sizeof(int));
        int count = 0;
        while (count < files.Length && count < room)
        {
            if (message.Descriptors.Reserve(0, message.DescriptorLimit, closeOnExec, out int fd) != Errno.Success)
                break;
            message.Descriptors.Install(fd, files[count]);
            numbers[count++] = fd;
        }

        if (count < files.Length)
            message.Flags |= MessageFlags.MSG_CTRUNC;
        for (int i = count; i < files.Length; i++)
            files[i].Release();
        if (count > 0)
            Put(ref message, SocketOptions.SCM_RIGHTS, MemoryMarshal.AsBytes(numbers[..count]));
    }

    private Errno AddFiles(ReadOnlySpan<byte> data, IDescriptorTable table)
    {
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(data);
        if (_files.Length + numbers.Length > SocketOptions.SCM_MAX_FD)
            return Errno.EINVAL;
        int at = _files.Length;
        Array.Resize(ref _files, at + numbers.Length);
        foreach (int fd in numbers)
        {
            if (table.Take(fd) is not OpenFile file)
            {
                Array.Resize(ref _files, at);
                return Errno.EBADF;
            }

            _files[at++] = file;
        }

        return Errno.Success;
    }

    private Errno AddCredentials(ICaller caller, VirtualFileSystem vfs, ReadOnlySpan<byte> data)
    {
        const int capSetGid = 6;
        const int capSetUid = 7;
        if (data.Length != PeerCredentials.Size)
            return Errno.EINVAL;
        PeerCredentials wanted = MemoryMarshal.Read<PeerCredentials>(data);
        Credentials identity = caller.Credentials;
        bool isTrue = (wanted.ProcessId == caller.ProcessId || identity.Has(FileCapabilities.CAP_SYS_ADMIN))
            && (wanted.UserId == identity.UserId || identity.Has(capSetUid))
            && (wanted.GroupId == identity.GroupId || identity.Has(capSetGid));
        if (!isTrue)
            return Errno.EPERM;
        if (wanted.ProcessId != caller.ProcessId && vfs.JobControl?.Exists(SignalOwner.OfProcess(wanted.ProcessId)) == false)
            return Errno.ESRCH;
        Credentials = wanted;
        return Errno.Success;
    }

    private static void Put(ref SocketMessage message, int type, scoped ReadOnlySpan<byte> data)
    {
        Span<byte> into = message.Control[message.ControlLength..];
        if (into.Length < HeaderSize)
        {
            message.Flags |= MessageFlags.MSG_CTRUNC;
            return;
        }

        int length = HeaderSize + data.Length;
        if (length > into.Length)
        {
            length = into.Length;
            message.Flags |= MessageFlags.MSG_CTRUNC;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(into, (ulong)length);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], SocketOptions.SOL_SOCKET);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], type);
        data[..(length - HeaderSize)].CopyTo(into[HeaderSize..]);
        int step = Math.Min((length + 7) & ~7, into.Length);
        into[length..step].Clear();
        message.ControlLength += step;
    }
}
