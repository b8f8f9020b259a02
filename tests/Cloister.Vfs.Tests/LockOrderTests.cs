using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Tests;

/// <summary>The checker of the locks' order sees what is planted, and nothing else.</summary>
public sealed class LockOrderTests
{
    private readonly KernelLock _outer = new(LockLevel.Processes);
    private readonly KernelLock _inner = new(LockLevel.WaitQueue);
    private readonly KernelLock _bucket = new(LockLevel.Futexes);
    private readonly KernelLock _otherBucket = new(LockLevel.Futexes);

    [Fact]
    public void OrderIsFine()
    {
        using (_outer.Enter())
        {
            using (_inner.Enter())
            {
            }
        }
    }

    [Fact]
    public void InversionIsFoundWithBothPlaces()
    {
        LockOrderException? found = null;
        using (_inner.Enter())
            found = Assert.Throws<LockOrderException>(TakeOuter);
        Assert.Contains("Processes (taken in TakeOuter", found.Message);
        Assert.Contains("WaitQueue (taken in InversionIsFoundWithBothPlaces", found.Message);
        Assert.Contains(nameof(TakeOuter), found.StackTrace);

        // Nothing is held any more.
        OrderIsFine();
    }

    [Fact]
    public void LockThatIsHeldMayBeTakenAgain()
    {
        using (_outer.Enter())
        {
            using (_inner.Enter())
                TakeOuter();
        }
    }

    [Fact]
    public void SecondLockOfALevelHasToSayThatItIsOne()
    {
        using (_bucket.Enter())
        {
            Assert.Throws<LockOrderException>(() =>
            {
                using (_otherBucket.Enter())
                {
                }
            });
            using (_otherBucket.EnterNext())
            {
            }
        }
    }

    [Theory]
    [InlineData(WaitKinds.Host)]
    [InlineData(WaitKinds.UserPage)]
    [InlineData(WaitKinds.Thread)]
    public void NobodyWaitsWithALockThatForbidsIt(WaitKinds kind)
    {
        LockOrder.AssertMayWait(kind);
        using (_outer.Enter())
            Assert.Throws<LockOrderException>(() => LockOrder.AssertMayWait(kind));
        LockOrder.AssertMayWait(kind);
    }

    [Fact]
    public void PositionOfAFileAllowsWaiting()
    {
        var position = new KernelLock(LockLevel.FilePosition);
        using (position.Enter())
            LockOrder.AssertMayWait(WaitKinds.Host);
    }

    private void TakeOuter()
    {
        using (_outer.Enter())
        {
        }
    }
}
