using System.Runtime.CompilerServices;
using System.Threading;

namespace Cloister.Nucleus.Locking;

/// <summary>
/// A lock of the kernel, declared with its place in the one order of all locks (<see cref="LockLevel"/>).
/// </summary>
/// <remarks>
/// A value, so that <c>lock (it)</c> doesn't compile: the way in is <c>using (it.Enter())</c>. Where the order is checked
/// (<see cref="LockOrder"/>), taking it against the order is a defect that ends the enclave. Who holds a lock may take it again.
/// </remarks>
public readonly struct KernelLock
{
    private readonly Lock _lock = new();
    private readonly LockLevel _level;

    /// <summary>Makes a lock that nobody holds.</summary>
    /// <param name="level">Its place in the order.</param>
    public KernelLock(LockLevel level) => _level = level;

    /// <summary>Takes the lock until the result is disposed of.</summary>
    /// <param name="member">Where, for the report of a defect; the compiler fills it in.</param>
    /// <param name="line">The line there.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (LockOrder.IsChecked)
            LockOrder.OnEntering(_lock, _level, isNext: false, member, line);
        return new Scope(_lock.EnterScope());
    }

    /// <summary>
    /// As <see cref="Enter"/>, where a lock of the same level is held: the caller keeps an order among these, and says
    /// which (the lower number first, children after parents).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope EnterNext([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (LockOrder.IsChecked)
            LockOrder.OnEntering(_lock, _level, isNext: true, member, line);
        return new Scope(_lock.EnterScope());
    }

    /// <summary>Holds the lock.</summary>
    public ref struct Scope
    {
        private Lock.Scope _scope;

        internal Scope(Lock.Scope scope) => _scope = scope;

        /// <summary>Leaves the lock.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (LockOrder.IsChecked)
                LockOrder.OnLeaving();
            _scope.Dispose();
        }
    }
}
