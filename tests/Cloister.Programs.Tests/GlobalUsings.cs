global using Xunit;

// The programs measure time, and a machine with two CPUs is shared by each of them already.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
