using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Vfs.Tests;

/// <summary>The enclave's memory is one number, and pages of files make room.</summary>
public sealed class ReclaimTests
{
    private const int Frames = 256;

    private readonly FakeFrames _frames = new(Frames);
    private readonly EnclaveMemory _memory;

    public ReclaimTests() => _memory = new EnclaveMemory(_frames);

    [Fact]
    public void FileLargerThanMemoryIsRead()
    {
        var pager = new FakePager(canWriteBack: true);
        var file = new MemoryObject(_memory, pager);
        for (int round = 0; round < 2; round++)
        {
            for (long page = 0; page < 4 * Frames; page++)
            {
                Assert.Equal(Errno.Success, file.Pin(page, 1, forStores: false, out FrameExtent run, out int pin));
                Assert.Equal(FakePager.ByteOf(page), _memory.GetBytes(run)[0]);
                file.Unpin(pin);
            }
        }

        Assert.True(file.ResidentPages <= Frames);
        file.RemoveUser();
        Assert.Equal(Frames, _frames.Available);
        Assert.Equal(0, _memory.CachedBytes);
        Assert.Equal(_memory.Total, _memory.FreeBytes);
    }

    [Fact]
    public void OneFileMakesRoomForAnother()
    {
        var first = new MemoryObject(_memory, new FakePager(canWriteBack: false));
        var second = new MemoryObject(_memory, new FakePager(canWriteBack: false));
        Fill(first, Frames);
        Assert.True(first.ResidentPages > 0);
        Fill(second, Frames);
        Assert.InRange(first.ResidentPages + second.ResidentPages, 1, Frames);
        first.RemoveUser();
        second.RemoveUser();
        Assert.Equal(Frames, _frames.Available);
    }

    [Fact]
    public void PinnedFramesStayUntilTheyAreUnpinned()
    {
        var file = new MemoryObject(_memory, new FakePager(canWriteBack: true));
        Assert.Equal(Errno.Success, file.Pin(0, 1, forStores: false, out FrameExtent run, out int pin));
        file.Discard(0, long.MaxValue, keepsCopies: false);
        Assert.Equal(FakePager.ByteOf(0), _memory.GetBytes(run)[0]);

        // Others pin and unpin all the time; what was removed must go as soon as the first has ended.
        for (long page = 1; page < 4; page++)
        {
            Assert.Equal(Errno.Success, file.Pin(page, 1, forStores: false, out _, out int other));
            file.Discard(0, long.MaxValue, keepsCopies: false);
            file.Unpin(other);
        }

        Assert.True(_frames.Available < Frames);
        file.Unpin(pin);
        file.Discard(0, long.MaxValue, keepsCopies: false);
        Assert.Equal(Frames, _frames.Available);
    }

    [Fact]
    public void ChangedPagesAreWrittenBackOrStay()
    {
        var kept = new FakePager(canWriteBack: true);
        var volume = new MemoryObject(_memory, kept);
        var import = new MemoryObject(_memory, new FakePager(canWriteBack: false));
        Change(volume, 3);
        Change(import, 5);
        var other = new MemoryObject(_memory, new FakePager(canWriteBack: true));
        Fill(other, 4 * Frames);
        Assert.Contains(3, kept.Written);
        Assert.False(volume.IsResident(3));
        Assert.True(import.IsResident(5));
        Assert.Equal(Errno.Success, import.Pin(5, 1, forStores: false, out FrameExtent run, out int pin));
        Assert.Equal(0x5A, _memory.GetBytes(run)[0]);
        import.Unpin(pin);
    }

    [Fact]
    public void PromisesAndSharedMemoryTakeFromTheSame()
    {
        var cached = new MemoryObject(_memory, new FakePager(canWriteBack: true));
        Fill(cached, Frames);
        ulong half = (ulong)_memory.Total / 2;
        Assert.True(_memory.TryTakePrivate(half));
        Assert.False(_memory.TryTakePrivate(half));
        var shared = new MemoryObject(_memory);
        Errno error = Errno.Success;
        long pages = 0;
        while (error == Errno.Success)
            error = shared.Populate(pages++, 1, out _);
        Assert.Equal(Errno.ENOMEM, error);
        Assert.True(pages < Frames / 2);

        // A part stays for programs' text.
        Assert.Equal(Errno.Success, cached.Populate(0, 1, out _));
        shared.RemoveUser();
        _memory.GivePrivate(half);
        cached.RemoveUser();
        Assert.Equal(_memory.Total, _memory.FreeBytes);
    }

