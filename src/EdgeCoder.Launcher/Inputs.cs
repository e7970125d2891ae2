namespace EdgeCoder.Launcher;

/// <summary>Reading and writing whole descriptors.</summary>
internal static unsafe class Inputs
{
    /// <summary>Everything from a descriptor.</summary>
    public static byte[] Read(int descriptor)
    {
        var bytes = new MemoryStream();
        var piece = new byte[64 * 1024];
        fixed (byte* start = piece)
        {
            while (Kernel.Must("read its plan", "read", descriptor, (long)start, piece.Length) is > 0 and var count)
            {
                bytes.Write(piece, 0, (int)count);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>All bytes to a descriptor; a reader that is gone is no failure.</summary>
    public static void Write(long descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                var count = Kernel.Call("write", descriptor, (long)start, bytes.Length);
                if (count <= 0)
                {
                    return;
                }

                bytes = bytes[(int)count..];
            }
        }
    }

    /// <summary>All bytes to a file.</summary>
    public static void WriteAll(string step, long descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                bytes = bytes[(int)Kernel.Must(step, "write", descriptor, (long)start, bytes.Length)..];
            }
        }
    }

    /// <summary>Writes a short text to a file of the kernel, in one call.</summary>
    public static void WriteFile(string step, string path, string text)
    {
        const long WriteOnly = 1;
        var file = Kernel.Must(step, "openat", Kernel.CurrentDirectory, (long)Memory.Text(path), WriteOnly | Kernel.CloseOnExec);
        Kernel.Must(step, "write", file, (long)Memory.Text(text), text.Length);
        Kernel.Must(step, "close", file);
    }
}
