using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;
using Xunit;

namespace Cloister.Platform.Process.Tests;

/// <summary>Address spaces by their contract: what is mapped, who pays, how spaces share addresses, and fork.</summary>
public sealed partial class AddressSpaceTests
{
    private const ulong Page = FrameExtent.FrameSize;
    private const ulong Gigabyte = 1UL << 30;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    // One a process: it takes the addresses, and puts its handlers in front of the runtime's. Tests that make CoreCLR collect and
    // compile much have another process (docs/process-platform.md, "Known defect on CoreCLR").
    private static readonly Lazy<ProcessPlatform> s_platform = new(() =>
    {
        var platform = new ProcessPlatform(new NoHost(), 64 << 20);
        platform.Begin();
        return platform;
    });

    private readonly Budget _budget = new(64 << 20);

    private static IPlatform Platform => s_platform.Value;

    [Fact]
    public void What_is_mapped_is_found_in_a_sparse_range_and_nothing_else()
    {
        using IAddressSpace space = Create();
        ulong start = 8UL << 40;
        Assert.Equal(Errno.Success, space.MapAnonymous(start, 4096 * Gigabyte, ReadWrite, isPromised: false));
        ulong last = start + 4096 * Gigabyte - Page;
        Assert.Equal(0, space.FindPresent(start, last + Page, new PageRun[4]));
        Store(space, last, 7);
        var runs = new PageRun[4];
        Assert.Equal(1, space.FindPresent(start, last + Page, runs));
        Assert.Equal(new PageRun(last, last + Page, true), runs[0]);
        Assert.Equal(Errno.Success, space.Unmap(start + Gigabyte, Gigabyte));
        Assert.True(space.TryFindMapped(start, last + Page, out PageRun run));
        Assert.Equal(new PageRun(start, start + Gigabyte, true), run);
        Assert.True(space.TryFindMapped(run.End, last + Page, out run));
        Assert.Equal(start + 2 * Gigabyte, run.Start);
        Assert.False(space.TryFindMapped(start + Gigabyte, start + 2 * Gigabyte, out _));
    }

    [Fact]
    public void Memory_that_was_promised_to_nobody_is_paid_for_when_it_is_touched()
    {
        using IAddressSpace space = Create();
        ulong start = Home(space);
        Assert.Equal(Errno.Success, space.MapAnonymous(start, Gigabyte, ReadWrite, isPromised: false));
        Assert.Equal(0, _budget.Taken);
        ulong at = start;
        while (TryStore(space, at, 1) && at < start + Gigabyte)
            at += 64 << 10;
        Assert.InRange(at - start, 56UL << 20, 64UL << 20);
        Assert.Equal(Errno.ENOMEM, space.ResolveFault(at, true, false));
        Assert.Equal(Errno.Success, space.Discard(start, Gigabyte));
        Assert.Equal(0, _budget.Taken);
        Store(space, at, 2);
        Assert.Equal(Errno.Success, space.Unmap(start, Gigabyte));
        Assert.Equal(0, _budget.Taken);
    }

    [Fact]
    public void Pages_that_leave_one_by_one_leave_no_page_tables_behind()
    {
        const ulong table = 2 << 20;
        const ulong count = 1024;
        using IAddressSpace space = Create();
        ulong start = Home(space) + Page;
        Assert.True(Platform.Frames.TryAllocate(1, out FrameExtent frame));
        long before = PageTables();
        for (ulong i = 0; i < count; i++)
        {
            Assert.Equal(Errno.Success, space.MapFrames(start + i * table, frame, Protection.Read, copyOnWrite: false));
            Assert.Equal(0, Load(space, start + i * table));

            // Two in one table: the first one's going must not take the second one along.
            Assert.Equal(Errno.Success, space.MapFrames(start + i * table + 8 * Page, frame, Protection.Read, copyOnWrite: false));
            Assert.Equal(Errno.Success, space.Unmap(start + i * table, Page));
            Assert.Equal(0, Load(space, start + i * table + 8 * Page));
            Assert.Equal(Errno.Success, space.Unmap(start + i * table + 8 * Page, Page));
        }

        Assert.InRange(PageTables() - before, long.MinValue, (long)count * 4 / 8);
        Platform.Frames.Free(frame);
    }

