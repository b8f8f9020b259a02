using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal;
using Xunit;

namespace Cloister.Platform.Process.Tests;

// Spaces that fork has made alike share mappings of the host, but each may need its own at any time.
public sealed partial class AddressSpaceTests
{
    private const int RlimitData = 2;

    /// <summary>More than is saved for a member that waits: the others need mappings of their own.</summary>
    private const ulong Much = 17 << 20;

    /// <summary>More than fork copies: it is protected, and shared until it is written to.</summary>
    private const ulong Half = 96 * Page;

    [Fact]
    public void Fork_keeps_room_for_the_mappings_that_its_child_may_need_and_is_refused_where_there_is_none()
    {
        HostMappingBudget mappings = s_platform.Value.HostMappings;
        int before = CountRoom(mappings);
        mappings.ChangeReserved(before - 700);
        var family = new List<IAddressSpace> { Create() };
        ulong start = Home(family[0]);
        const int runs = 200;
        try
        {
            Map(family[0], start, runs);
            PageRange[] all = [new PageRange(start, start + Much + runs * Page)];
            while (true)
            {
                Store(family[0], start, (byte)family.Count);
                IAddressSpace child = Create();
                Errno error = family[0].Clone(all, child);
                if (error != Errno.Success)
                {
                    Assert.Equal(Errno.ENOMEM, error);
                    child.Dispose();
                    break;
                }

                family.Add(child);
            }

            // Two runs of the parent's are counted before the host merges or cuts: a few hundred mappings are two or three children.
            Assert.InRange(family.Count, 2, 4);
            int room = CountRoom(mappings);
            Assert.InRange(room, 0, runs);
            Fill(family[0], start);
            for (int i = 1; i < family.Count; i++)
            {
                Assert.Equal(i, Load(family[i], start));
                Store(family[i], start + Page, (byte)i);
            }

            Assert.Equal(7, Load(family[0], start + Much - Page));
        }
        finally
        {
            family.ForEach(member => member.Dispose());
            mappings.ChangeReserved(700 - before);
        }

        Assert.Equal(before, CountRoom(mappings));
    }

    [Fact]
    public void A_member_whose_mappings_the_host_refuses_is_refused_alone_and_goes_on_when_there_is_room()
    {
        using IAddressSpace parent = Create();
        using IAddressSpace child = Create();
        using IAddressSpace grandchild = Create();
        ulong start = Home(parent);
        Map(parent, start, 4);
        Store(parent, start, 1);
        PageRange[] all = [new PageRange(start, start + Much + 4 * Page)];
        Assert.Equal(Errno.Success, parent.Clone(all, child));
        Fill(parent, start);

        var results = new Errno[4];
        int copied = 0;
        byte own = 0;
        WithLittleData(() =>
        {
            Span<byte> value = stackalloc byte[1];
            copied = child.CopyIn(start, value, out _);
            results[0] = child.ResolveFault(start, true, false);
            results[1] = child.Protect(start, Page, Protection.Read);
            results[2] = child.Clone(all, grandchild);
            parent.CopyIn(start + Page, value, out _);
            own = value[0];
            results[3] = parent.MapAnonymous(start - Page, Page, ReadWrite, isPromised: true);
        });

        // What the parent maps beside all that is shared is its own affair.
        Assert.Equal([Errno.ENOBUFS, Errno.ENOMEM, Errno.ENOMEM, Errno.Success], results);
        Assert.Equal(0, copied);
        Assert.Equal(7, own);
        Assert.Equal(1, Load(child, start));
        Assert.Equal(0, Load(child, start + Page));
        Assert.Equal(7, Load(parent, start + Page));
        Assert.Equal(Errno.Success, parent.MapAnonymous(start - Page, Page, ReadWrite, isPromised: true));
    }

    [Fact]
    public void What_the_first_of_a_family_leaves_goes_to_one_for_whom_nothing_has_to_be_saved()
    {
        IAddressSpace parent = Create();
        using IAddressSpace child = Create();
        using IAddressSpace second = Create();
        ulong start = Home(parent);
        PageRange[] all = MapForFamily(parent, start);
        Assert.Equal(Errno.Success, parent.Clone(all, child));
        Fill(child, start, 8, 2 * Half);
        Assert.Equal(7, Load(parent, start));

        // It shares with its parent what the first child has otherwise.
        Assert.Equal(Errno.Success, parent.Clone(all, second));
        Assert.Equal(7, Load(parent, start));
        WithoutSavedPages(parent.Dispose);
        Assert.Equal(8, Load(child, start));
        Assert.Equal(7, Load(second, start));
        Assert.Equal(8, Load(child, start + 2 * Half - Page));
        Assert.Equal(7, Load(second, start + 2 * Half - Page));
    }

