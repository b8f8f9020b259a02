using System;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux;

/// <summary>What becomes of exceptions that reach a thread's border.</summary>
internal static class Defects
{
    /// <summary>Whether only the program suffers whose call it was: a lock out of order is everybody's danger, and must be seen.</summary>
    public static bool ConcernOneProgram(Exception defect) => defect is not (OutOfMemoryException or LockOrderException);
}
