using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Ipc;

/// <summary>struct semid64_ds of x86-64.</summary>
[StructLayout(LayoutKind.Sequential, Size = 104)]
internal struct SemaphoreStatus
{
    public IpcPermissions Permissions;
    public long OperationTime;
    public ulong Reserved1;
    public long ChangeTime;
    public ulong Reserved2;
    public ulong Count;

    /// <summary>Reads what IPC_SET sets.</summary>
    public static bool TryRead(LinuxThread thread, UserAddress address, out IpcPermissions permissions)
    {
        if (thread.Cpu.HasGenericStructures)
        {
            bool isRead = thread.Memory.TryRead(address, out GenericSemaphoreStatus generic);
            permissions = generic.Permissions;
            return isRead;
        }

        bool isThere = thread.Memory.TryRead(address, out SemaphoreStatus status);
        permissions = status.Permissions;
        return isThere;
    }

    /// <summary>Gives it to a program.</summary>
    public readonly bool TryWrite(LinuxThread thread, UserAddress address) => thread.Cpu.HasGenericStructures
        ? thread.Memory.TryWrite(address, new GenericSemaphoreStatus
        {
            Permissions = Permissions,
            OperationTime = OperationTime,
            ChangeTime = ChangeTime,
            Count = Count,
        })
        : thread.Memory.TryWrite(address, this);
}

/// <summary>The same of asm-generic.</summary>
[StructLayout(LayoutKind.Sequential, Size = 88)]
internal struct GenericSemaphoreStatus
{
    public IpcPermissions Permissions;
    public long OperationTime;
    public long ChangeTime;
    public ulong Count;
}

/// <summary>struct sembuf.</summary>
internal readonly record struct SemaphoreOperation(ushort Number, short Value, short Flags)
{
    public const short SEM_UNDO = 0x1000;

    public bool IsUndone => (Flags & SEM_UNDO) != 0;

    public bool Waits => (Flags & (short)IpcFlags.IPC_NOWAIT) == 0;
}

/// <summary>A thread in semop(2). Guarded by the lock of the table.</summary>
internal sealed class SemaphoreWaiter(LinuxThread thread, SemaphoreOperation[] operations)
{
    public LinuxThread Thread { get; } = thread;

    public SemaphoreOperation[] Operations { get; } = operations;

    /// <summary>The operation that can't be done yet.</summary>
    public SemaphoreOperation Blocking { get; set; }

    /// <summary>Null while it waits.</summary>
    public Errno? Result { get; set; }
}

/// <summary>What the end of a process changes in a set (SEM_UNDO of semop(2)).</summary>
/// <param name="process">The process.</param>
/// <param name="set">The set.</param>
/// <param name="account">Whose kernel memory it is made of.</param>
internal sealed class SemaphoreUndo(LinuxProcess process, SemaphoreSet set, IKernelMemory account)
{
    /// <summary>What one weighs on the kernel's heap.</summary>
    public static long WeightOf(SemaphoreSet set) => 128 + set.Count * sizeof(short);

    /// <summary>Gives back what it is made of.</summary>
    public void Forget() => account.Give(WeightOf(Set));

    public LinuxProcess Process { get; } = process;

    public SemaphoreSet Set { get; } = set;

    public short[] Adjustments { get; } = new short[set.Count];
}

/// <summary>A set of semget(2). Guarded by the lock of the table.</summary>
/// <remarks>
/// Whoever changes a value does the operations of those that wait, in order of arrival (do_smart_update of Linux): a woken
/// thread finds its operations done, and nobody overtakes it.
/// </remarks>
internal sealed class SemaphoreSet(LinuxThread creator, IpcFlags flags, int count) : IpcObject(creator, flags)
{
    private readonly ushort[] _values = new ushort[count];
    private readonly int[] _processes = new int[count];
    private readonly List<SemaphoreWaiter> _waiters = [];
    private readonly List<SemaphoreUndo> _undos = [];

    public int Count => _values.Length;

    public long OperationTime { get; private set; }

    public override ulong OpenSize => (ulong)Count;

    public SemaphoreStatus Status => new()
    {
        Permissions = Permissions,
        OperationTime = OperationTime,
        ChangeTime = ChangeTime,
        Count = (ulong)Count,
    };

    /// <summary>What a set weighs on the kernel's heap.</summary>
    public static long WeightOf(int count) => 256 + count * 6L;

    public int ValueOf(int number) => _values[number];

    /// <summary>The process that changed a semaphore last (GETPID).</summary>
    public int ProcessOf(int number) => _processes[number];

    /// <summary>Threads that wait for a semaphore to grow, or to be 0 (GETNCNT, GETZCNT).</summary>
    public int CountWaiters(int number, bool forZero)
    {
        int found = 0;
        foreach (SemaphoreWaiter waiter in _waiters)
        {
            if (waiter.Blocking.Number == number && waiter.Blocking.Value == 0 == forZero)
                found++;
        }

        return found;
    }

