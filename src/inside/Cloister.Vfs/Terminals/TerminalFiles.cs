using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Terminals;

/// <summary>The master side, opened by /dev/ptmx.</summary>
internal sealed class MasterFile(TerminalFileSystem fileSystem, Pseudoterminal terminal) : OpenFile, ITerminalMaster
{
    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining == 0)
            return 0;
        return Waiting.Retry(caller, terminal.MasterQueue, IsNonBlocking, terminal, buffer, static (t, b) => t.ReadMaster(b));
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining == 0)
            return 0;
        return Waiting.Retry(caller, terminal.MasterQueue, IsNonBlocking, terminal, buffer, static (t, b) => t.WriteMaster(b));
    }

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(terminal.MasterQueue);
        return terminal.PollMaster();
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.TIOCGPTN:
                MemoryMarshal.Write(data, terminal.Number);
                return 0;
            case Ioctls.TIOCSPTLCK:
                terminal.IsLocked = MemoryMarshal.Read<int>(data) != 0;
                return 0;
            case Ioctls.TIOCGPTLCK:
                MemoryMarshal.Write(data, terminal.IsLocked ? 1 : 0);
                return 0;
            case Ioctls.TIOCPKT:
                terminal.HasPacketMode = MemoryMarshal.Read<int>(data) != 0;
                return 0;
            case Ioctls.TIOCGPKT:
                MemoryMarshal.Write(data, terminal.HasPacketMode ? 1 : 0);
                return 0;
            case Ioctls.FIONBIO or Ioctls.FIOASYNC:
                return base.Control(caller, request, argument, data);
            default:
                return terminal.Control(caller, true, request, argument, data);
        }
    }

    public Errno OpenPeer(ICaller caller, OpenFlags flags, out IOpenFile? peer)
    {
        Errno error = fileSystem.OpenSlave(caller, terminal, flags, out OpenFile? file);
        peer = file;
        return error;
    }

    protected override void OnClosed()
    {
        fileSystem.Remove(terminal);
        terminal.CloseMaster();
    }
}

/// <summary>The slave side, /dev/pts/N: the terminal of programs.</summary>
internal sealed class SlaveFile(Pseudoterminal terminal) : OpenFile
{
    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (!CanRead)
            return Errno.EBADF;
        if (buffer.Remaining == 0)
            return 0;
        Errno error = terminal.CheckForeground(caller, FileSignals.SIGTTIN);
        if (error != Errno.Success)
            return error;
        long deadline = terminal.ReadDeadline(caller);
        SyscallResult result = terminal.ReadSlave(caller, buffer, ref deadline);
        if (result.Errno != Errno.EAGAIN || IsNonBlocking)
            return result;
        caller.Watch(terminal.SlaveQueue);
        try
        {
            while (true)
            {
                result = terminal.ReadSlave(caller, buffer, ref deadline);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(deadline) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (!CanWrite)
            return Errno.EBADF;
        if (terminal.StopsBackgroundOutput)
        {
            Errno error = terminal.CheckForeground(caller, FileSignals.SIGTTOU);
            if (error != Errno.Success)
                return error;
        }

        long done = 0;
        while (true)
        {
            SyscallResult result = Waiting.Retry(caller, terminal.SlaveQueue, IsNonBlocking, terminal, buffer, static (t, b) => t.WriteSlave(b));
            if (result.IsError)
                return done > 0 ? done : result;
            done += result.Value;
            if (buffer.Remaining == 0 || IsNonBlocking)
                return done;
        }
    }

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(terminal.SlaveQueue);
        return terminal.PollSlave();
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        if (request is Ioctls.FIONBIO or Ioctls.FIOASYNC)
            return base.Control(caller, request, argument, data);
        if (terminal.IsMasterClosed)
            return Errno.EIO;
        if (request is Ioctls.TCSETS or Ioctls.TCSETSW or Ioctls.TCSETSF or Ioctls.TCSETS2 or Ioctls.TCSETSW2 or Ioctls.TCSETSF2 or Ioctls.TIOCSPGRP or Ioctls.TCFLSH or Ioctls.TCXONC)
        {
            Errno error = terminal.CheckForeground(caller, FileSignals.SIGTTOU);
            if (error != Errno.Success)
                return error == Errno.EIO && request == Ioctls.TIOCSPGRP ? Errno.ENOTTY : error; // tiocspgrp of Linux
        }

        return terminal.Control(caller, false, request, argument, data);
    }

    protected override void OnClosed() => terminal.RemoveSlave();
}

/// <summary>Trying again until it works.</summary>
internal static class Waiting
{
    public static SyscallResult Retry(
        ICaller caller, WaitQueue queue, bool isNonBlocking, Pseudoterminal terminal, IIoBuffer buffer, Func<Pseudoterminal, IIoBuffer, SyscallResult> attempt)
    {
        SyscallResult result = attempt(terminal, buffer);
        if (result.Errno != Errno.EAGAIN || isNonBlocking)
            return result;
        caller.Watch(queue);
        try
        {
            while (true)
            {
                result = attempt(terminal, buffer);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }
}
