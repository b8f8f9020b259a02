using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

/// <summary>Where the parts of a program are placed in its address space.</summary>
internal sealed record AddressLayout
{
    /// <summary>Where position-independent programs start.</summary>
    public ulong ProgramBase { get; set; }

    /// <summary>End of the first stack.</summary>
    public ulong StackTop { get; set; }

    /// <summary>Mappings without a wish go below this, downwards.</summary>
    public ulong MappingTop { get; set; }

    /// <summary>Mappings without a wish stay above this: the heap grows up to it.</summary>
    public ulong MappingBottom { get; set; }

    /// <summary>Lowest break.</summary>
    public ulong BreakStart { get; set; }

    /// <summary>The break (brk(2)).</summary>
    public ulong Break { get; set; }
}

/// <summary>Addresses in the program image that /proc/PID/stat, cmdline, environ and auxv show.</summary>
internal sealed record ProgramLayout
{
    public ulong CodeStart { get; set; }

    public ulong CodeEnd { get; set; }

    public ulong DataStart { get; set; }

    public ulong DataEnd { get; set; }

    public ulong StackStart { get; set; }

    public ulong ArgumentsStart { get; set; }

    public ulong ArgumentsEnd { get; set; }

    public ulong EnvironmentStart { get; set; }

    public ulong EnvironmentEnd { get; set; }

    /// <summary>Code that returns from handlers; 0 where programs bring it.</summary>
    public ulong SignalReturn { get; set; }

    /// <summary>The auxiliary vector as the program found it.</summary>
    public byte[] AuxiliaryVector { get; set; } = [];
}

/// <summary>
/// Private writable memory promised to programs, which must never exceed the enclave's: as vm.overcommit_memory=2 of
/// Linux (Documentation/vm/overcommit-accounting.rst), so that a program sees ENOMEM instead of being killed.
/// </summary>
internal sealed class CommitAccount(EnclaveMemory memory) : IPageBudget
{
    /// <summary>Bytes promised.</summary>
    public long Taken => memory.PrivateBytes;

    /// <summary>Most bytes that may be promised.</summary>
    public long Limit => memory.Promisable;

    /// <summary>Takes memory; with the lock of a space, after <see cref="MakeRoom"/>.</summary>
    public bool TryTake(ulong bytes) => memory.TryTakePrivate(bytes);

    /// <summary>Gives memory back.</summary>
    public void Give(ulong bytes) => memory.GivePrivate(bytes);

    /// <summary>Gives pages of files back, so that so many bytes can be taken; without any lock.</summary>
    public void MakeRoom(ulong bytes) => memory.MakeRoom((long)ulong.Min(bytes, long.MaxValue));
}