    /// <summary>KiB of page tables that the host keeps for this process.</summary>
    private static long PageTables()
    {
        foreach (string line in System.IO.File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmPTE:", StringComparison.Ordinal))
                return long.Parse(line["VmPTE:".Length..^"kB".Length].Trim(), System.Globalization.CultureInfo.InvariantCulture);
        }

        return 0;
    }

    [Fact]
    public void Moved_and_protected_pages_keep_their_content()
    {
        using IAddressSpace space = Create();
        ulong from = Home(space);
        ulong to = from + 4096 * Page;
        Assert.True(Platform.Frames.TryAllocate(4, out FrameExtent frames));
        Platform.Frames.GetBytes(frames)[(int)Page] = 9;
        Assert.Equal(Errno.Success, space.MapAnonymous(from, 4 * Page, ReadWrite, isPromised: true));
        Assert.Equal(Errno.Success, space.MapFrames(from + 4 * Page, frames, ReadWrite, copyOnWrite: true));
        Store(space, from + Page, 5);
        Store(space, from + 4 * Page, 6);
        Assert.Equal(Errno.Success, space.Protect(from + Page, 4 * Page, Protection.Read));
        Assert.Equal(Errno.Success, space.Move(from, 16 * Page, to));
        Assert.Equal(5, Load(space, to + Page));
        Assert.Equal(6, Load(space, to + 4 * Page));
        Assert.Equal(9, Load(space, to + 5 * Page));
        Assert.False(TryStore(space, to + Page, 1));
        Assert.Equal(Errno.EACCES, space.ResolveFault(to + Page, true, false));
        Assert.False(space.TryFindMapped(from, from + 16 * Page, out _));
        Assert.Equal(Errno.EFAULT, space.ResolveFault(from, false, false));
        var runs = new PageRun[8];
        int count = space.FindPresent(to, to + 16 * Page, runs);
        Assert.Contains(new PageRun(to + Page, to + 2 * Page, true), runs[..count]);
        Assert.Contains(new PageRun(to + 4 * Page, to + 5 * Page, true), runs[..count]);
        Assert.Equal(Errno.Success, space.Unmap(to, 16 * Page));
        Platform.Frames.Free(frames);
    }

    [Fact]
    public void Home_ranges_are_apart_and_many()
    {
        var spaces = new List<IAddressSpace>();
        try
        {
            var homes = new List<PageRange>();
            for (int i = 0; i < 300; i++)
            {
                spaces.Add(Create());
                homes.Add(spaces[^1].Placement!.HomeRange);
            }

            homes.Sort((a, b) => a.Start.CompareTo(b.Start));
            for (int i = 1; i < homes.Count; i++)
                Assert.True(homes[i - 1].End <= homes[i].Start);
        }
        finally
        {
            spaces.ForEach(space => space.Dispose());
        }
    }

