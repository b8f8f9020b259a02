using System.Runtime.CompilerServices;

// The checks of the host's answers are internal and are tested one by one.
[assembly: InternalsVisibleTo("Cloister.HostPort.Tests")]
