using System;
using System.Runtime.InteropServices;
using Cloister.Hal.HostProtocol;

namespace Cloister.Keystone.Launcher;

/// <summary>
/// Starts Cloister's kernel as an enclave on a Linux host with Keystone's driver, and passes bells between it and who serves its window, over a line.
/// As a machine's first process it makes the host ready before, and switches it off afterwards.
/// </summary>
/// <remarks>Arguments: bytes of free memory, line, and the files of the enclave's three parts.</remarks>
internal static class Program
{
    private const int Usage = 2, Failed = 1, ArgumentCount = 5;
    private const int FirstProcess = 1;

    private static int Main(string[] arguments)
    {
        if (arguments.Length != ArgumentCount || !long.TryParse(arguments[0], out long free) || free < 0)
        {
            Console.WriteLine("usage: launcher FREE-BYTES LINE KERNEL CONFIGURATION COMMITMENT");
            return Usage;
        }

        bool isFirst = Linux.ProcessId() == FirstProcess;
        if (isFirst)
            PrepareHost();
        int status = Run(arguments, free);
        if (isFirst)
            Linux.PowerOff();
        return status;
    }

    private static void PrepareHost()
    {
        Linux.Mount("devtmpfs\0"u8, "/dev\0"u8);
        int module = Linux.Open("/cloister_keystone.ko\0"u8, forWriting: false);
        Linux.LoadModule(module);
        Linux.Close(module);
    }

    private static int Run(string[] arguments, long free)
    {
        if (!HostLine.TryOpen(arguments[1], out HostLine line))
        {
            Console.WriteLine("launcher: the line to the one that serves the enclave can't be opened.");
            return Failed;
        }

        KeystoneEnclave enclave = default;
        if (enclave.Create(arguments.AsSpan(2), free) is { } problem)
        {
            line.Send(Text.Bytes($"launcher: {problem}."));
            return Failed;
        }

        WindowPlace place = new() { Magic = WindowPlace.Known, Address = enclave.Window, Size = MachineWindow.Length };
        line.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<WindowPlace>(in place)));
        // The window is being filled until then.
        line.Wait(-1);
        long error;
        while ((error = enclave.Run(out _)) == (long)DriverRun.Stopped)
            Answer(in enclave, in line);
        if (error != 0)
            line.Send(Text.Bytes($"launcher: the enclave can't run ({error})."));
        return error == 0 ? 0 : Failed;
    }

    private static void Answer(in KeystoneEnclave enclave, in HostLine line)
    {
        EnclaveStop stop = enclave.ReadStop();
        switch (stop.Reason)
        {
            case StopReason.Bell:
                line.Send([MachineWindow.Bell]);
                break;
            case StopReason.Idle:
                line.Wait(stop.Wait);
                break;
            case StopReason.Print:
                line.Send(enclave.Printed(in stop));
                break;
        }
    }
}
