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

    /// <summary>Credentials of the sender.</summary>
    public PeerCredentials Credentials { get; private set; }

    /// <summary>Whether the credentials were sent, or noted for a receiver that wants them.</summary>
    public bool HasCredentials { get; private set; }

    public bool HasFiles => _files.Length > 0;

    /// <summary>The sender's own credentials.</summary>
    public static PeerCredentials CredentialsOf(ICaller caller)
    {
        Credentials identity = caller.Credentials;
        return new PeerCredentials { ProcessId = caller.ProcessId, UserId = identity.UserId, GroupId = identity.GroupId };
    }

    public static Ancillary OfSender(ICaller caller) => Of(CredentialsOf(caller));

    public static Ancillary Of(PeerCredentials credentials) => new() { Credentials = credentials, HasCredentials = true };

    /// <summary>Takes a program's control messages apart; null where there are none.</summary>
    public static Errno Parse(ICaller caller, in SocketMessage message, out Ancillary? ancillary)
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
                        SocketOptions.SCM_CREDENTIALS => ancillary.AddCredentials(caller, data),
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

    /// <summary>Gives a receiver its control messages: takes the files over, unless it only peeks.</summary>
    public void Deliver(ref SocketMessage message, bool withCredentials, bool closeOnExec, bool isPeek)
    {
        if (withCredentials)
        {
            PeerCredentials credentials = Credentials;
            Put(ref message, SocketOptions.SCM_CREDENTIALS, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref credentials, 1)));
        }

        if (_files.Length == 0)
            return;
        Span<int> numbers = stackalloc int[SocketOptions.SCM_MAX_FD];
        int room = Math.Max(0, (message.Control.Length - message.ControlLength - HeaderSize) / sizeof(int));
        int count = 0;
        while (count < _files.Length && count < room)
        {
            if (message.Descriptors.Reserve(0, message.DescriptorLimit, closeOnExec, out int fd) != Errno.Success)
                break;
            OpenFile file = _files[count];
            if (isPeek)
                file.AddReference();
            message.Descriptors.Install(fd, file);
            numbers[count++] = fd;
        }

        if (count < _files.Length)
            message.Flags |= MessageFlags.MSG_CTRUNC;
        if (!isPeek)
        {
            for (int i = count; i < _files.Length; i++)
                _files[i].Release();
            _files = [];
        }

        if (count > 0)
            Put(ref message, SocketOptions.SCM_RIGHTS, MemoryMarshal.AsBytes(numbers[..count]));
    }

    /// <summary>The message will not be received.</summary>
    public void Release()
    {
        foreach (OpenFile file in _files)
            file.Release();
        _files = [];
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

    private Errno AddCredentials(ICaller caller, ReadOnlySpan<byte> data)
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
        Credentials = wanted;
        HasCredentials = true;
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
