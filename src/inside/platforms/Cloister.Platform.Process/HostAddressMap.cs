using System;
using System.Collections.Generic;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Where the host's process has its own memory, read from /proc/self/maps (proc_pid_maps(5)) when it starts.</summary>
internal static unsafe class HostAddressMap
{
    // For threads, contexts and the allocator: what is large, the runtime's heap and the frames, has been mapped before. Not more: with the
    // mappings' usual places (vm.mmap_rnd_bits=28) this leaves programs all below 126.5 TiB, which ThreadSanitizer insists on.
    private const ulong Slack = 1UL << 37;
    private const ulong HeapSlack = 1UL << 36;

    private const ulong End = (1UL << 47) - FrameExtent.FrameSize;

    /// <summary>
    /// The free ranges that programs can have: with room left around what the process has mapped, since its libraries,
    /// stacks and heaps go on growing there.
    /// </summary>
    public static List<PageRange> FindGaps(Stubs stubs)
    {
        byte[] text = Read(stubs);
        var gaps = new List<PageRange>();
        ulong free = UserAddressRange.Lowest;
        foreach (Range range in text.AsSpan().Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text.AsSpan(range);
            if (!TryParse(line, out ulong start, out ulong last) || start > End)
                continue;
            // New mappings of a process come below the others, a heap of brk(2) grows upwards.
            bool isHeap = line.EndsWith("[heap]"u8);
            AddGap(gaps, free, start);
            free = last + (isHeap ? HeapSlack : Slack);
        }

        AddGap(gaps, free, End + Slack);
        return gaps;
    }

    /// <summary>
    /// Gives up the pages of this program's own machine code: nine in ten are there for the start alone. What is needed further is mapped
    /// again as it is executed, from the host's cache.
    /// </summary>
    public static void ForgetStartupText(Stubs stubs)
    {
        ulong here = (ulong)(delegate*<Stubs, void>)&ForgetStartupText;
        byte[] text = Read(stubs);
        foreach (Range range in text.AsSpan().Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text.AsSpan(range);
            // Only what is exactly as in its file. That isn't so of code that a just-in-time compiler wrote, which has no file.
            if (!TryParse(line, out ulong start, out ulong end) || here < start || here >= end || line.IndexOf(" r-xp "u8) < 0
                || line.IndexOf(" /"u8) < 0 || line.IndexOf(" /memfd:"u8) >= 0)
                continue;
            // SAFETY: a private mapping of a file that was never writable: its pages come back with the same content.
            stubs.ShortHostCall(Host.Madvise, start, end - start, Host.MadvDontNeed, 0, 0, 0);
        }
    }

    /// <summary>How many mappings the process has.</summary>
    public static int Count(Stubs stubs) => Read(stubs).AsSpan().Count((byte)'\n');

    /// <summary>The number in a file of /proc, or a value for where it can't be read.</summary>
    public static long ReadNumber(Stubs stubs, ReadOnlySpan<byte> path, long otherwise)
    {
        byte[] text = Read(stubs, path, 64);
        int length = text.AsSpan().IndexOf((byte)'\n');
        return System.Buffers.Text.Utf8Parser.TryParse(length < 0 ? text : text.AsSpan(0, length), out long value, out _) ? value : otherwise;
    }

    private static void AddGap(List<PageRange> gaps, ulong free, ulong start)
    {
        // Near the bottom and the program nothing is added below a mapping; the other mappings grow downwards.
        const ulong mappingsFrom = 0x6000_0000_0000;
        ulong end = start >= mappingsFrom ? start - Slack : start;
        if (end > free && end - free >= HeapSlack)
            gaps.Add(new PageRange(free, end & ~(ulong)(FrameExtent.FrameSize - 1)));
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out ulong start, out ulong end)
    {
        end = 0;
        return System.Buffers.Text.Utf8Parser.TryParse(line, out start, out int length, 'x') && length < line.Length && line[length] == '-' &&
            System.Buffers.Text.Utf8Parser.TryParse(line[(length + 1)..], out end, out _, 'x');
    }

    private static byte[] Read(Stubs stubs) => Read(stubs, "/proc/self/maps\0"u8, 8192);

    private static byte[] Read(Stubs stubs, ReadOnlySpan<byte> path, int usualLength)
    {
        byte[] text = new byte[usualLength];
        int length = 0;
        fixed (byte* name = path)
        {
            // SAFETY: the name ends with a zero; the buffer is pinned for each read.
            long file = stubs.Call(Host.Open, (ulong)name, Host.OpenCloseOnExec);
            if (file < 0)
                return [];
            while (true)
            {
                if (length == text.Length)
                    Array.Resize(ref text, length * 2);
                long count;
                fixed (byte* to = text)
                    count = stubs.Call(Host.Read, (ulong)file, (ulong)(to + length), (ulong)(text.Length - length));
                if (count <= 0)
                    break;
                length += (int)count;
            }

            stubs.Call(Host.Close, (ulong)file);
        }

        return text[..length];
    }
}
