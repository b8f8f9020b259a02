using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Signals;

/// <summary>What a process does with each signal; shared by CLONE_SIGHAND (struct sighand_struct).</summary>
internal sealed class SignalActions
{
    private readonly SignalAction[] _actions = new SignalAction[Signal.Last + 1];

    // Innermost: processes that share this have signal locks of their own.
    private readonly KernelLock _lock = new(LockLevel.SignalActions);

    public SignalAction this[int signal]
    {
        get
        {
            using (_lock.Enter())
                return _actions[signal];
        }

        set
        {
            using (_lock.Enter())
                _actions[signal] = value;
        }
    }

    public SignalActions Clone()
    {
        var copy = new SignalActions();
        using (_lock.Enter())
            _actions.CopyTo(copy._actions, 0);
        return copy;
    }

    /// <summary>execve(2): handlers are gone, ignored signals stay ignored.</summary>
    public void ResetForExec()
    {
        using (_lock.Enter())
        {
            for (int i = 1; i <= Signal.Last; i++)
            {
                ulong handler = _actions[i].Handler == SignalAction.Ignore ? SignalAction.Ignore : SignalAction.Default;
                _actions[i] = new SignalAction { Handler = handler };
            }
        }
    }

    /// <summary>Whether a signal has no effect when it is delivered.</summary>
    public bool IsIgnored(int signal)
    {
        ulong handler = Volatile.Read(ref _actions[signal].Handler);
        return handler == SignalAction.Ignore ||
            (handler == SignalAction.Default && (Signal.IgnoredByDefault & Signal.Bit(signal)) != 0);
    }
}
