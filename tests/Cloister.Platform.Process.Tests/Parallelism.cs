using Xunit;

// The platform takes the process's signal handlers and address ranges: a process has one of them at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
