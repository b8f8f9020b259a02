using Cloister.Abi.Files;

namespace Cloister.Contracts.Files;

/// <summary>A file that the launcher was started with, and the first program begins with.</summary>
/// <param name="Descriptor">The number that the program has it under.</param>
/// <param name="Stream">Which of the streams of <see cref="IHostConsole"/> it is.</param>
/// <param name="Share">The share that is this regular file or directory (see <see cref="IHostFiles"/>); -1 for pipes, terminals and the like.</param>
/// <param name="Flags">How it was opened.</param>
public readonly record struct InheritedFile(int Descriptor, int Stream, int Share, OpenFlags Flags);
