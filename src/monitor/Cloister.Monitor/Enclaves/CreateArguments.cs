using System;
using System.Buffers.Binary;

namespace Cloister.Monitor.Enclaves;

/// <summary>What the host wants an enclave to be: keystone_sbi_create_t of Keystone's interface.</summary>
internal readonly ref struct CreateArguments
{
    public const int Size = 64;

    public MemoryRange Private { get; private init; }

    public MemoryRange Shared { get; private init; }

    /// <summary>Where the runtime, the application and free memory begin.</summary>
    public ulong Runtime { get; private init; }

    public ulong Application { get; private init; }

    public ulong Free { get; private init; }

    public ulong FreeRequested { get; private init; }

    /// <summary>False where ranges wrap around or are empty, or the parts aren't pages in order.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out CreateArguments arguments)
    {
        arguments = default;
        if (!MemoryRange.TryCreate(Word(bytes, 0), Word(bytes, 1), out MemoryRange own) || own.IsEmpty ||
            !MemoryRange.TryCreate(Word(bytes, 2), Word(bytes, 3), out MemoryRange shared) || shared.IsEmpty)
            return false;
        arguments = new CreateArguments
        {
            Private = own,
            Shared = shared,
            Runtime = Word(bytes, 4),
            Application = Word(bytes, 5),
            Free = Word(bytes, 6),
            FreeRequested = Word(bytes, 7),
        };
        return own.Contains(arguments.Runtime) && own.Contains(arguments.Application) && arguments.Free <= own.End &&
            arguments.Runtime <= arguments.Application && arguments.Application <= arguments.Free &&
            ((arguments.Runtime | arguments.Application | arguments.Free) & 4095) == 0;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * 8)..]);
}
