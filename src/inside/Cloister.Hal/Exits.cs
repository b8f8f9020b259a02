namespace Cloister.Hal;

/// <summary>
/// What leaving the enclave costs, on a platform where it costs nothing: a model, so that ways out can be compared without the hardware.
/// Platforms whose exits are real have none.
/// </summary>
public interface IExits
{
    /// <summary>The calling thread leaves the enclave to sleep, to wake another thread, or to call the host, and comes back.</summary>
    void Leave();

    /// <summary>How often a thread looks for what it waits for before it leaves the enclave to sleep: about as long as leaving takes.</summary>
    int Patience { get; }
}