    /// <summary>Does all operations, or none.</summary>
    /// <returns>Success; EAGAIN where one has to wait, which is then <see cref="SemaphoreWaiter.Blocking"/>; ERANGE, ENOMEM.</returns>
    public Errno TryOperate(SemaphoreWaiter waiter)
    {
        SemaphoreOperation[] operations = waiter.Operations;
        LinuxProcess process = waiter.Thread.Process;
        SemaphoreUndo? undo = null;
        Errno error = Errno.Success;
        int done = 0;
        for (; done < operations.Length && error == Errno.Success; done++)
        {
            SemaphoreOperation operation = operations[done];
            int value = _values[operation.Number] + operation.Value;
            if (operation.Value == 0 ? value != 0 : value < 0)
            {
                waiter.Blocking = operation;
                error = Errno.EAGAIN;
                break;
            }

            if (value > IpcLimits.SemaphoreValue)
            {
                error = Errno.ERANGE;
                break;
            }

            if (operation.IsUndone && operation.Value != 0)
            {
                undo ??= FindUndo(waiter.Thread);
                if (undo is null)
                {
                    error = Errno.ENOMEM;
                    break;
                }

                int adjustment = undo.Adjustments[operation.Number] - operation.Value;
                if (adjustment is < -IpcLimits.SemaphoreValue - 1 or > IpcLimits.SemaphoreValue)
                {
                    error = Errno.ERANGE;
                    break;
                }

                undo.Adjustments[operation.Number] = (short)adjustment;
            }

            _values[operation.Number] = (ushort)value;
        }

        if (error != Errno.Success)
        {
            while (--done >= 0)
                TakeBack(operations[done], undo);
            return error;
        }

        foreach (SemaphoreOperation operation in operations)
            _processes[operation.Number] = process.ProcessId;
        OperationTime = Now(waiter.Thread);
        return Errno.Success;
    }

    /// <summary>Lets a thread wait at the end of the queue.</summary>
    public void Add(SemaphoreWaiter waiter) => _waiters.Add(waiter);

    /// <summary>The thread waits no longer.</summary>
    public void Remove(SemaphoreWaiter waiter) => _waiters.Remove(waiter);

    /// <summary>Does what waits and can be done now.</summary>
    public void Update()
    {
        for (int i = 0; i < _waiters.Count;)
        {
            SemaphoreWaiter waiter = _waiters[i];
            Errno error = TryOperate(waiter);
            if (error == Errno.EAGAIN && waiter.Blocking.Waits)
            {
                i++;
                continue;
            }

            Finish(waiter, error);

            // What changed may be what an earlier one waits for.
            i = 0;
        }
    }

    /// <summary>SETVAL: also what processes would undo is forgotten.</summary>
    public void SetValue(LinuxThread thread, int number, int value)
    {
        foreach (SemaphoreUndo undo in _undos)
            undo.Adjustments[number] = 0;
        _values[number] = (ushort)value;
        _processes[number] = thread.ProcessId;
        ChangeTime = Now(thread);
    }

    /// <summary>The set is gone.</summary>
    public void EndAll()
    {
        while (_waiters.Count > 0)
            Finish(_waiters[^1], Errno.EIDRM);
        foreach (SemaphoreUndo undo in _undos)
        {
            undo.Process.SemaphoreUndos?.Remove(undo);
            undo.Forget();
        }

        _undos.Clear();
    }

    /// <summary>The end of a process that has used SEM_UNDO here (exit_sem of Linux).</summary>
    public void Undo(SemaphoreUndo undo, long now)
    {
        for (int i = 0; i < Count; i++)
        {
            if (undo.Adjustments[i] == 0)
                continue;
            _values[i] = (ushort)System.Math.Clamp(_values[i] + undo.Adjustments[i], 0, IpcLimits.SemaphoreValue);
            _processes[i] = undo.Process.ProcessId;
        }

        OperationTime = now;
        _undos.Remove(undo);
        undo.Forget();
        Update();
    }

    /// <inheritdoc/>
    public override void Discard() => Account.Give(WeightOf(Count));

    private void TakeBack(SemaphoreOperation operation, SemaphoreUndo? undo)
    {
        _values[operation.Number] -= (ushort)operation.Value;
        if (operation.IsUndone)
            undo?.Adjustments[operation.Number] += operation.Value;
    }

    private void Finish(SemaphoreWaiter waiter, Errno result)
    {
        _waiters.Remove(waiter);
        waiter.Result = result;
        waiter.Thread.Wake();
    }

    /// <summary>What is kept for the thread's process; null where there is no memory for it.</summary>
    private SemaphoreUndo? FindUndo(LinuxThread thread)
    {
        LinuxProcess process = thread.Process;
        foreach (SemaphoreUndo undo in _undos)
        {
            if (undo.Process == process)
                return undo;
        }

        IKernelMemory account = thread.KernelMemory;
        if (!account.TryTake(SemaphoreUndo.WeightOf(this)))
            return null;
        var made = new SemaphoreUndo(process, this, account);
        _undos.Add(made);
        (process.SemaphoreUndos ??= []).Add(made);
        return made;
    }
}
