using System;
using System.Buffers.Binary;
using Cloister.Monitor.Enclaves;
using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Boot;

/// <summary>Boots the machine on the first hart; entry.S then starts the host there, and lets the other harts wait.</summary>
internal static unsafe class Program
{
    private const ulong InfoMagic = 0x4942534F;

    // Where QEMU puts kernels.
    private const ulong DefaultKernel = Board.MemoryStart + Board.MonitorSize;

    // Trees of machines have some ten thousand bytes.
    private const uint LargestTree = 2 << 20;

    public static void Main()
    {
        // SAFETY: entry.S has zeroed this memory, has written the first two fields, and has room for the structure: Room is what a test compares.
        ref Machine machine = ref *(Machine*)Native.GetState();
        if ((ulong)sizeof(Machine) > Native.GetStateSize())
            Fail("The state doesn't fit.");
        FirstStage.Run(Native.Image, Native.Secret, ref machine.Identity);
        machine.Configuration.KernelEntry = FindKernel(machine.FirmwareInfo);
        machine.Configuration.HasHypervisor = Processor.FindHypervisor();
        machine.Configuration.VectorSize = Processor.FindVectors();
        ReadTree(ref machine);
        Protection.Follow(ref machine);
        for (int hart = 0; hart < Machine.MaxHarts; hart++)
            machine.Harts[hart].Status = (int)HartStatus.Stopped;
        if (machine.Configuration.LogsRefusals)
            Log.WriteLine("monitor: Cloister.Monitor, simulated root of trust");
    }

    // Two words of 64 bits, magic and version, and the address of the next stage.
    private static ulong FindKernel(ulong information) =>
        information != 0 && (information & 7) == 0 && Device.Read64(information) == InfoMagic ? Device.Read64(information + 16) : DefaultKernel;

    private static void ReadTree(ref Machine machine)
    {
        ulong place = machine.DeviceTree;
        uint size = place == 0 || (place & 7) != 0 ? 0 : DeviceTree.SizeOf(Native.Memory(place, 40));
        if (size is 0 or > LargestTree || !MemoryRange.TryCreate(Board.MemoryStart, Board.MonitorSize, out MemoryRange monitor))
        {
            Fail("The boot loader gave no device tree.");
            return;
        }

        Span<byte> bytes = Native.Memory(place, (int)size);
        var tree = new DeviceTree(bytes);
        if (machine.Configuration.Read(tree, place, size, monitor) is { } problem)
            Fail(problem);
        TakeSeed(ref machine, tree);
        if (machine.Configuration.DeviceTree != place)
            bytes.CopyTo(Native.Memory(machine.Configuration.DeviceTree, (int)size));
    }

    // The host gets another seed than the monitor, and can't find the monitor's from it.
    private static void TakeSeed(ref Machine machine, DeviceTree tree)
    {
        machine.Entropy.Add(machine.Identity.PrivateKey);
        int at = 0;
        if (tree.TryFind(ref at, 1, "chosen"u8, "rng-seed"u8, out Span<byte> seed))
        {
            machine.Entropy.Add(seed);
            Span<byte> word = stackalloc byte[8];
            for (int i = 0; i < seed.Length; i += 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(word, machine.Entropy.Next(Csr.Read(CsrNumber.Cycle)));
                word[..Math.Min(8, seed.Length - i)].CopyTo(seed[i..]);
            }
        }
    }

    private static void Fail(string reason)
    {
        Log.Write("monitor: ");
        Log.WriteLine(reason);
        Board.PowerOff(1);
    }
}
