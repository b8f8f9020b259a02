using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>The system calls of a text.</summary>
/// <param name="Sites">Those that can be patched, by address.</param>
/// <param name="StubsLength">Bytes of stubs.</param>
/// <param name="Counts">What became of all.</param>
internal sealed record FoundSites(CallSite[] Sites, int StubsLength, CallSiteCounts Counts) : IPatchedSites
{
    /// <summary>Pages that the stubs take.</summary>
    public int StubPages => (StubsLength + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift;
}

/// <summary>
/// Remembers what was found in texts: each start of a program comes through the C library's, and decoding it takes
/// milliseconds, hashing it a tenth of one.
/// </summary>
/// <remarks>
/// A text is known again by its content, so nobody has to say when a file has changed. The hash is of the kind of XXH64, four
/// lanes of multiplication, here to 128 bits: nobody meets a collision by chance. Who makes one harms programs that share
/// this process's memory anyway, and could do so without (docs/process-platform.md).
/// </remarks>
internal sealed class KnownTexts
{
    private const int Most = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<TextKey, FoundSites> _texts = [];
    private readonly Queue<TextKey> _order = new();

    /// <summary>Finds the sites of a text. Any thread.</summary>
    public FoundSites Find(ReadOnlySpan<byte> text)
    {
        TextKey key = TextKey.Of(text);
        lock (_lock)
        {
            if (_texts.TryGetValue(key, out FoundSites? known))
                return known;
        }

        var finder = new CallSiteFinder(text);
        finder.Run();
        var found = new FoundSites(finder.Sites.ToArray(), finder.StubsLength, finder.Counts);
        lock (_lock)
        {
            if (_texts.TryAdd(key, found))
                _order.Enqueue(key);
            if (_order.Count > Most)
                _texts.Remove(_order.Dequeue());
        }

        return found;
    }

    private readonly record struct TextKey(int Length, ulong First, ulong Second)
    {
        private const ulong Prime1 = 0x9E3779B185EBCA87;
        private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
        private const ulong Prime3 = 0x165667B19E3779F9;

        public static TextKey Of(ReadOnlySpan<byte> text)
        {
            ulong a = Prime1;
            ulong b = Prime2;
            ulong c = Prime3;
            ulong d = Prime1 ^ Prime3;
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(text);
            int i = 0;
            for (; i + 4 <= words.Length; i += 4)
            {
                a = Round(a, words[i]);
                b = Round(b, words[i + 1]);
                c = Round(c, words[i + 2]);
                d = Round(d, words[i + 3]);
            }

            for (; i < words.Length; i++)
                a = Round(a, words[i]);
            foreach (byte rest in text[(words.Length * sizeof(ulong))..])
                b = Round(b, rest);
            return new TextKey(text.Length, Mix(Round(a, c) + BitOperations.RotateLeft(b, 17)), Mix(Round(b, d) + BitOperations.RotateLeft(a, 29)));
        }

        private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + word * Prime2, 31) * Prime1;

        private static ulong Mix(ulong value)
        {
            value = (value ^ value >> 33) * Prime2;
            value = (value ^ value >> 29) * Prime3;
            return value ^ value >> 32;
        }
    }
}
