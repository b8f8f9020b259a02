using System.Runtime.CompilerServices;
using Cloister.Hal;

namespace Cloister.Nucleus;

/// <summary>
/// Sleepers to wake when the waker has left its lock. A thread that is woken with the lock still held runs into it at
/// once, and two wake-ups become four.
/// </summary>
public struct WakeBatch
{
    private const int Capacity = 16;

    private Parkers _parkers;
    private int _count;

    /// <summary>Notes a sleeper. When there are many, the rest are woken right away.</summary>
    public void Add(IParker parker)
    {
        if (_count == Capacity)
            parker.Unpark();
        else
            _parkers[_count++] = parker;
    }

    /// <summary>Wakes all that were noted. Called without the lock.</summary>
    public void Wake()
    {
        for (int i = 0; i < _count; i++)
            _parkers[i].Unpark();
        _count = 0;
    }

    [InlineArray(Capacity)]
    private struct Parkers
    {
        private IParker _first;
    }
}
