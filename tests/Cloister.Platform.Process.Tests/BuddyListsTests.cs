using System;
using System.Collections.Generic;
using Cloister.Hal;
using Xunit;

namespace Cloister.Platform.Process.Tests;

/// <summary>Free frames come together again.</summary>
public sealed class BuddyListsTests
{
    private const int Total = 4096;

    [Fact]
    public void FramesAreGivenOnceAndBecomeWholeBlocksAgain()
    {
        var random = new Random(7);
        var lists = new BuddyLists(Total);
        var grown = new List<FrameExtent>();
        lists.Put(new FrameExtent(1, Total), threshold: 4, grown);
        var owners = new bool[Total + 1];
        var taken = new List<FrameExtent>();
        for (int round = 0; round < 20_000; round++)
        {
            if (random.Next(2) == 0 && lists.TryTake(random.Next(1, 65), out FrameExtent extent, out _))
            {
                for (int frame = extent.First; frame < extent.First + extent.Count; frame++)
                {
                    Assert.False(owners[frame]);
                    owners[frame] = true;
                }

                taken.Add(extent);
            }
            else if (taken.Count > 0)
            {
                int index = random.Next(taken.Count);
                FrameExtent given = taken[index];
                taken[index] = taken[^1];
                taken.RemoveAt(taken.Count - 1);
                owners.AsSpan(given.First, given.Count).Clear();
                lists.Put(given, threshold: 4, grown);
            }
        }

        foreach (FrameExtent extent in taken)
            lists.Put(extent, threshold: 4, grown);
        Assert.Equal(Total, lists.Count);
        for (int i = 0; i < Total >> BuddyLists.LargestOrder; i++)
            Assert.True(lists.TryTake(1 << BuddyLists.LargestOrder, out _, out _));
        Assert.Equal(0, lists.Count);
    }

    [Fact]
    public void BlockThatHasComeTogetherIsNamedOnce()
    {
        var lists = new BuddyLists(64);
        var grown = new List<FrameExtent>();
        for (int frame = 1; frame <= 16; frame++)
        {
            Assert.Empty(grown);
            lists.Put(new FrameExtent(frame, 1), threshold: 4, grown);
        }

        Assert.Equal([new FrameExtent(1, 16)], grown);
    }
}
