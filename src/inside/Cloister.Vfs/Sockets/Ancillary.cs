using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Sockets;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>What travels beside the bytes: open files and credentials (unix(7), ancillary messages).</summary>
internal sealed class Ancillary
{
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
        var messages = new ControlMessages(message.Control[..message.ControlLength]);
        while (messages.Read())
        {
            Errno error = messages.IsBroken ? Errno.EINVAL : Errno.Success;
            if (!messages.IsBroken && messages.Level == SocketOptions.SOL_SOCKET)
            {
                ancillary ??= new Ancillary();
                error = messages.Type switch
                {
                    SocketOptions.SCM_RIGHTS => ancillary.AddFiles(messages.Data, message.Descriptors),
                    SocketOptions.SCM_CREDENTIALS => ancillary.AddCredentials(caller, vfs, messages.Data),
                    _ => Errno.EINVAL,
                };
            }

            if (error != Errno.Success)
            {
                ancillary?.Release();
                ancillary = null;
                return error;
            }
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
        ControlMessages.Put(ref message, SocketOptions.SOL_SOCKET, SocketOptions.SCM_CREDENTIALS, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref known, 1)));
    }

    /// <summary>Gives a receiver descriptors of files that it has references to.</summary>
    public static void Deliver(ref SocketMessage message, OpenFile[] files, bool closeOnExec)
    {
        Span<int> numbers = stackalloc int[SocketOptions.SCM_MAX_FD];
        int room = Math.Max(0, (message.Control.Length - message.ControlLength - ControlMessages.HeaderSize) / sizeof(int));
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
            ControlMessages.Put(ref message, SocketOptions.SOL_SOCKET, SocketOptions.SCM_RIGHTS, MemoryMarshal.AsBytes(numbers[..count]));
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
            if (file is not IRingFile)
                continue;

            // A ring holds files for whoever has it: in a queue it could hold its own socket (io_uring of Linux since 6.7, and 6.1.68).
            Array.Resize(ref _files, at);
            return Errno.EINVAL;
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
}
