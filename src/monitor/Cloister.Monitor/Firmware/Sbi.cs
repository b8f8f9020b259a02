using Cloister.Monitor.Enclaves;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>The supervisor binary interface, version 2.0, as far as Linux uses it. Suspend isn't there.</summary>
internal static class Sbi
{
    private const ulong Base = 0x10, Time = 0x54494D45, Ipi = 0x735049, Fences = 0x52464E43, HartState = 0x48534D, SystemReset = 0x53525354;
    private const ulong DebugConsole = 0x4442434E;
    private const ulong LegacySetTimer = 0, LegacyPutCharacter = 1, LegacyGetCharacter = 2;

    // 0x7fffffff would be an implementation without a number; ours has none in the specification's list.
    private const ulong SpecificationVersion = 2 << 24, ImplementationId = 0x434C4F49, ImplementationVersion = 1;

    /// <summary>A call from the host.</summary>
    public static void Call(ref Machine machine, ref TrapFrame frame)
    {
        ulong extension = frame.X[Register.A7], function = frame.X[Register.A6];
        if (extension == KeystoneCalls.Extension)
        {
            KeystoneCalls.Call(ref machine, ref frame);
            return;
        }

        if (extension <= LegacyGetCharacter)
        {
            // The old calls have their result in a0, and leave a1 alone.
            frame.X[Register.A0] = (ulong)Legacy(ref machine, ref frame, extension);
            return;
        }

        SbiResult result = Call(ref machine, ref frame, extension, function);
        frame.X[Register.A0] = (ulong)result.Error;
        frame.X[Register.A1] = result.Value;
    }

    private static SbiResult Call(ref Machine machine, ref TrapFrame frame, ulong extension, ulong function)
    {
        ulong a0 = frame.X[Register.A0], a1 = frame.X[Register.A1], a2 = frame.X[Register.A2];
        switch (extension)
        {
            case Base:
                return BaseCall(function, a0);
            case Time when function == 0:
                Timer.SetHost(ref machine, frame.Hart, a0);
                return SbiResult.Success;
            case Ipi when function == 0:
                return SendInterrupts(ref machine, frame.Hart, a0, a1);
            case Fences when function <= 6:
                return RemoteFence(ref machine, frame.Hart, function, a0, a1);
            case HartState:
                return HartCall(ref machine, ref frame, function, a0, a1, a2);
            case SystemReset when function == 0:
                return Reset(ref machine, a0);
            case DebugConsole:
                return ConsoleCall(ref machine, function, a0, a1, a2);
            default:
                return SbiResult.NotSupported;
        }
    }

    // SBI 2.0, chapter 4.
    private static SbiResult BaseCall(ulong function, ulong argument)
    {
        switch (function)
        {
            case 0: return new SbiResult(0, SpecificationVersion);
            case 1: return new SbiResult(0, ImplementationId);
            case 2: return new SbiResult(0, ImplementationVersion);
            case 3:
                return new SbiResult(0, argument is Base or Time or Ipi or Fences or HartState or SystemReset or DebugConsole or
                    KeystoneCalls.Extension or LegacySetTimer or LegacyPutCharacter or LegacyGetCharacter ? 1ul : 0);
            case 4: return new SbiResult(0, Csr.Read(CsrNumber.Vendor));
            case 5: return new SbiResult(0, Csr.Read(CsrNumber.Architecture));
            case 6: return new SbiResult(0, Csr.Read(CsrNumber.Implementation));
            default: return SbiResult.NotSupported;
        }
    }

    // SBI 2.0, 3.1: a mask of harts from a base; the base -1 means all.
    private static bool TryMask(ref Machine machine, ulong bits, ulong first, out uint mask)
    {
        uint all = (1u << machine.Configuration.HartCount) - 1;
        mask = all;
        if (first == ulong.MaxValue)
            return true;
        mask = 0;
        if (bits == 0)
            return true;
        if (first >= (ulong)machine.Configuration.HartCount || bits > all >> (int)first)
            return false;
        mask = (uint)bits << (int)first;
        return true;
    }