    [Fact]
    public void A_space_that_the_host_doesnt_move_is_lost_alone()
    {
        const ulong shared = 0x4000_0000;
        using IAddressSpace first = Create();
        using IAddressSpace second = Create();
        using IAddressSpace third = Create();
        Assert.Equal(Errno.Success, first.MapAnonymous(shared, Page, ReadWrite, isPromised: true));
        Store(first, shared, 1);
        Assert.Equal(Errno.Success, second.MapAnonymous(shared, Page, ReadWrite, isPromised: true));
        Store(second, shared, 2);
        Assert.Equal(1, Load(first, shared));

        byte[] value = new byte[1];
        int copied = -1;
        WithoutMappings(() => copied = second.CopyIn(shared, value, out _));

        // The first one's page couldn't go away, so it is no more; the second one's was parked, and can't come either.
        Assert.Equal(0, first.CopyIn(shared, value, out _));
        Assert.Equal(Errno.ENOBUFS, first.ResolveFault(shared, false, false));
        Assert.Equal(Errno.ENOMEM, first.MapAnonymous(shared + Page, Page, ReadWrite, isPromised: true));
        Assert.Equal(Errno.ENOMEM, first.Unmap(shared, Page));
        Assert.Equal(0, copied);
        Assert.Equal(Errno.Success, third.MapAnonymous(shared, Page, ReadWrite, isPromised: true));
        Store(third, shared, 3);
        Assert.Equal(3, Load(third, shared));
    }

    /// <summary>Much memory, and behind it pages with rights in turn, so that the host can't merge them.</summary>
    private static void Map(IAddressSpace space, ulong start, int runs)
    {
        Assert.Equal(Errno.Success, space.MapAnonymous(start, Much + (ulong)runs * Page, ReadWrite, isPromised: true));
        for (int i = 0; i < runs; i += 2)
            Assert.Equal(Errno.Success, space.Protect(start + Much + (ulong)i * Page, Page, Protection.Read));
    }

    private static PageRange[] MapForFamily(IAddressSpace space, ulong start)
    {
        Assert.Equal(Errno.Success, space.MapAnonymous(start, 2 * Half, ReadWrite, isPromised: true));
        Fill(space, start, 7, 2 * Half);
        return [new PageRange(start, start + 2 * Half)];
    }

    private static void Fill(IAddressSpace space, ulong start, byte value = 7, ulong length = Much)
    {
        for (ulong at = start; at < start + length; at += Page)
            Store(space, at, value);
    }

    private static void WithoutSavedPages(Action action)
    {
        SavedPagesPool pool = s_platform.Value.SavedPages;
        pool.Limit = 0;
        try
        {
            action();
        }
        finally
        {
            pool.Limit = int.MaxValue;
        }
    }

    /// <summary>Mappings that can still be reserved.</summary>
    private static int CountRoom(HostMappingBudget mappings)
    {
        int count = 0;
        for (int step = 1 << 15; step > 0; step /= 2)
        {
            if (mappings.TryReserve(step))
                count += step;
        }

        mappings.ChangeReserved(-count);
        return count;
    }

    /// <summary>Does something while the host allows the process half of <see cref="Much"/> more private memory that can be written.</summary>
    private static void WithLittleData(Action action)
    {
        ulong used = 0;
        foreach (string line in System.IO.File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmData:", StringComparison.Ordinal))
                used = ulong.Parse(line["VmData:".Length..^"kB".Length].Trim(), System.Globalization.CultureInfo.InvariantCulture) << 10;
        }

        Assert.Equal(0, GetLimit(RlimitData, out Limit limit));
        Assert.Equal(0, SetLimit(RlimitData, limit with { Soft = used + Much / 2 }));
        try
        {
            action();
        }
        finally
        {
            Assert.Equal(0, SetLimit(RlimitData, limit));
        }
    }

    /// <summary>Does something while the process has as many mappings as the host allows.</summary>
    private static void WithoutMappings(Action action)
    {
        const nint page = 4096;
        const int pages = 1 << 17;
        const int readWrite = 3;
        nint start = MapMemory(0, pages * page, readWrite, 0x4022, -1, 0);
        Assert.NotEqual(-1, start);
        try
        {
            for (int i = 0; i < pages && ProtectMemory(start + i * page, page, i % 2) == 0; i++)
                continue;
            action();
        }
        finally
        {
            UnmapMemory(start, pages * page);
        }
    }

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint MapMemory(nint address, nint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int ProtectMemory(nint address, nint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int UnmapMemory(nint address, nint length);

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int GetLimit(int resource, out Limit limit);

    [DllImport("libc", EntryPoint = "setrlimit")]
    private static extern int SetLimit(int resource, in Limit limit);

    private readonly record struct Limit(ulong Soft, ulong Hard);
}
