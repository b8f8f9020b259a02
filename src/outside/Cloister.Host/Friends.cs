using System.Runtime.CompilerServices;

// The messages of the control socket are tested where those of the rings are.
[assembly: InternalsVisibleTo("Cloister.HostPort.Tests")]