    private static SbiResult SendInterrupts(ref Machine machine, int self, ulong bits, ulong first)
    {
        if (!TryMask(ref machine, bits, first, out uint mask))
            return SbiResult.InvalidParameter;
        for (int hart = 0; hart < machine.Configuration.HartCount; hart++)
            if (hart == self && (mask >> hart & 1) != 0)
                Csr.Set(CsrNumber.MachinePending, Interrupts.SupervisorSoftware);
            else if ((mask >> hart & 1) != 0)
                Harts.Ask(ref machine, hart, HartRequests.SoftwareInterrupt);
        return SbiResult.Success;
    }

    // SBI 2.0, chapter 8. All translations are flushed, whatever range was named: a range would have to be handed over, and harts queue for that.
    private static SbiResult RemoteFence(ref Machine machine, int self, ulong function, ulong bits, ulong first)
    {
        if (function >= 3 && !machine.Configuration.HasHypervisor)
            return SbiResult.NotSupported;
        if (!TryMask(ref machine, bits, first, out uint mask))
            return SbiResult.InvalidParameter;
        Harts.AskAndWait(ref machine, self, mask, function == 0 ? HartRequests.FlushInstructions :
            function <= 2 ? HartRequests.FlushTranslations : HartRequests.FlushGuestTranslations);
        return SbiResult.Success;
    }

    // SBI 2.0, chapter 9.
    private static SbiResult HartCall(ref Machine machine, ref TrapFrame frame, ulong function, ulong a0, ulong a1, ulong a2)
    {
        switch (function)
        {
            case 0:
                return Harts.Start(ref machine, a0, a1, a2);
            case 1:
                Harts.Stop(ref machine, frame.Hart);
                Harts.WaitForStart(ref machine, ref frame);
                // The frame is that of a new start: its a0 and a1 are what the call leaves there.
                return new SbiResult((long)frame.X[Register.A0], frame.X[Register.A1]);
            case 2:
                return a0 < (ulong)machine.Configuration.HartCount
                    ? new SbiResult(0, (ulong)System.Threading.Volatile.Read(ref machine.Harts[(int)a0].Status)) : SbiResult.InvalidParameter;
            default:
                return SbiResult.NotSupported;
        }
    }

    // SBI 2.0, chapter 10: 0 shutdown, 1 cold reboot, 2 warm reboot.
    private static SbiResult Reset(ref Machine machine, ulong kind)
    {
        if (kind > 2)
            return SbiResult.InvalidParameter;
        // Enclaves' memory keeps its contents through a reset, and the next system could read it.
        EnclaveMemory.EraseAll(ref machine);
        if (kind == 0)
            Board.PowerOff(0);
        Board.Reset();
        return SbiResult.Success;
    }

    // SBI 2.0, chapter 12: addresses are physical, so they are checked as those of an enclave are.
    private static SbiResult ConsoleCall(ref Machine machine, ulong function, ulong a0, ulong a1, ulong a2)
    {
        switch (function)
        {
            case 0:
                if (a2 != 0 || !machine.Configuration.IsHostMemory(ref machine.Enclaves, a1, a0))
                    return SbiResult.InvalidParameter;
                // A long text would keep the hart here; the caller writes the rest with another call.
                int count = (int)System.Math.Min(a0, 4096);
                foreach (byte character in Native.Memory(a1, count))
                    Board.WriteConsole(character);
                return new SbiResult(0, (ulong)count);
            case 1:
                if (a2 != 0 || !machine.Configuration.IsHostMemory(ref machine.Enclaves, a1, a0))
                    return SbiResult.InvalidParameter;
                System.Span<byte> room = Native.Memory(a1, (int)System.Math.Min(a0, 4096));
                int read = 0;
                for (int character; read < room.Length && (character = Board.ReadConsole()) >= 0; read++)
                    room[read] = (byte)character;
                return new SbiResult(0, (ulong)read);
            case 2:
                Board.WriteConsole((byte)a0);
                return SbiResult.Success;
            default:
                return SbiResult.NotSupported;
        }
    }

    /// <summary>The three calls of SBI 0.1 that runtimes of enclaves make; kernels with that version's support make them too.</summary>
    public static long Legacy(ref Machine machine, ref TrapFrame frame, ulong extension)
    {
        switch (extension)
        {
            case LegacySetTimer:
                Timer.SetHost(ref machine, frame.Hart, frame.X[Register.A0]);
                return 0;
            case LegacyPutCharacter:
                Board.WriteConsole((byte)frame.X[Register.A0]);
                return 0;
            default:
                return Board.ReadConsole();
        }
    }
}
