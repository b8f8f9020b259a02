using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>An entry of a page table's lowest level, and the processor's format of tables. All have tables of 512 entries of 8 bytes.</summary>
/// <typeparam name="TSelf">The format.</typeparam>
internal interface IPageEntry<TSelf>
    where TSelf : struct, IPageEntry<TSelf>
{
    /// <summary>Levels of a table.</summary>
    static abstract int Levels { get; }

    /// <summary>End of the addresses that programs may use.</summary>
    static abstract ulong UserEnd { get; }

    /// <summary>Makes an entry.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="rights">What the program may do.</param>
    /// <param name="isPrivate">Whether the frame belongs to the spaces that map it.</param>
    /// <param name="copies">Whether the first store goes to a copy.</param>
    static abstract TSelf Make(int frame, Protection rights, bool isPrivate, bool copies);

    /// <summary>An entry as the processor reads it; 0 where nothing is mapped.</summary>
    static abstract TSelf FromBits(ulong bits);

    /// <summary>The entry of a table of the next level.</summary>
    static abstract ulong ToTable(ulong physical);

    /// <summary>The address of the table of an entry.</summary>
    static abstract ulong TableOf(ulong entry);

    /// <summary>What the processor's register has while a table is in use.</summary>
    static abstract ulong ToRoot(ulong physical);

    /// <summary>The address of the table that the register names.</summary>
    static abstract ulong TableOfRoot(ulong root);

    /// <summary>As the processor reads it.</summary>
    ulong Bits { get; }

    /// <summary>Whether a page is mapped, whatever its rights.</summary>
    bool IsMapped { get; }

    /// <summary>The frame.</summary>
    int Frame { get; }

    /// <summary>What the program may do.</summary>
    Protection Rights { get; }

    /// <summary>Whether the frame belongs to the spaces that map it.</summary>
    bool IsPrivate { get; }

    /// <summary>Whether the first store goes to a copy.</summary>
    bool Copies { get; }
}

/// <summary>What is the same for all formats.</summary>
internal static class PageEntries
{
    /// <summary>The same page with other rights.</summary>
    public static TEntry With<TEntry>(this TEntry entry, Protection rights)
        where TEntry : struct, IPageEntry<TEntry> => TEntry.Make(entry.Frame, rights, entry.IsPrivate, entry.Copies);

    /// <summary>The same page, copied at the first store or not.</summary>
    public static TEntry With<TEntry>(this TEntry entry, bool copies)
        where TEntry : struct, IPageEntry<TEntry> => TEntry.Make(entry.Frame, entry.Rights, entry.IsPrivate, copies);

    /// <summary>Whether an access is allowed by rights. A page that can be written or executed can be read.</summary>
    public static bool Allows(Protection rights, bool isWrite, bool isExecute) =>
        isExecute ? (rights & Protection.Execute) != 0 : isWrite ? (rights & Protection.Write) != 0 : rights != Protection.None;
}
