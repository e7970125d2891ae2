using System.Runtime.InteropServices;
using EdgeCoder.Agent.Roots.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Roots;

/// <summary>A regular file that is open to be read.</summary>
/// <param name="Handle">The handle.</param>
/// <param name="Real">Its path without links.</param>
/// <param name="State">What it was when it was opened.</param>
internal sealed record OpenedFile(SafeFileHandle Handle, ProjectPath Real, EntryState State) : IDisposable
{
    private const int Piece = 1 << 16;

    /// <summary>Its length now.</summary>
    public long Length => RandomAccess.GetLength(Handle);

    /// <summary>Reads up to a number of bytes from its beginning.</summary>
    public byte[] Read(long most)
    {
        var bytes = new byte[Math.Min(Length, most)];
        var filled = Fill(Handle, bytes);
        return filled == bytes.Length ? bytes : bytes[..filled];
    }

    /// <summary>Whether a file holds exactly these bytes.</summary>
    public static bool Holds(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        if (RandomAccess.GetLength(file) != content.Length)
        {
            return false;
        }

        var buffer = new byte[Math.Min(Piece, content.Length + 1)];
        for (long at = 0; ;)
        {
            var read = RandomAccess.Read(file, buffer, at);
            if (read == 0)
            {
                return at == content.Length;
            }

            if (at + read > content.Length || !content.Slice((int)at, read).SequenceEqual(buffer.AsSpan(0, read)))
            {
                return false;
            }

            at += read;
        }
    }

    /// <summary>Reads from the beginning until the buffer is full or the file ends; gives the count.</summary>
    public static int Fill(SafeFileHandle file, Span<byte> buffer)
    {
        var filled = 0;
        while (filled < buffer.Length && ReadAt(file, buffer[filled..], filled) is var read and > 0)
        {
            filled += read;
        }

        return filled;
    }

    /// <summary>Straight from the system where that is possible: .NET asks first what kind of file it is, which costs as much as reading a small one.</summary>
    private static unsafe int ReadAt(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        if (!LinuxCalls.Known)
        {
            return RandomAccess.Read(file, buffer, offset);
        }

        fixed (byte* target = buffer)
        {
            nint read;
            while ((read = LinuxCalls.ReadAt(file, target, (nuint)buffer.Length, offset)) < 0 && Marshal.GetLastPInvokeError() == LinuxCalls.ErrorInterrupted)
            {
            }

            return read >= 0 ? (int)read : throw new IOException($"cannot read: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
