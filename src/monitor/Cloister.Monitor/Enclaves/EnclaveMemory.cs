using System;
using Cloister.Crypto;
using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>The memory of enclaves, which the monitor measures and erases. Other harts are served meanwhile: it may take a while.</summary>
internal static class EnclaveMemory
{
    private const int Page = 4096;

    public static void Erase(ref Machine machine, int self, MemoryRange range)
    {
        for (ulong page = range.Start; page < range.End; page += Page)
        {
            Native.Memory(page, Page).Clear();
            Harts.ServeWaiting(ref machine, self);
        }
    }

    /// <summary>The same without others: the machine is about to be reset.</summary>
    public static void EraseAll(ref Machine machine)
    {
        for (int id = 0; id < EnclaveTable.MaxEnclaves; id++)
        {
            EnclaveSlot slot = machine.Enclaves[id];
            if (slot.State == EnclaveState.Free)
                continue;
            for (ulong page = slot.Private.Start; page < slot.Private.End; page += Page)
                Native.Memory(page, Page).Clear();
        }
    }

    /// <summary>The sizes of loader, runtime and application, then all their pages, as Keystone measures an enclave.</summary>
    public static void Measure(ref Machine machine, int self, in CreateArguments arguments, Span<byte> measurement)
    {
        Sha3_512 hash = Sha3_512.Create();
        Span<byte> sizes = stackalloc byte[Measurement.HeaderSize];
        Measurement.WriteHeader(arguments.Runtime - arguments.Private.Start, arguments.Application - arguments.Runtime,
            arguments.Free - arguments.Application, sizes);
        hash.Append(sizes);
        for (ulong page = arguments.Private.Start; page < arguments.Free; page += Page)
        {
            hash.Append(Native.Memory(page, Page));
            Harts.ServeWaiting(ref machine, self);
        }

        hash.GetHashAndReset(measurement);
    }
}
