using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Monitor.Enclaves;

namespace Cloister.Monitor.Boot;

/// <summary>Who the monitor is: what the first stage leaves.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Identity
{
    public Hash Measurement;
    public Key PublicKey;
    public Key DeviceKey;

    /// <summary>The monitor's expanded private key.</summary>
    public Hash PrivateKey;

    /// <summary>The device's signature of measurement and public key.</summary>
    public Hash Signature;

    [InlineArray(Size)]
    internal struct Key
    {
        public const int Size = 32;

        private byte _first;
    }
}
