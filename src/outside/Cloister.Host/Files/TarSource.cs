using System;
using System.IO;
using Cloister.Abi;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A plain tar archive in a file, or in a part of one.</summary>
internal sealed unsafe class TarSource(FileStream file, long start, long length)
{
    private readonly FileDescriptor _data = FileDescriptor.Borrow((int)file.SafeFileHandle.DangerousGetHandle());

    /// <summary>Bytes of the archive.</summary>
    public long Length => length;

    /// <summary>What the archive lies in.</summary>
    public FileDescriptor Data => _data;

    /// <summary>The bytes of the archive.</summary>
    public Stream OpenStream() => new BufferedStream(new Part(this, length), 64 << 10);

    /// <summary>A part of it that is an archive, or a file, itself.</summary>
    public TarSource Slice(long position, long size) => new(file, start + position, size);

    /// <summary>Reads bytes.</summary>
    public Errno Read(long position, Span<byte> into, out int count)
    {
        count = 0;
        fixed (byte* target = into)
        {
            while (count < into.Length)
            {
                nint result = Libc.PRead(_data, target + count, into.Length - count, start + position + count);
                if (result < 0 && Failure.WasInterrupted)
                    continue;
                if (result < 0)
                    return Failure.Last;
                // The file was complete when it was indexed: somebody has cut it since.
                if (result == 0)
                    return Errno.EIO;
                count += (int)result;
            }
        }

        return Errno.Success;
    }

    /// <summary>A part of a file as a stream.</summary>
    private sealed class Part(TarSource source, long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            buffer = buffer[..(int)Math.Min(buffer.Length, Math.Max(0, length - Position))];
            Errno error = source.Read(Position, buffer, out int count);
            if (error != Errno.Success)
                throw new IOException($"the file was cut, or can't be read any more ({error})");
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
