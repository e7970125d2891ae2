using System.Runtime.InteropServices;
using System.Text;

namespace EdgeCoder.Launcher;

/// <summary>Memory that the collector does not know: what the child's calls point to. It lives as long as the process.</summary>
internal static unsafe class Memory
{
    /// <summary>Zeroed bytes.</summary>
    public static byte* Zeroed(int bytes) => (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(bytes, 1));

    /// <summary>A copy of bytes.</summary>
    public static byte* Bytes(ReadOnlySpan<byte> bytes)
    {
        var copy = Zeroed(bytes.Length);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    /// <summary>A zero-terminated string.</summary>
    public static byte* Text(string text) => Bytes([.. Encoding.UTF8.GetBytes(text), 0]);

    /// <summary>64-bit words.</summary>
    public static ulong* Words(params ReadOnlySpan<ulong> words) => (ulong*)Bytes(MemoryMarshal.AsBytes(words));

    /// <summary>32-bit words.</summary>
    public static uint* HalfWords(params ReadOnlySpan<uint> words) => (uint*)Bytes(MemoryMarshal.AsBytes(words));

    /// <summary>A null-terminated vector of strings, as execve wants it.</summary>
    public static byte** Vector(IReadOnlyList<string> texts)
    {
        var vector = (byte**)Zeroed((texts.Count + 1) * sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            vector[i] = Text(texts[i]);
        }

        return vector;
    }
}
