using System;
using System.Runtime.InteropServices;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Where the entry points lie in the emitted code.</summary>
internal readonly record struct StubOffsets
{
    public int Enter { get; init; }
    public int Leave { get; init; }
    public int TrapHandler { get; init; }
    public int ChainingHandler { get; init; }
    public int Restorer { get; init; }
    public int IgnoreSignal { get; init; }
    public int UnexpectedSignal { get; init; }
    public int Copy { get; init; }
    public int Clear { get; init; }
    public int CopyString { get; init; }
    public int Load32 { get; init; }
    public int CompareExchange32 { get; init; }
    public int HostCall { get; init; }
    public int ReadXcr0 { get; init; }
    public int ReadFsBase { get; init; }
    public int WriteGsBase { get; init; }
    public int ReadGsBase { get; init; }
    public int SaveX87 { get; init; }
    public int RestoreX87 { get; init; }
}

/// <summary>The emitted code in executable memory, as functions.</summary>
internal sealed unsafe class Stubs
{
    private readonly byte* _code;
    private readonly StubOffsets _offsets;

    /// <summary>Maps the code. One copy serves the whole process.</summary>
    public Stubs()
    {
        // The first variant that all later calls need is the same in each image; pick by what the processor has enabled.
        _code = Map(StubImage.SseCode);
        _offsets = StubImage.SseOffsets;
        Xcr0 = ((delegate* unmanaged<ulong>)(_code + _offsets.ReadXcr0))();
        if ((Xcr0 & VectorState.Avx512Components) == VectorState.Avx512Components)
        {
            _offsets = StubImage.Avx512Offsets;
            Load(StubImage.Avx512Code);
        }
        else if ((Xcr0 & VectorState.AvxComponent) != 0)
        {
            _offsets = StubImage.AvxOffsets;
            Load(StubImage.AvxCode);
        }

        Data(ContextLayout.PkruOffset) = (Xcr0 & VectorState.PkruComponent) != 0 ? VectorState.OffsetOf(VectorState.PkruComponent) : 0;
        Protect(_code, ContextLayout.StubData, Host.ProtRead | Host.ProtExec);
    }

    /// <summary>Vector state that the host's kernel has enabled (Intel SDM volume 1, 13.3).</summary>
    public ulong Xcr0 { get; }

    public ulong Start => (ulong)_code;

    public ulong LeaveAddress => Start + (ulong)_offsets.Leave;

    public ulong TrapHandler => Start + (ulong)_offsets.TrapHandler;

    public ulong ChainingHandler => Start + (ulong)_offsets.ChainingHandler;

    public ulong Restorer => Start + (ulong)_offsets.Restorer;

    public ulong IgnoreSignal => Start + (ulong)_offsets.IgnoreSignal;

    public ulong UnexpectedSignal => Start + (ulong)_offsets.UnexpectedSignal;

    /// <summary>Handlers that were there before ours, by signal number.</summary>
    public Span<ulong> ChainedHandlers => new(_code + ContextLayout.ChainedHandlers, 65);

    // SAFETY (all of the following): the addresses are entry points of the code mapped above, which lives as long as
    // the process; signatures are those that StubAssembler documents. Calls that may take long or block leave
    // cooperative mode, so that a collection never waits for them; the others are too short for that to pay.
    public delegate* unmanaged<byte*, void> Enter => (delegate* unmanaged<byte*, void>)(_code + _offsets.Enter);

