using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Tests that count the descriptors of their process run while nothing else does.</summary>
[CollectionDefinition("descriptors of this process", DisableParallelization = true)]
public sealed class DescriptorCollection;
