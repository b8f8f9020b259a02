using System.Runtime.CompilerServices;
using Cloister.Nucleus.Locking;

namespace Cloister.HostPort.Tests;

/// <summary>Locks that are taken against their order fail the test that does it.</summary>
internal static class LockOrderSetup
{
#pragma warning disable CA2255 // The setting is the process's, and must precede every test.
    [ModuleInitializer]
    internal static void Check() => LockOrder.Check();
#pragma warning restore CA2255
}
