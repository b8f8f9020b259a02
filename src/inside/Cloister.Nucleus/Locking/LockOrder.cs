using System;
using System.Text;
using System.Threading;

namespace Cloister.Nucleus.Locking;

/// <summary>What a thread may have to wait for.</summary>
[Flags]
public enum WaitKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>An answer of the host, which may take as long as it likes.</summary>
    Host = 1,

    /// <summary>A page of a program: it may have to come from the host, and takes the lock of the address space.</summary>
    UserPage = 2,

    /// <summary>Another thread, an event, a time.</summary>
    Thread = 4,
}

/// <summary>
/// Checks at run time that locks are taken in the one order, and that nobody waits with a lock that forbids it.
/// </summary>
/// <remarks>
/// On in debug builds and in all tests; elsewhere a lock costs one test of a flag more. The state is the processor's
/// thread's, which is why this is the one place with a variable that isn't passed in.
/// </remarks>
public static class LockOrder
{
    [ThreadStatic]
    private static HeldLocks? t_held;

#if DEBUG
    private static bool s_isChecked = true;
#else
    private static bool s_isChecked;
#endif

    /// <summary>Whether the order is checked.</summary>
    public static bool IsChecked => s_isChecked;

    /// <summary>Begins to check, for as long as the process lives.</summary>
    public static void Check() => s_isChecked = true;

    /// <summary>Called before a thread waits, or may have to: a defect where a lock is held that forbids it.</summary>
    /// <param name="kind">For what.</param>
    /// <exception cref="LockOrderException">A lock forbids it.</exception>
    public static void AssertMayWait(WaitKinds kind)
    {
        if (IsChecked)
            t_held?.AssertMayWait(kind);
    }

    /// <summary>Called before a lock is taken.</summary>
    internal static void OnEntering(Lock entered, LockLevel level, bool isNext, string member, int line) =>
        (t_held ??= new HeldLocks()).Add(new HeldLock(entered, level, member, line), isNext);

    /// <summary>Called before the lock that was taken last is left.</summary>
    internal static void OnLeaving() => t_held?.RemoveLast();

    /// <summary>A lock that a thread holds, and where it took it.</summary>
    private readonly record struct HeldLock(Lock Lock, LockLevel Level, string Member, int Line)
    {
        public override string ToString() => $"{Level} (taken in {Member}, line {Line})";
    }

    /// <summary>The locks of one thread, in the order in which it took them.</summary>
    private sealed class HeldLocks
    {
        private HeldLock[] _locks = new HeldLock[16];
        private int _count;

        public void Add(HeldLock added, bool isNext)
        {
            // A lock that the thread holds already can't make it wait.
            bool isHeld = added.Lock.IsHeldByCurrentThread;
            for (int i = 0; i < _count && !isHeld; i++)
            {
                LockLevel held = _locks[i].Level;
                if (held > added.Level || (held == added.Level && !isNext && !LockLevels.OrdersItself(held)))
                    throw new LockOrderException($"{added} is taken against the order{Describe()}");
            }

            if (_count == _locks.Length)
                Array.Resize(ref _locks, _count * 2);
            _locks[_count++] = added;
        }

        // The check may have begun while the lock was held.
        public void RemoveLast() => _count = Math.Max(0, _count - 1);

        public void AssertMayWait(WaitKinds kind)
        {
            for (int i = 0; i < _count; i++)
            {
                if ((LockLevels.MayWaitFor(_locks[i].Level) & kind) == 0)
                    throw new LockOrderException($"the thread may wait ({kind}) with a lock that forbids it{Describe()}");
            }
        }

        private string Describe()
        {
            var text = new StringBuilder("; it holds");
            for (int i = 0; i < _count; i++)
                text.Append(i == 0 ? " " : ", then ").Append(_locks[i].ToString());
            return text.ToString();
        }
    }
}

/// <summary>
/// Locks were taken against their order. It ends the enclave: its stack trace has both places, since locks are held by
/// the methods that called the last one.
/// </summary>
public sealed class LockOrderException(string message) : Exception(message);
