using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Memory;

/// <summary>
/// The calling program's memory, as system calls read and write it: through the MMU, bringing pages in where they are
/// absent, and with EFAULT where the program itself could not have touched them.
/// </summary>
public sealed class UserMemory
{
    private AddressSpace _space;

    internal UserMemory(AddressSpace space) => _space = space;

    /// <summary>The address space; another one after execve.</summary>
    internal AddressSpace Space
    {
        get => _space;
        set => _space = value;
    }

    /// <summary>Copies bytes in.</summary>
    /// <returns>EFAULT unless all could be read.</returns>
    public Errno CopyIn(UserAddress address, Span<byte> into) =>
        CopyInPartially(address.Value, into) == into.Length ? Errno.Success : Errno.EFAULT;

    /// <summary>Copies bytes out.</summary>
    /// <returns>EFAULT unless all could be written.</returns>
    public Errno CopyOut(UserAddress address, ReadOnlySpan<byte> from) =>
        CopyOutPartially(address.Value, from) == from.Length ? Errno.Success : Errno.EFAULT;

    /// <summary>Reads a value; false for EFAULT.</summary>
    public bool TryRead<T>(UserAddress address, out T value)
        where T : unmanaged
    {
        Unsafe.SkipInit(out value);
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1));
        return CopyInPartially(address.Value, bytes) == bytes.Length;
    }

    /// <summary>Writes a value; false for EFAULT.</summary>
    public bool TryWrite<T>(UserAddress address, in T value)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1));
        return CopyOutPartially(address.Value, bytes) == bytes.Length;
    }

    /// <summary>Reads a zero-terminated string.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="into">Room for the string without its NUL.</param>
    /// <param name="length">Bytes before the NUL.</param>
    /// <returns>EFAULT, or ENAMETOOLONG where no NUL comes within the room.</returns>
    public Errno ReadString(UserString address, Span<byte> into, out int length)
    {
        length = 0;
        while (true)
        {
            int count = _space.Mmu.CopyString(address.Value, into, out AccessFault fault);
            if (count >= 0)
            {
                length = count;
                return count == into.Length ? Errno.ENAMETOOLONG : Errno.Success;
            }

            if (_space.ResolveFault(fault.Address, false, false) != Errno.Success)
                return Errno.EFAULT;
        }
    }

    /// <summary>Copies bytes in until the first unreadable one; returns how many.</summary>
    /// <param name="address">Where they are.</param>
    /// <param name="into">Where they go.</param>
    /// <param name="resolve">Whether absent pages are brought in; otherwise the copy ends there.</param>
    internal int CopyInPartially(ulong address, Span<byte> into, bool resolve = true)
    {
        if (resolve)
            LockOrder.AssertMayWait(WaitKinds.UserPage);
        int done = _space.Mmu.CopyIn(address, into, out AccessFault fault);
        while (done < into.Length && resolve && Resolve(fault, address + (ulong)done))
            done += _space.Mmu.CopyIn(address + (ulong)done, into[done..], out fault);
        return done;
    }

    /// <summary>Copies bytes out until the first unwritable one; returns how many.</summary>
    /// <param name="address">Where they go.</param>
    /// <param name="from">The bytes.</param>
    /// <param name="resolve">Whether absent pages are brought in; otherwise the copy ends there.</param>
    internal int CopyOutPartially(ulong address, ReadOnlySpan<byte> from, bool resolve = true)
    {
        if (resolve)
            LockOrder.AssertMayWait(WaitKinds.UserPage);
        int done = _space.Mmu.CopyOut(address, from, out AccessFault fault);
        while (done < from.Length && resolve && Resolve(fault, address + (ulong)done))
            done += _space.Mmu.CopyOut(address + (ulong)done, from[done..], out fault);
        return done;
    }

    /// <summary>Lends memory to who moves bytes past the kernel; false where the platform can't.</summary>
    internal bool TryLend(ulong address, long length, IMemoryUser user, out int moved) =>
        _space.Mmu.TryLend(address, (int)Math.Min(length, int.MaxValue), user, out moved);

    /// <summary>Brings in the page of an address; false for EFAULT.</summary>
    internal bool BringIn(ulong address, bool isWrite) => _space.ResolveFault(address, isWrite, false) == Errno.Success;

    /// <summary>Stores zeros until the first unwritable byte; returns how many.</summary>
    internal long ClearPartially(ulong address, long count)
    {
        LockOrder.AssertMayWait(WaitKinds.UserPage);
        long done = _space.Mmu.Clear(address, count, out AccessFault fault);
        while (done < count && Resolve(fault, address + (ulong)done))
            done += _space.Mmu.Clear(address + (ulong)done, count - done, out fault);
        return done;
    }

    /// <summary>Loads a futex word.</summary>
    internal bool TryLoad(UserAddress address, out uint value)
    {
        while (!_space.Mmu.TryLoad(address.Value, out value))
        {
            if (_space.ResolveFault(address.Value, false, false) != Errno.Success)
                return false;
        }

        return true;
    }

    /// <summary>Compares and exchanges a futex word.</summary>
    internal bool TryCompareExchange(UserAddress address, uint expected, uint desired, out uint found)
    {
        while (!_space.Mmu.TryCompareExchange(address.Value, expected, desired, out found))
        {
            if (_space.ResolveFault(address.Value, true, false) != Errno.Success)
                return false;
        }

        return true;
    }

    /// <summary>
    /// As <see cref="TryLoad"/>, but doesn't bring an absent page in: for callers that hold a lock. They leave it, call
    /// <see cref="BringIn"/>, and try again.
    /// </summary>
    internal bool TryLoadPresent(UserAddress address, out uint value) => _space.Mmu.TryLoad(address.Value, out value);

    /// <summary>As <see cref="TryCompareExchange"/>, without bringing pages in.</summary>
    internal bool TryCompareExchangePresent(UserAddress address, uint expected, uint desired, out uint found) =>
        _space.Mmu.TryCompareExchange(address.Value, expected, desired, out found);

    private bool Resolve(AccessFault fault, ulong expected)
    {
        // A non-canonical address has no page fault, so the fault may carry no address; it never resolves.
        ulong address = fault.Address >= expected ? fault.Address : expected;
        return _space.ResolveFault(address, fault.IsWrite, false) == Errno.Success;
    }
}
