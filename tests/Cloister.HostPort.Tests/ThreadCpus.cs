using System.Threading;
using Cloister.Hal;

namespace Cloister.HostPort.Tests;

/// <summary>Kernel threads made of ordinary ones.</summary>
internal sealed class ThreadCpus : ICpus
{
    public int Count => 2;

    public int Current => 0;

    public bool CanSynchronize => false;

    public void Yield() => Thread.Yield();

    public void Synchronize(bool instructions) => throw new System.NotSupportedException("These processors have no barrier.");

    public IReservedThread Reserve() => new Reserved();

    public IParker CreateParker() => new Parker();

    private sealed class Reserved : IReservedThread
    {
        public void Start(IKernelThreadEntry entry) => new Thread(entry.Run) { IsBackground = true }.Start();

        public void Cancel()
        {
        }
    }

    internal sealed class Parker : IParker
    {
        private readonly AutoResetEvent _token = new(false);

        public bool Park(long deadline) => _token.WaitOne();

        public void Unpark() => _token.Set();
    }
}
