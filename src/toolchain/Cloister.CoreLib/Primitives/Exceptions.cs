namespace System;

// Messages are those of .NET, because programs print them.

public class SystemException : Exception
{
    public SystemException() : base("System error.")
    {
    }

    public SystemException(string? message) : base(message)
    {
    }

    public SystemException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class ArithmeticException : SystemException
{
    public ArithmeticException() : base("Overflow or underflow in the arithmetic operation.")
    {
    }

    public ArithmeticException(string? message) : base(message)
    {
    }

    public ArithmeticException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class OverflowException : ArithmeticException
{
    public OverflowException() : base("Arithmetic operation resulted in an overflow.")
    {
    }

    public OverflowException(string? message) : base(message)
    {
    }

    public OverflowException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class DivideByZeroException : ArithmeticException
{
    public DivideByZeroException() : base("Attempted to divide by zero.")
    {
    }

    public DivideByZeroException(string? message) : base(message)
    {
    }

    public DivideByZeroException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class NotFiniteNumberException : ArithmeticException
{
    public NotFiniteNumberException() : base("Number encountered was not a finite quantity.")
    {
    }

    public NotFiniteNumberException(string? message) : base(message)
    {
    }

    public NotFiniteNumberException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class NullReferenceException : SystemException
{
    public NullReferenceException() : base("Object reference not set to an instance of an object.")
    {
    }

    public NullReferenceException(string? message) : base(message)
    {
    }

    public NullReferenceException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class IndexOutOfRangeException : SystemException
{
    public IndexOutOfRangeException() : base("Index was outside the bounds of the array.")
    {
    }

    public IndexOutOfRangeException(string? message) : base(message)
    {
    }

    public IndexOutOfRangeException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class InvalidCastException : SystemException
{
    public InvalidCastException() : base("Specified cast is not valid.")
    {
    }

    public InvalidCastException(string? message) : base(message)
    {
    }

    public InvalidCastException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class ArrayTypeMismatchException : SystemException
{
    public ArrayTypeMismatchException() : base("Attempted to access an element as a type incompatible with the array.")
    {
    }

    public ArrayTypeMismatchException(string? message) : base(message)
    {
    }

    public ArrayTypeMismatchException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class InvalidOperationException : SystemException
{
    public InvalidOperationException() : base("Operation is not valid due to the current state of the object.")
    {
    }

    public InvalidOperationException(string? message) : base(message)
    {
    }

    public InvalidOperationException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class NotSupportedException : SystemException
{
    public NotSupportedException() : base("Specified method is not supported.")
    {
    }

    public NotSupportedException(string? message) : base(message)
    {
    }

    public NotSupportedException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class NotImplementedException : SystemException
{
    public NotImplementedException() : base("The method or operation is not implemented.")
    {
    }

    public NotImplementedException(string? message) : base(message)
    {
    }

    public NotImplementedException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class OutOfMemoryException : SystemException
{
    public OutOfMemoryException() : base("Insufficient memory to continue the execution of the program.")
    {
    }

    public OutOfMemoryException(string? message) : base(message)
    {
    }

    public OutOfMemoryException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class FormatException : SystemException
{
    public FormatException() : base("One of the identified items was in an invalid format.")
    {
    }

    public FormatException(string? message) : base(message)
    {
    }

    public FormatException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class RankException : SystemException
{
    public RankException() : base("Attempted to operate on an array with the incorrect number of dimensions.")
    {
    }

    public RankException(string? message) : base(message)
    {
    }

    public RankException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class TimeoutException : SystemException
{
    public TimeoutException() : base("The operation has timed out.")
    {
    }

    public TimeoutException(string? message) : base(message)
    {
    }

    public TimeoutException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class UnauthorizedAccessException : SystemException
{
    public UnauthorizedAccessException() : base("Attempted to perform an unauthorized operation.")
    {
    }

    public UnauthorizedAccessException(string? message) : base(message)
    {
    }

    public UnauthorizedAccessException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class ApplicationException : Exception
{
    public ApplicationException() : base("Error in the application.")
    {
    }

    public ApplicationException(string? message) : base(message)
    {
    }

    public ApplicationException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class InvalidProgramException : SystemException
{
    public InvalidProgramException() : base("Common Language Runtime detected an invalid program.")
    {
    }

    public InvalidProgramException(string? message) : base(message)
    {
    }

    public InvalidProgramException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class OperationCanceledException : SystemException
{
    public OperationCanceledException() : base("The operation was canceled.")
    {
    }

    public OperationCanceledException(string? message) : base(message)
    {
    }

    public OperationCanceledException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}

public class StackOverflowException : SystemException
{
    public StackOverflowException() : base("Operation caused a stack overflow.")
    {
    }

    public StackOverflowException(string? message) : base(message)
    {
    }

    public StackOverflowException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}
