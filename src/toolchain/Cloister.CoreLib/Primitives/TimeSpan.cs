namespace System;

/// <summary>A duration in steps of 100 ns.</summary>
public readonly partial struct TimeSpan : IComparable, IComparable<TimeSpan>, IEquatable<TimeSpan>, IFormattable
{
    private readonly long _ticks;

    public const long NanosecondsPerTick = 100;
    public const long TicksPerMicrosecond = 10;
    public const long TicksPerMillisecond = 10_000;
    public const long TicksPerSecond = 10_000_000;
    public const long TicksPerMinute = 600_000_000;
    public const long TicksPerHour = 36_000_000_000;
    public const long TicksPerDay = 864_000_000_000;
    public const long MicrosecondsPerMillisecond = 1000;
    public const long MicrosecondsPerSecond = 1_000_000;
    public const long MicrosecondsPerMinute = 60_000_000;
    public const long MicrosecondsPerHour = 3_600_000_000;
    public const long MicrosecondsPerDay = 86_400_000_000;
    public const long MillisecondsPerSecond = 1000;
    public const long MillisecondsPerMinute = 60_000;
    public const long MillisecondsPerHour = 3_600_000;
    public const long MillisecondsPerDay = 86_400_000;
    public const long SecondsPerMinute = 60;
    public const long SecondsPerHour = 3600;
    public const long SecondsPerDay = 86_400;
    public const long MinutesPerHour = 60;
    public const long MinutesPerDay = 1440;
    public const int HoursPerDay = 24;

    public static readonly TimeSpan Zero = new(0);
    public static readonly TimeSpan MaxValue = new(long.MaxValue);
    public static readonly TimeSpan MinValue = new(long.MinValue);

    public TimeSpan(long ticks) => _ticks = ticks;

    public TimeSpan(int hours, int minutes, int seconds) => _ticks = Sum(0, hours, minutes, seconds, 0, 0);

    public TimeSpan(int days, int hours, int minutes, int seconds) => _ticks = Sum(days, hours, minutes, seconds, 0, 0);

    public TimeSpan(int days, int hours, int minutes, int seconds, int milliseconds) =>
        _ticks = Sum(days, hours, minutes, seconds, milliseconds, 0);

    public TimeSpan(int days, int hours, int minutes, int seconds, int milliseconds, int microseconds) =>
        _ticks = Sum(days, hours, minutes, seconds, milliseconds, microseconds);

    public long Ticks => _ticks;

    public int Days => (int)(_ticks / TicksPerDay);

    public int Hours => (int)(_ticks / TicksPerHour % 24);

    public int Minutes => (int)(_ticks / TicksPerMinute % 60);

    public int Seconds => (int)(_ticks / TicksPerSecond % 60);

    public int Milliseconds => (int)(_ticks / TicksPerMillisecond % 1000);

    public int Microseconds => (int)(_ticks / TicksPerMicrosecond % 1000);

    public int Nanoseconds => (int)(_ticks % TicksPerMicrosecond * NanosecondsPerTick);

    public double TotalDays => (double)_ticks / TicksPerDay;

    public double TotalHours => (double)_ticks / TicksPerHour;

    public double TotalMinutes => (double)_ticks / TicksPerMinute;

    public double TotalSeconds => (double)_ticks / TicksPerSecond;

    /// <summary>Not beyond the whole milliseconds of the largest duration, as in .NET.</summary>
    public double TotalMilliseconds => Math.Clamp((double)_ticks / TicksPerMillisecond, (double)(long.MinValue / TicksPerMillisecond),
        (double)(long.MaxValue / TicksPerMillisecond));

    public double TotalMicroseconds => (double)_ticks / TicksPerMicrosecond;

    public double TotalNanoseconds => (double)_ticks * NanosecondsPerTick;

    private static string TooLong => "TimeSpan overflowed because the duration is too long.";

    // The sum may be in range where a part isn't, so that it has 128 bits.
    private static long Sum(long days, long hours, long minutes, long seconds, long milliseconds, long microseconds)
    {
        long high = 0;
        ulong low = 0;
        Add(ref high, ref low, days, MicrosecondsPerDay);
        Add(ref high, ref low, hours, MicrosecondsPerHour);
        Add(ref high, ref low, minutes, MicrosecondsPerMinute);
        Add(ref high, ref low, seconds, MicrosecondsPerSecond);
        Add(ref high, ref low, milliseconds, MicrosecondsPerMillisecond);
        Add(ref high, ref low, microseconds, 1);
        long sum = (long)low;
        if (high != sum >> 63 || sum > long.MaxValue / TicksPerMicrosecond || sum < long.MinValue / TicksPerMicrosecond)
            throw new ArgumentOutOfRangeException(null, TooLong);
        return sum * TicksPerMicrosecond;
    }

    private static void Add(ref long high, ref ulong low, long count, long unit)
    {
        long productHigh = Math.BigMul(count, unit, out long productLow);
        low += (ulong)productLow;
        high += productHigh + (low < (ulong)productLow ? 1 : 0);
    }

    private static TimeSpan Of(double value, double ticks)
    {
        if (double.IsNaN(value))
            throw new ArgumentException("TimeSpan does not accept floating point Not-a-Number values.");
        return OfTicks(value * ticks);
    }

    private static TimeSpan OfTicks(double ticks)
    {
        if (double.IsNaN(ticks) || ticks > long.MaxValue || ticks < long.MinValue)
            throw new OverflowException(TooLong);
        return new TimeSpan(ticks == long.MaxValue ? long.MaxValue : (long)ticks);
    }

    public static TimeSpan FromTicks(long value) => new(value);

    public static TimeSpan FromDays(double value) => Of(value, TicksPerDay);

    public static TimeSpan FromHours(double value) => Of(value, TicksPerHour);

    public static TimeSpan FromMinutes(double value) => Of(value, TicksPerMinute);

    public static TimeSpan FromSeconds(double value) => Of(value, TicksPerSecond);

    public static TimeSpan FromMilliseconds(double value) => Of(value, TicksPerMillisecond);

    public static TimeSpan FromMicroseconds(double value) => Of(value, TicksPerMicrosecond);

    public static TimeSpan FromDays(int days) => new(Sum(days, 0, 0, 0, 0, 0));

    public static TimeSpan FromDays(int days, int hours = 0, long minutes = 0, long seconds = 0, long milliseconds = 0, long microseconds = 0) =>
        new(Sum(days, hours, minutes, seconds, milliseconds, microseconds));

    public static TimeSpan FromHours(int hours) => new(Sum(0, hours, 0, 0, 0, 0));

    public static TimeSpan FromHours(int hours, long minutes = 0, long seconds = 0, long milliseconds = 0, long microseconds = 0) =>
        new(Sum(0, hours, minutes, seconds, milliseconds, microseconds));

    public static TimeSpan FromMinutes(long minutes) => new(Sum(0, 0, minutes, 0, 0, 0));

    public static TimeSpan FromMinutes(long minutes, long seconds = 0, long milliseconds = 0, long microseconds = 0) =>
        new(Sum(0, 0, minutes, seconds, milliseconds, microseconds));

    public static TimeSpan FromSeconds(long seconds) => new(Sum(0, 0, 0, seconds, 0, 0));

    public static TimeSpan FromSeconds(long seconds, long milliseconds = 0, long microseconds = 0) =>
        new(Sum(0, 0, 0, seconds, milliseconds, microseconds));

    public static TimeSpan FromMilliseconds(long milliseconds) => new(Sum(0, 0, 0, 0, milliseconds, 0));

    public static TimeSpan FromMilliseconds(long milliseconds, long microseconds = 0) => new(Sum(0, 0, 0, 0, milliseconds, microseconds));

    public static TimeSpan FromMicroseconds(long microseconds) => new(Sum(0, 0, 0, 0, 0, microseconds));

    public TimeSpan Add(TimeSpan ts) => this + ts;

    public TimeSpan Subtract(TimeSpan ts) => this - ts;

    public TimeSpan Multiply(double factor) => this * factor;

    public TimeSpan Divide(double divisor) => this / divisor;

    public double Divide(TimeSpan ts) => this / ts;

    public TimeSpan Negate() => _ticks == long.MinValue
        ? throw new OverflowException("Negating the minimum value of a twos complement number is invalid.") : new TimeSpan(-_ticks);

    public TimeSpan Duration() => _ticks == long.MinValue
        ? throw new OverflowException("The duration cannot be returned for TimeSpan.MinValue because the absolute value of TimeSpan.MinValue exceeds "
            + "the value of TimeSpan.MaxValue.") : new TimeSpan(Math.Abs(_ticks));

    public static TimeSpan operator -(TimeSpan t) => t.Negate();

    public static TimeSpan operator +(TimeSpan t) => t;

    public static TimeSpan operator +(TimeSpan t1, TimeSpan t2)
    {
        long sum = unchecked(t1._ticks + t2._ticks);
        return ((t1._ticks ^ sum) & (t2._ticks ^ sum)) < 0 ? throw new OverflowException(TooLong) : new TimeSpan(sum);
    }

    public static TimeSpan operator -(TimeSpan t1, TimeSpan t2)
    {
        long difference = unchecked(t1._ticks - t2._ticks);
        return ((t1._ticks ^ t2._ticks) & (t1._ticks ^ difference)) < 0 ? throw new OverflowException(TooLong) : new TimeSpan(difference);
    }

    public static TimeSpan operator *(TimeSpan timeSpan, double factor) => double.IsNaN(factor)
        ? throw new ArgumentException("TimeSpan does not accept floating point Not-a-Number values.", nameof(factor))
        : OfTicks(Math.Round(timeSpan._ticks * factor));

    public static TimeSpan operator *(double factor, TimeSpan timeSpan) => timeSpan * factor;

    public static TimeSpan operator /(TimeSpan timeSpan, double divisor) => double.IsNaN(divisor)
        ? throw new ArgumentException("TimeSpan does not accept floating point Not-a-Number values.", nameof(divisor))
        : OfTicks(Math.Round(timeSpan._ticks / divisor));

    public static double operator /(TimeSpan t1, TimeSpan t2) => t1._ticks / (double)t2._ticks;

    public static bool operator ==(TimeSpan t1, TimeSpan t2) => t1._ticks == t2._ticks;

    public static bool operator !=(TimeSpan t1, TimeSpan t2) => t1._ticks != t2._ticks;

    public static bool operator <(TimeSpan t1, TimeSpan t2) => t1._ticks < t2._ticks;

    public static bool operator <=(TimeSpan t1, TimeSpan t2) => t1._ticks <= t2._ticks;

    public static bool operator >(TimeSpan t1, TimeSpan t2) => t1._ticks > t2._ticks;

    public static bool operator >=(TimeSpan t1, TimeSpan t2) => t1._ticks >= t2._ticks;

    public static int Compare(TimeSpan t1, TimeSpan t2) => t1._ticks.CompareTo(t2._ticks);

    public static bool Equals(TimeSpan t1, TimeSpan t2) => t1 == t2;

    public int CompareTo(TimeSpan value) => Compare(this, value);

    public int CompareTo(object? value) => value is null ? 1 : value is TimeSpan other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type TimeSpan.");

    public bool Equals(TimeSpan obj) => _ticks == obj._ticks;

    public override bool Equals(object? value) => value is TimeSpan other && Equals(other);

    public override int GetHashCode() => _ticks.GetHashCode();
}