    [Fact]
    public void UserTakesAShareOfKernelMemory()
    {
        var accounts = new KernelAccounts(_memory);
        Contracts.IKernelMemory first = accounts.Of(1000);
        int taken = 0;
        while (first.TryTake(4096))
            taken++;
        Assert.InRange(taken, 1, Frames / 4);
        Assert.True(accounts.Of(1001).TryTake(4096));
        accounts.Of(1001).Give(4096);
        first.Give(taken * 4096L);
        Assert.Equal(0, _memory.KernelBytes);
        Assert.Equal(_memory.Total, _memory.FreeBytes);
    }

    [Fact]
    public void MappedPagesAreUnmappedBeforeTheyGo()
    {
        var file = new MemoryObject(_memory, new FakePager(canWriteBack: true));
        var mapping = new FakeMapping();
        file.AddMapping(mapping);
        Fill(file, 8);
        var other = new MemoryObject(_memory, new FakePager(canWriteBack: true));
        Fill(other, 4 * Frames);
        Assert.False(file.IsResident(0));
        Assert.Contains(0, mapping.Unmapped);
        Assert.True(mapping.AllKeptCopies);
    }

    [Fact]
    public void WhatIsMappedAgainWhileItIsWrittenBackIsUnmappedAgain()
    {
        var pager = new FakePager(canWriteBack: true);
        var file = new MemoryObject(_memory, pager);
        var mapping = new FakeMapping();
        file.AddMapping(mapping);
        Change(file, 3);
        int unmappedBefore = 0;
        pager.OnWriteBack = () =>
        {
            // A program reads it through a private mapping, which changes nothing.
            unmappedBefore = mapping.Times[3];
            Assert.True(file.TryPin(3, 1, forStores: false, out _, out int pin));
            file.Unpin(pin);
        };
        Fill(new MemoryObject(_memory, new FakePager(canWriteBack: true)), 4 * Frames);
        Assert.Contains(3, pager.Written);
        Assert.False(file.IsResident(3));
        Assert.True(mapping.Times[3] > unmappedBefore, "Its frame is free, and the program still has it mapped.");
    }

    [Fact]
    public void WhatIsBeingWrittenBackIsNotGivenBackByOthers()
    {
        var pager = new FakePager(canWriteBack: true);
        var file = new MemoryObject(_memory, pager);
        Change(file, 3);
        var other = new MemoryObject(_memory, new FakePager(canWriteBack: true));
        bool wasThere = false;
        pager.OnWriteBack = () =>
        {
            // Nobody has used it for long, and others need memory: but what it holds is nowhere else yet.
            pager.OnWriteBack = null;
            Fill(other, 4 * Frames);
            wasThere = file.IsResident(3);
        };
        Assert.Equal(Errno.Success, file.WriteBack(0, long.MaxValue, isLast: true));
        Assert.True(wasThere);
        Fill(other, 4 * Frames);
        Assert.False(file.IsResident(3));
    }

    private static void Fill(MemoryObject file, long pages)
    {
        for (long page = 0; page < pages; page++)
            Assert.Equal(Errno.Success, file.Populate(page, 1, out _));
    }

    private void Change(MemoryObject file, long page)
    {
        Assert.Equal(Errno.Success, file.Pin(page, 1, forStores: true, out FrameExtent run, out int pin));
        _memory.GetBytes(run)[0] = 0x5A;
        file.Unpin(pin);
    }

    private sealed class FakePager(bool canWriteBack) : IPager
    {
        public List<long> Written { get; } = [];

        public Action? OnWriteBack { get; set; }

        public bool CanWriteBack => canWriteBack;

        public static byte ByteOf(long page) => (byte)(page % 251 + 1);

        public Errno ReadPages(long firstPage, Span<byte> into)
        {
            for (int i = 0; i < into.Length; i += FrameExtent.FrameSize)
                into.Slice(i, FrameExtent.FrameSize).Fill(ByteOf(firstPage + i / FrameExtent.FrameSize));
            return Errno.Success;
        }

        public Errno WriteBack(MemoryObject pages, long firstPage, int count)
        {
            OnWriteBack?.Invoke();
            for (int i = 0; i < count; i++)
                Written.Add(firstPage + i);
            return Errno.Success;
        }
    }

    private sealed class FakeMapping : IMemoryObjectMapping
    {
        public HashSet<long> Unmapped { get; } = [];

        public Dictionary<long, int> Times { get; } = [];

        public bool AllKeptCopies { get; private set; } = true;

        public void OnPagesRemoved(long firstPage, long count, bool keepsCopies)
        {
            AllKeptCopies &= keepsCopies;
            for (long page = firstPage; page < firstPage + Math.Min(count, 1024); page++)
            {
                Unmapped.Add(page);
                Times[page] = Times.GetValueOrDefault(page) + 1;
            }
        }
    }
}
