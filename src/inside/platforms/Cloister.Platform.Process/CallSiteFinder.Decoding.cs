using System;

namespace Cloister.Platform.Process;

// Where instructions start: what decodings from adjacent bytes agree on.
internal ref partial struct CallSiteFinder
{
    private enum Agreement
    {
        None,
        Some,
        All,
    }

    /// <summary>Whether an instruction starts at an offset, and where those before it start.</summary>
    /// <param name="at">The offset.</param>
    /// <param name="common">Starts that all decodings share: bit i stands for 64 - i bytes ahead of <paramref name="at"/>.</param>
    private readonly Agreement BoundariesBefore(int at, out ulong common)
    {
        Span<byte> lengths = stackalloc byte[Window];
        lengths.Clear();
        common = ulong.MaxValue;
        int hits = 0;
        int misses = 0;
        int origin = at - Window;
        int first = Math.Max(0, -origin);
        for (int start = first; start < Math.Min(first + Starts, Window - Starts); start++)
        {
            ulong passed = 0;
            int position = start;
            while (position < Window && TryStep(origin, position, lengths, out int length))
            {
                passed |= 1UL << position;
                position += length;
            }

            if (position == Window)
            {
                hits++;
                common &= passed;
            }
            else if (position > Window)
            {
                misses++;
            }
        }

        return hits == 0 ? Agreement.None : misses == 0 ? Agreement.All : Agreement.Some;
    }

    private readonly bool TryStep(int origin, int position, Span<byte> lengths, out int length)
    {
        const byte dead = 255;
        if (lengths[position] == 0)
        {
            int decoded = InstructionDecoder.Decode(_text[(origin + position)..]).Length;
            lengths[position] = decoded == 0 ? dead : (byte)decoded;
        }

        length = lengths[position];
        return length != dead;
    }

    /// <summary>Whether bytes that look like a branch may be one. Only where all decodings see something else they are none.</summary>
    private readonly bool IsBranch(int from, int target)
    {
        Span<byte> lengths = stackalloc byte[Window];
        lengths.Clear();
        int others = 0;
        int origin = from - Window;
        int first = Math.Max(0, -origin);
        for (int start = first; start < Math.Min(first + Starts, Window - Starts); start++)
        {
            int position = start;
            int length = 0;
            while (position + length <= Window)
            {
                position += length;
                if (position == Window || !TryStep(origin, position, lengths, out length))
                    break;
            }

            // The instruction that has the byte at the end of the window in it.
            if (position < Window && position + length <= Window)
                continue;
            Instruction covering = InstructionDecoder.Decode(_text[(origin + position)..]);
            if (covering.IsRelativeBranch && origin + position + covering.Length + covering.Displacement == target)
                return true;
            others++;
        }

        return others == 0;
    }
}
