using System.Text;

namespace Cloister.Runtime;

/// <summary>A method in stack traces; MethodSymbol of cloister.h. Both are zero-terminated UTF-8, the file null where it isn't known.</summary>
// SAFETY: the compiler writes these and their texts as constant data; texts end in a zero.
internal unsafe struct MethodSymbol
{
    public byte* Name;
    public byte* File;
}

/// <summary>The way of an exception, in its object, so that recording it allocates nothing.</summary>
// SAFETY: words are read and written at indices below Capacity * 2. Even ones hold addresses of MethodSymbols, which Record put there.
internal unsafe struct StackTraceRecord
{
    private const int Capacity = 32;

    private Frames _frames;

    /// <summary>All frames, those too that found no place.</summary>
    public int Count { get; private set; }

    private struct Frames
    {
        // A method and a line for each frame.
        public fixed long Words[Capacity * 2];
    }

    public void Record(MethodSymbol* method, int line)
    {
        if (line == -2)
        {
            Count = 0;
            return;
        }

        if (Count < Capacity)
        {
            _frames.Words[Count * 2] = (long)method;
            _frames.Words[Count * 2 + 1] = line;
        }

        Count++;
    }

    public string Format()
    {
        var text = new StringBuilder();
        for (int i = 0; i < Count && i < Capacity; i++)
        {
            var method = (MethodSymbol*)_frames.Words[i * 2];
            if (i > 0)
                text.Append('\n');
            text.Append("   at ");
            Utf8Text.Append(text, method->Name);
            int line = (int)_frames.Words[i * 2 + 1];
            if (method->File == null || line <= 0)
                continue;
            text.Append(" in ");
            Utf8Text.Append(text, method->File);
            text.Append(":line ").Append(line);
        }

        if (Count > Capacity)
            text.Append("\n   and ").Append(Count - Capacity).Append(" more");
        return text.ToString();
    }
}
