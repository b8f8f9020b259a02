namespace Cloister.Contracts;

/// <summary>
/// What the kernel keeps on behalf of one user's programs, and they can make grow: inodes, messages on their way, timers. It is
/// taken from the enclave's memory, of which no user gets more than a share.
/// </summary>
/// <remarks>
/// What is taken is an estimate of what objects weigh on the kernel's heap. Who takes keeps the account with the object and
/// gives back as much when the object goes: by then the caller may be another user.
/// </remarks>
public interface IKernelMemory
{
    /// <summary>Takes memory for an object that is about to be made.</summary>
    /// <returns>False where the share or the memory is used up: the call fails with ENOMEM, or what Linux gives at its own limit.</returns>
    bool TryTake(long bytes);

    /// <summary>Gives it back.</summary>
    void Give(long bytes);
}
