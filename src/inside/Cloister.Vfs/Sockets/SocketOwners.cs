using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>FIOSETOWN and SIOCSPGRP: who gets SIGIO and SIGURG of a socket (socket(7)).</summary>
internal static class SocketOwners
{
    public static Errno Set(OpenFile socket, ICaller caller, VirtualFileSystem vfs, int number)
    {
        if (number == int.MinValue)
            return Errno.EINVAL;
        SignalOwnerKind kind = number < 0 ? SignalOwnerKind.F_OWNER_PGRP : SignalOwnerKind.F_OWNER_PID;
        var owner = new SignalOwner(kind, Math.Abs(number), caller.Credentials.UserId);
        if (!owner.IsNone && vfs.JobControl?.Exists(owner) != true)
            return Errno.ESRCH;
        socket.SignalOwner = owner;
        return Errno.Success;
    }
}
