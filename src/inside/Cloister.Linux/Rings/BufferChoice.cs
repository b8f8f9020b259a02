using Cloister.Abi.Files;
using Cloister.Abi.Rings;

namespace Cloister.Linux.Rings;

/// <summary>A buffer that was taken from a group: used by an operation, or returned where it would have to wait.</summary>
/// <param name="Group">The group; null for none.</param>
/// <param name="Address">The buffer.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Id">What the program knows it by.</param>
internal readonly record struct BufferChoice(RingBufferGroup? Group, ulong Address, ulong Length, ushort Id)
{
    /// <summary>Whether there is one.</summary>
    public bool IsSelected => Group is not null;

    /// <summary>Gives it to the program, or back to the group.</summary>
    /// <param name="isUsed">Whether something was put in.</param>
    /// <returns>What tells the program in the completion.</returns>
    public CompletionFlags End(bool isUsed)
    {
        if (Group is null)
            return CompletionFlags.None;
        if (!isUsed)
        {
            Group.Return(this);
            return CompletionFlags.None;
        }

        Group.OnUsed();
        return CompletionFlags.IORING_CQE_F_BUFFER | (CompletionFlags)((uint)Id << 16);
    }
}
