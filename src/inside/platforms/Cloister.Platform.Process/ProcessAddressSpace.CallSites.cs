using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

internal sealed unsafe partial class ProcessAddressSpace : ICallSites
{
    private readonly CallSites _callSites;

    /// <inheritdoc/>
    ICallSites IAddressSpace.CallSites => this;

    /// <inheritdoc/>
    public int FindSystemCalls(ulong address, ulong length)
    {
        // Text that may only be executed can't be read where the host has protection keys (mmap(2), PROT_EXEC alone).
        bool isReadable = TryLoad(address, out _);
        if (!isReadable && Protect(address, length, Protection.Read | Protection.Execute) != Errno.Success)
            return 0;
        int stubsLength;
        using (Access access = Pin())
        {
            if (access.IsRefused)
                return 0;
            // SAFETY: the kernel has just mapped these pages, and holds its mapping lock; they are readable now.
            stubsLength = _callSites.Find(new ReadOnlySpan<byte>((void*)address, (int)length));
        }

        if (!isReadable)
            Protect(address, length, Protection.Execute);
        return stubsLength;
    }

    /// <summary>Whether an instruction is one that a replaced system call has and the program's text doesn't.</summary>
    internal bool IsWithinCall(ulong instructionPointer) => _callSites.IsWithinCall(instructionPointer);

    /// <inheritdoc/>
    public Errno PatchSystemCalls(ulong address, ulong length, Protection protection, ulong stubs, ulong stubsLength, out IPatchedSites? sites)
    {
        sites = null;
        Errno error = MapAnonymous(stubs, stubsLength, Protection.Read | Protection.Write, isPromised: true);
        if (error == Errno.Success)
            error = Protect(address, length, Protection.Read | Protection.Write);
        if (error != Errno.Success)
            return error;
        using (Access access = Pin())
        {
            if (access.IsRefused)
                return Errno.ENOMEM;
            // SAFETY: both ranges are mapped writable by the lines above; no thread runs them yet.
            sites = _callSites.Patch(new Span<byte>((void*)address, (int)length), address, new Span<byte>((void*)stubs, (int)stubsLength), stubs);
        }

        error = Protect(stubs, stubsLength, Protection.Read | Protection.Execute);
        return error == Errno.Success ? Protect(address, length, protection) : error;
    }

    /// <inheritdoc/>
    public void AddPatched(IPatchedSites sites, ulong address, ulong stubs) => _callSites.Add((FoundSites)sites, address, stubs);

    /// <inheritdoc/>
    public bool TryTakeUnused(out ulong stubs, out ulong length) => _callSites.TryTakeUnused(out stubs, out length);

    /// <inheritdoc/>
    public ulong ToProgramAddress(ulong instructionPointer) => _callSites.ToProgramAddress(instructionPointer);

    /// <inheritdoc/>
    public ulong FromProgramAddress(ulong instructionPointer) => _callSites.FromProgramAddress(instructionPointer);
}
