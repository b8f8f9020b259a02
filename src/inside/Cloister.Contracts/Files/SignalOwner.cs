namespace Cloister.Contracts.Files;

/// <summary>Who gets the signals of a file: SIGIO, SIGURG (fcntl(2), F_SETOWN_EX).</summary>
/// <param name="Kind">What the number is of.</param>
/// <param name="Id">A thread, process or process group; 0 for nobody.</param>
/// <param name="UserId">User who has said so: the signals are sent with that one's permissions.</param>
public readonly record struct SignalOwner(SignalOwnerKind Kind, int Id, uint UserId = 0)
{
    /// <summary>Whether nobody gets them.</summary>
    public bool IsNone => Id == 0;

    /// <summary>As F_GETOWN shows it: groups are negative.</summary>
    public int Number => Kind == SignalOwnerKind.F_OWNER_PGRP ? -Id : Id;

    /// <summary>A process.</summary>
    public static SignalOwner OfProcess(int id) => new(SignalOwnerKind.F_OWNER_PID, id);
}

/// <summary>Kinds of owner; the numbers are those of struct f_owner_ex.</summary>
public enum SignalOwnerKind
{
    /// <summary>A thread.</summary>
    F_OWNER_TID = 0,

    /// <summary>A process.</summary>
    F_OWNER_PID = 1,

    /// <summary>A process group.</summary>
    F_OWNER_PGRP = 2,
}

/// <summary>What a signal of a file tells (sigaction(2), SIGIO).</summary>
/// <param name="Fd">The descriptor for which O_ASYNC was set.</param>
/// <param name="Reason">si_code: POLL_IN and so on.</param>
/// <param name="Band">si_band: the bits of poll(2).</param>
public readonly record struct ReadinessDetails(int Fd, int Reason, long Band);