    public delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nint, ulong*, nint> Copy =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nint, ulong*, nint>)(_code + _offsets.Copy);

    public delegate* unmanaged[SuppressGCTransition]<byte*, nint, nint, ulong*, nint> Clear =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, nint, nint, ulong*, nint>)(_code + _offsets.Clear);

    public delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nint, ulong*, nint> CopyString =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nint, ulong*, nint>)(_code + _offsets.CopyString);

    public delegate* unmanaged[SuppressGCTransition]<byte*, uint*, nint, ulong*, nint> Load32 =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, uint*, nint, ulong*, nint>)(_code + _offsets.Load32);

    public delegate* unmanaged[SuppressGCTransition]<byte*, uint*, uint, ulong*, nint> CompareExchange32 =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, uint*, uint, ulong*, nint>)(_code + _offsets.CompareExchange32);

    public delegate* unmanaged<long, ulong, ulong, ulong, ulong, ulong, ulong, long> HostCall =>
        (delegate* unmanaged<long, ulong, ulong, ulong, ulong, ulong, ulong, long>)(_code + _offsets.HostCall);

    public delegate* unmanaged[SuppressGCTransition]<long, ulong, ulong, ulong, ulong, ulong, ulong, long> ShortHostCall =>
        (delegate* unmanaged[SuppressGCTransition]<long, ulong, ulong, ulong, ulong, ulong, ulong, long>)(_code + _offsets.HostCall);

    /// <summary>A host call that may take longer than a few microseconds.</summary>
    public long Call(long number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0) => HostCall(number, a, b, c, d, e, f);

    public delegate* unmanaged[SuppressGCTransition]<byte*> ReadGsBase =>
        (delegate* unmanaged[SuppressGCTransition]<byte*>)(_code + _offsets.ReadGsBase);

    public delegate* unmanaged[SuppressGCTransition]<ulong> ReadFsBase =>
        (delegate* unmanaged[SuppressGCTransition]<ulong>)(_code + _offsets.ReadFsBase);

    public delegate* unmanaged[SuppressGCTransition]<byte*, void> WriteGsBase =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, void>)(_code + _offsets.WriteGsBase);

    public delegate* unmanaged[SuppressGCTransition]<byte*, void> SaveX87 =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, void>)(_code + _offsets.SaveX87);

    public delegate* unmanaged[SuppressGCTransition]<byte*, void> RestoreX87 =>
        (delegate* unmanaged[SuppressGCTransition]<byte*, void>)(_code + _offsets.RestoreX87);

    /// <summary>Tells the signal handlers where programs' code can be: below an end, and in a second range.</summary>
    public void SetProgramRanges(ulong end, ulong secondStart, ulong secondLength)
    {
        Data(ContextLayout.ProgramEnd) = end;
        Data(ContextLayout.SecondStart) = secondStart;
        Data(ContextLayout.SecondLength) = secondLength;
    }

    // SAFETY: an aligned word of the data page, which stays writable.
    private ref ulong Data(int offset) => ref *(ulong*)(_code + offset);

    private static byte* Map(ReadOnlySpan<byte> code)
    {
        byte* memory = Host.mmap(null, ContextLayout.StubSize, Host.ProtRead | Host.ProtWrite | Host.ProtExec,
            Host.MapPrivate | Host.MapAnonymous, -1, 0);
        if (memory == (byte*)-1)
            throw new PlatformException("The host gives no executable memory (mmap with PROT_EXEC failed); allow it for cloister.");
        code.CopyTo(new Span<byte>(memory, ContextLayout.StubData));
        return memory;
    }

    private void Load(ReadOnlySpan<byte> code)
    {
        // SAFETY: _code is StubSize bytes, still writable, and no other thread runs it yet.
        code.CopyTo(new Span<byte>(_code, ContextLayout.StubData));
    }

    private static void Protect(byte* memory, nuint length, int protection)
    {
        if (Host.mprotect(memory, length, protection) != 0)
            throw new PlatformException("The host refuses to make memory executable (mprotect); allow it for cloister.");
    }
}

/// <summary>The host lacks something this platform needs. The message is for the user.</summary>
public sealed class PlatformException(string message) : Exception(message);

/// <summary>The few library calls that are needed before the emitted code exists, and the host's constants.</summary>
internal static unsafe partial class Host
{
    public const int ProtNone = 0;
    public const int ProtRead = 1;
    public const int ProtWrite = 2;
    public const int ProtExec = 4;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapFixed = 0x10;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int MapPopulate = 0x8000;
    public const int MapFixedNoReplace = 0x100000;

    public const ulong OpenCloseOnExec = 0x80000;

    public const ulong MadvDontNeed = 4;
    public const ulong MadvRemove = 9;
    public const ulong MadvHugePage = 14;
    public const ulong MadvNoHugePage = 15;
    public const ulong MadvPopulateRead = 22;
    public const ulong MadvPopulateWrite = 23;

    // System call numbers of Linux/x86-64.
    public const long Read = 0;
    public const long Open = 2;
    public const long Close = 3;
    public const long Mmap = 9;
    public const long Mprotect = 10;
    public const long Munmap = 11;
    public const long RtSigaction = 13;
    public const long Ioctl = 16;
    public const long Pread64 = 17;
    public const long Mremap = 25;
    public const long Madvise = 28;
    public const long Ftruncate = 77;
    public const long Sigaltstack = 131;
    public const long Prctl = 157;
    public const long Gettid = 186;
    public const long Futex = 202;
    public const long SchedSetaffinity = 203;
    public const long SchedGetaffinity = 204;
    public const long ClockGettime = 228;
    public const long Tgkill = 234;
    public const long Getcpu = 309;
    public const long Getrandom = 318;
    public const long MemfdCreate = 319;
    public const long Membarrier = 324;

    [LibraryImport("libc")]
    public static partial byte* mmap(byte* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc")]
    public static partial int mprotect(byte* address, nuint length, int protection);

    [LibraryImport("libc")]
    public static partial ulong getauxval(ulong type);

    [LibraryImport("libc")]
    public static partial int getpid();

    [LibraryImport("libc")]
    [SuppressGCTransition]
    public static partial int clock_gettime(int clock, long* time);
}
