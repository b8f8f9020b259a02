using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace System;

public class Exception
{
    internal Cloister.Runtime.StackTraceRecord Trace;
    private readonly string? _message;

    public Exception()
    {
    }

    public Exception(string? message) => _message = message;

    public Exception(string? message, Exception? innerException)
    {
        _message = message;
        InnerException = innerException;
    }

    public virtual string Message => _message ?? "Exception of type '" + GetType() + "' was thrown.";

    public Exception? InnerException { get; }

    public int HResult { get; set; }

    /// <summary>
    /// The methods through which the exception came, a line each. As in .NET they end where it was caught; nothing where it wasn't thrown.
    /// </summary>
    public virtual string? StackTrace => Trace.Count == 0 ? null : Trace.Format();

    public virtual Exception GetBaseException()
    {
        Exception innermost = this;
        while (innermost.InnerException is { } inner)
            innermost = inner;
        return innermost;
    }

    public new Type GetType() => base.GetType();

    public override string ToString()
    {
        string text = Message.Length == 0 ? GetType().ToString() : GetType() + ": " + Message;
        if (InnerException is not null)
            text = text + "\n ---> " + InnerException + "\n   --- End of inner exception stack trace ---";
        return StackTrace is { } trace ? text + "\n" + trace : text;
    }
}

public class ArgumentException : SystemException
{
    public ArgumentException() : base("Value does not fall within the expected range.")
    {
    }

    public ArgumentException(string? message) : base(message)
    {
    }

    public ArgumentException(string? message, Exception? innerException) : base(message, innerException)
    {
    }

    public ArgumentException(string? message, string? paramName) : base(message) => ParamName = paramName;

    public virtual string? ParamName { get; }

    public override string Message => string.IsNullOrEmpty(ParamName) ? base.Message : base.Message + " (Parameter '" + ParamName + "')";

    public static void ThrowIfNullOrWhiteSpace([NotNull] string? argument,
        [CallerArgumentExpression(nameof(argument))] string? paramName = null)
    {
        ArgumentNullException.ThrowIfNull(argument, paramName);
        if (string.IsNullOrWhiteSpace(argument))
            throw new ArgumentException("The value cannot be an empty string or composed entirely of whitespace.", paramName);
    }

    public static void ThrowIfNullOrEmpty([NotNull] string? argument, [CallerArgumentExpression(nameof(argument))] string? paramName = null)
    {
        ArgumentNullException.ThrowIfNull(argument, paramName);
        if (argument.Length == 0)
            throw new ArgumentException("The value cannot be an empty string.", paramName);
    }
}

public class ArgumentNullException : ArgumentException
{
    public ArgumentNullException() : base("Value cannot be null.")
    {
    }

    public ArgumentNullException(string? paramName) : base("Value cannot be null.", paramName)
    {
    }

    public ArgumentNullException(string? paramName, string? message) : base(message, paramName)
    {
    }

    public static void ThrowIfNull([NotNull] object? argument, [CallerArgumentExpression(nameof(argument))] string? paramName = null)
    {
        if (argument is null)
            throw new ArgumentNullException(paramName);
    }
}

public class ArgumentOutOfRangeException : ArgumentException
{
    public ArgumentOutOfRangeException() : base("Specified argument was out of the range of valid values.")
    {
    }

    public ArgumentOutOfRangeException(string? paramName) : base("Specified argument was out of the range of valid values.", paramName)
    {
    }

    public ArgumentOutOfRangeException(string? paramName, string? message) : base(message, paramName)
    {
    }

    public ArgumentOutOfRangeException(string? paramName, object? actualValue, string? message) : base(message, paramName) =>
        ActualValue = actualValue;

    public object? ActualValue { get; }

    public override string Message => ActualValue is null ? base.Message : base.Message + "\nActual value was " + ActualValue + ".";

    public static void ThrowIfZero<T>(T value, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : Numerics.INumberBase<T>
    {
        if (T.IsZero(value))
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be a non-zero value.");
    }

    public static void ThrowIfNegative<T>(T value, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : Numerics.INumberBase<T>
    {
        if (T.IsNegative(value))
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be a non-negative value.");
    }

    public static void ThrowIfNegativeOrZero<T>(T value, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : Numerics.INumberBase<T>
    {
        if (T.IsNegative(value) || T.IsZero(value))
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be a non-negative and non-zero value.");
    }

    public static void ThrowIfGreaterThan<T>(T value, T other, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : IComparable<T>
    {
        if (value.CompareTo(other) > 0)
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be less than or equal to '" + other + "'.");
    }

    public static void ThrowIfGreaterThanOrEqual<T>(T value, T other, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : IComparable<T>
    {
        if (value.CompareTo(other) >= 0)
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be less than '" + other + "'.");
    }

    public static void ThrowIfLessThan<T>(T value, T other, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : IComparable<T>
    {
        if (value.CompareTo(other) < 0)
            throw new ArgumentOutOfRangeException(paramName, value,
                paramName + " ('" + value + "') must be greater than or equal to '" + other + "'.");
    }

    public static void ThrowIfLessThanOrEqual<T>(T value, T other, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : IComparable<T>
    {
        if (value.CompareTo(other) <= 0)
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be greater than '" + other + "'.");
    }

    public static void ThrowIfEqual<T>(T value, T other, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : IEquatable<T>?
    {
        if (Collections.Generic.EqualityComparer<T>.Default.Equals(value, other))
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must not be equal to '" + other + "'.");
    }

    public static void ThrowIfNotEqual<T>(T value, T other, [CallerArgumentExpression(nameof(value))] string? paramName = null)
        where T : IEquatable<T>?
    {
        if (!Collections.Generic.EqualityComparer<T>.Default.Equals(value, other))
            throw new ArgumentOutOfRangeException(paramName, value, paramName + " ('" + value + "') must be equal to '" + other + "'.");
    }
}

public class ObjectDisposedException : InvalidOperationException
{
    public ObjectDisposedException(string? objectName) : base("Cannot access a disposed object.\nObject name: '" + objectName + "'.") =>
        ObjectName = objectName ?? "";

    public string ObjectName { get; }

    public static void ThrowIf(bool condition, object instance)
    {
        if (condition)
            throw new ObjectDisposedException(instance.GetType().FullName);
    }
}

public sealed class TypeInitializationException(string? fullTypeName, Exception? innerException)
    : SystemException("The type initializer for '" + fullTypeName + "' threw an exception.", innerException)
{
    public string TypeName { get; } = fullTypeName ?? "";
}