    [Fact]
    public void A_clone_has_the_same_private_pages_and_then_its_own()
    {
        using IAddressSpace parent = Create();
        IAddressSpace child = Create();
        ulong start = Home(parent);
        ulong low = 0x7000_0000;
        Assert.True(Platform.Frames.TryAllocate(3, out FrameExtent frames));
        Platform.Frames.GetBytes(frames)[0] = 40;
        Platform.Frames.GetBytes(frames)[(int)(2 * Page)] = 42;
        Assert.Equal(Errno.Success, parent.MapAnonymous(start, 64 * Page, ReadWrite, isPromised: true));
        Assert.Equal(Errno.Success, parent.MapAnonymous(start + 100 * Page, 4 * Page, ReadWrite, isPromised: false));
        Assert.Equal(Errno.Success, parent.MapFrames(low, frames, ReadWrite, copyOnWrite: true));
        Assert.Equal(Errno.Success, parent.MapFrames(low + 16 * Page, frames, ReadWrite, copyOnWrite: false));
        for (ulong i = 0; i < 64; i += 3)
            Store(parent, start + i * Page, (byte)(i + 1));
        Store(parent, start + 101 * Page, 99);
        Store(parent, low + Page, 41);
        Assert.Equal(Errno.Success, parent.Protect(start + 3 * Page, Page, Protection.None));
        long paid = _budget.Taken;

        Assert.Equal(Errno.Success, parent.Clone([new PageRange(low, low + 32 * Page), new PageRange(start, start + 200 * Page)], child));
        Assert.Equal(2 * paid, _budget.Taken);
        for (int turn = 0; turn < 3; turn++)
        {
            foreach (IAddressSpace space in new[] { child, parent })
            {
                byte own = (byte)(space == child && turn > 0 ? 200 : 1);
                Assert.Equal(own, Load(space, start));
                Assert.Equal(0, Load(space, start + Page));
                Assert.Equal(7, Load(space, start + 6 * Page));
                Assert.Equal(99, Load(space, start + 101 * Page));
                Assert.Equal(40, Load(space, low));
                Assert.Equal(41, Load(space, low + Page));
                Assert.Equal(42, Load(space, low + 2 * Page));
                Assert.False(TryStore(space, start + 3 * Page, 1));
                Assert.False(space.TryFindMapped(start + 64 * Page, start + 100 * Page, out _));
            }

            Store(child, start, 200);
        }

        // Shared frames stay shared; what was without rights has kept its content.
        Store(child, low + 16 * Page, 50);
        Assert.Equal(50, Load(parent, low + 16 * Page));
        Assert.Equal(50, Load(child, low));
        Assert.Equal(Errno.Success, child.Protect(start + 3 * Page, Page, Protection.Read));
        Assert.Equal(4, Load(child, start + 3 * Page));
        child.Dispose();
        Assert.Equal(paid, _budget.Taken);
        Assert.Equal(7, Load(parent, start + 6 * Page));
        Assert.Equal(Errno.Success, parent.Unmap(low, 32 * Page));
        Platform.Frames.Free(frames);
    }

    [Fact]
    public void A_clone_that_nobody_can_pay_for_is_refused()
    {
        using IAddressSpace parent = Create();
        using IAddressSpace child = Create();
        ulong start = Home(parent);
        Assert.Equal(Errno.Success, parent.MapAnonymous(start, 40 << 20, ReadWrite, isPromised: false));
        for (ulong i = 0; i < 40; i++)
            Store(parent, start + (i << 20), 1);
        Assert.Equal(Errno.Success, parent.Prefault(start, 40 << 20, write: true));
        Assert.Equal(Errno.ENOMEM, parent.Clone([new PageRange(start, start + (40 << 20))], child));
        Assert.Equal(1, Load(parent, start + (7 << 20)));
    }

    [Fact]
    public void A_parent_may_go_before_its_child_and_its_addresses_stay_taken()
    {
        IAddressSpace parent = Create();
        using IAddressSpace child = Create();
        ulong start = Home(parent);
        Assert.Equal(Errno.Success, parent.MapAnonymous(start, 4 * Page, ReadWrite, isPromised: true));
        Store(parent, start, 3);
        Assert.Equal(Errno.Success, parent.Clone([new PageRange(start, start + 4 * Page)], child));
        parent.Dispose();
        Assert.Equal(3, Load(child, start));
        using IAddressSpace other = Create();
        Assert.NotEqual(start & ~(UserAddressRange.ArenaSize - 1), other.Placement!.HomeRange.Start);
        Assert.Equal(3, Load(child, start));
    }

