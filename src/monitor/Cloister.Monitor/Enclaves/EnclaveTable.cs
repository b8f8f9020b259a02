using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Monitor.Enclaves;

/// <summary>States of an enclave. Only <see cref="Free"/> gives its memory to the host.</summary>
internal enum EnclaveState
{
    Free,

    /// <summary>Its memory is closed, and is being measured.</summary>
    Measuring,
    Fresh,
    Running,
    Stopped,

    /// <summary>It has ended; all that it can be is destroyed.</summary>
    Exited,

    /// <summary>Its memory is being erased.</summary>
    Destroying,
}

/// <summary>An enclave, as far as decisions depend on it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EnclaveSlot
{
    public EnclaveState State;

    /// <summary>The enclave's own memory, and the memory that it shares with the host.</summary>
    public MemoryRange Private, Shared;
}

/// <summary>
/// Which enclaves there are, in which states, on which harts: every decision of the monitor about them is a method here, without hardware, and is
/// explored exhaustively by the tests. Physical memory protection follows from this table alone (<see cref="ProtectionPlan"/>).
/// </summary>
/// <remarks>Callers hold the enclave lock.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct EnclaveTable
{
    public const int MaxEnclaves = 16;

    private SlotArray _slots;

    // By hart, the enclave's number plus one; 0 where the host runs.
    private RunningArray _running;

    public readonly EnclaveSlot this[int id] => _slots[id];

    /// <summary>The enclave that runs on a hart; -1 where the host does.</summary>
    public readonly int Running(int hart) => _running[hart] - 1;

    public static bool IsNumber(ulong id) => id < MaxEnclaves;

    /// <summary>A new enclave: its memory is closed from now on. It can't run before <see cref="FinishMeasuring"/>.</summary>
    public KeystoneError Reserve(MemoryRange memory, MemoryRange monitor, MemoryRange own, MemoryRange shared, out int id)
    {
        id = -1;
        if (!own.IsPages || !shared.IsPages)
            return KeystoneError.IllegalArgument;
        if (!memory.Contains(own) || !memory.Contains(shared))
            return KeystoneError.IllegalArgument;
        if (own.Overlaps(monitor) || shared.Overlaps(monitor) || own.Overlaps(shared))
            return KeystoneError.RegionOverlaps;
        for (int i = MaxEnclaves - 1; i >= 0; i--)
        {
            EnclaveSlot slot = _slots[i];
            if (slot.State == EnclaveState.Free)
                id = i;
            else if (own.Overlaps(slot.Private) || own.Overlaps(slot.Shared) || shared.Overlaps(slot.Private) || shared.Overlaps(slot.Shared))
                return KeystoneError.RegionOverlaps;
        }

        if (id < 0)
            return KeystoneError.NoFreeResource;
        _slots[id] = new EnclaveSlot { State = EnclaveState.Measuring, Private = own, Shared = shared };
        if (ProtectionPlan.TryMakeForHost(in this, monitor, out _))
            return KeystoneError.Success;
        _slots[id] = default;
        id = -1;
        return KeystoneError.ProtectionFailure;
    }

    public void FinishMeasuring(int id) => _slots[id].State = EnclaveState.Fresh;

    public KeystoneError Run(ulong id, int hart) => Enter(id, hart, isFirst: true);

    public KeystoneError Resume(ulong id, int hart) => Enter(id, hart, isFirst: false);

    private KeystoneError Enter(ulong id, int hart, bool isFirst)
    {
        if (!Exists(id))
            return KeystoneError.InvalidId;
        ref EnclaveSlot slot = ref _slots[(int)id];
        if (slot.State != (isFirst ? EnclaveState.Fresh : EnclaveState.Stopped))
            return isFirst ? KeystoneError.NotFresh : KeystoneError.NotResumable;
        if (_running[hart] != 0)
            return KeystoneError.Prohibited;
        slot.State = EnclaveState.Running;
        _running[hart] = (int)id + 1;
        return KeystoneError.Success;
    }

    /// <summary>The enclave of a hart gives it back, and can be resumed; or it has ended.</summary>
    public KeystoneError Leave(int hart, bool hasEnded)
    {
        int id = Running(hart);
        if (id < 0)
            return KeystoneError.NotRunning;
        _slots[id].State = hasEnded ? EnclaveState.Exited : EnclaveState.Stopped;
        _running[hart] = 0;
        return KeystoneError.Success;
    }

    /// <summary>The enclave can't run any more. Its memory stays closed until <see cref="FinishDestroying"/>: it is erased before.</summary>
    public KeystoneError Destroy(ulong id)
    {
        if (!Exists(id))
            return KeystoneError.InvalidId;
        ref EnclaveSlot slot = ref _slots[(int)id];
        if (slot.State is not (EnclaveState.Fresh or EnclaveState.Stopped or EnclaveState.Exited))
            return KeystoneError.NotDestroyable;
        slot.State = EnclaveState.Destroying;
        return KeystoneError.Success;
    }

    public void FinishDestroying(int id) => _slots[id] = default;

    /// <summary>Whether a range has memory that belongs to an enclave alone.</summary>
    public readonly bool HasSecret(MemoryRange range)
    {
        for (int i = 0; i < MaxEnclaves; i++)
            if (_slots[i].State != EnclaveState.Free && _slots[i].Private.Overlaps(range))
                return true;
        return false;
    }

    private readonly bool Exists(ulong id) => IsNumber(id) && _slots[(int)id].State != EnclaveState.Free;

    [InlineArray(MaxEnclaves)]
    private struct SlotArray
    {
        private EnclaveSlot _first;
    }

    [InlineArray(Machine.MaxHarts)]
    private struct RunningArray
    {
        private int _first;
    }
}