    [Fact]
    public void Children_that_map_the_same_share_mappings_until_one_of_them_maps_something()
    {
        using IAddressSpace parent = Create();
        ulong start = Home(parent);
        Assert.Equal(Errno.Success, parent.MapAnonymous(start, 64 * Page, ReadWrite, isPromised: true));
        Store(parent, start, 1);
        PageRange[] all = [new PageRange(start, start + 64 * Page)];
        var children = new List<IAddressSpace>();
        for (byte i = 0; i < 5; i++)
        {
            Store(parent, start + Page, i);
            children.Add(Create());
            Assert.Equal(Errno.Success, parent.Clone(all, children[i]));
        }

        // Each has what was there at its moment, and what it writes itself; the second maps, and the fourth goes.
        Store(parent, start + 9 * Page, 100);
        Assert.Equal(Errno.Success, children[1].MapAnonymous(start + 70 * Page, Page, ReadWrite, isPromised: true));
        Store(children[1], start + 70 * Page, 70);
        children[3].Dispose();
        for (int turn = 0; turn < 3; turn++)
        {
            foreach (int i in new[] { 0, 1, 2, 4 })
            {
                Assert.Equal(1, Load(children[i], start));
                Assert.Equal(i, Load(children[i], start + Page));
                Assert.Equal(turn == 0 ? 0 : i + 10, Load(children[i], start + 9 * Page));
                Store(children[i], start + 9 * Page, (byte)(i + 10));
            }

            Assert.Equal(100, Load(parent, start + 9 * Page));
        }

        Assert.Equal(70, Load(children[1], start + 70 * Page));
        Assert.False(parent.TryFindMapped(start + 64 * Page, start + 80 * Page, out _));
        parent.Protect(start, Page, Protection.Read);
        Assert.True(TryStore(children[2], start, 2));
        Assert.False(TryStore(parent, start, 2));
        foreach (int i in new[] { 2, 1, 4, 0 })
        {
            Assert.Equal(i, Load(children[i], start + Page));
            children[i].Dispose();
        }

        Assert.Equal(4, Load(parent, start + Page));
    }

    [Fact]
    public void Forks_leave_nothing_behind_in_the_host()
    {
        using IAddressSpace parent = Create();
        ulong start = Home(parent);
        Assert.Equal(Errno.Success, parent.MapAnonymous(start, 64 * Page, ReadWrite, isPromised: true));
        Store(parent, start, 1);
        int before = 0;
        for (int i = 0; i < 220; i++)
        {
            using IAddressSpace child = Create();
            Assert.Equal(Errno.Success, parent.Clone([new PageRange(start, start + 64 * Page)], child));
            Store(child, start + (ulong)(i % 60) * Page, 2);
            if (i % 3 == 0)
                Assert.Equal(Errno.Success, child.Unmap(start + 8 * Page, Page));
            if (i % 5 == 0)
                Assert.Equal(Errno.Success, parent.Protect(start + 63 * Page, Page, i % 2 == 0 ? Protection.Read : ReadWrite));
            // The first ones fill what is kept for the next.
            if (i == 20)
                before = ProgramMappings();
        }

        Assert.InRange(ProgramMappings(), 1, before + 2);
        Assert.Equal(1, Load(parent, start));
    }

    /// <summary>Mappings of the host in the addresses of programs: the runtime's own come and go.</summary>
    private static int ProgramMappings()
    {
        int count = 0;
        foreach (string line in System.IO.File.ReadLines("/proc/self/maps"))
        {
            ulong address = Convert.ToUInt64(line[..line.IndexOf('-')], 16);
            if (address >= 30UL << 40 && address < 126UL << 40)
                count++;
        }

        return count;
    }

    private static ulong Home(IAddressSpace space) => space.Placement!.HomeRange.Start + Gigabyte;

    private IAddressSpace Create()
    {
        IAddressSpace? space = Platform.Mmu.CreateAddressSpace(_budget);
        Assert.NotNull(space);
        return space;
    }

    private static void Store(IAddressSpace space, ulong address, byte value) => Assert.True(TryStore(space, address, value));

    private static bool TryStore(IAddressSpace space, ulong address, byte value)
    {
        while (space.CopyOut(address, [value], out _) != 1)
        {
            if (space.ResolveFault(address, true, false) != Errno.Success)
                return false;
        }

        return true;
    }

    private static byte Load(IAddressSpace space, ulong address)
    {
        Span<byte> value = stackalloc byte[1];
        while (space.CopyIn(address, value, out _) != 1)
            Assert.Equal(Errno.Success, space.ResolveFault(address, false, false));
        return value[0];
    }

    private sealed class Budget(long limit) : IPageBudget
    {
        public long Taken { get; private set; }

        public bool TryTake(ulong bytes)
        {
            if (Taken + (long)bytes > limit)
                return false;
            Taken += (long)bytes;
            return true;
        }

        public void Give(ulong bytes) => Taken -= (long)bytes;
    }

    private sealed class NoHost : IHostPort
    {
        public Span<byte> SharedMemory => default;

        public void Ring()
        {
        }

        public void Attach(IParker completions)
        {
        }
    }
}
