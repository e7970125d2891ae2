using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Gguf;

/// <summary>Turns floats into the bytes of a tensor. Layouts: <c>ggml-common.h</c>.</summary>
internal static class TensorEncoding
{
    private const int BlockWeights = 32;
    private const int BlockBytes = 34;

    /// <summary>Bytes that <paramref name="count"/> numbers take.</summary>
    public static long Size(GgmlType type, long count) => type switch
    {
        GgmlType.F32 => count * 4,
        GgmlType.F16 => count * 2,
        GgmlType.Q8_0 => count / BlockWeights * BlockBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such tensor type."),
    };

    /// <summary>Whether rows of this length can be stored so: a block may not straddle two rows.</summary>
    public static bool Fits(GgmlType type, long rowLength) => type != GgmlType.Q8_0 || rowLength % BlockWeights == 0;

    /// <summary>The bytes.</summary>
    public static byte[] Encode(ReadOnlySpan<float> values, GgmlType type)
    {
        var bytes = new byte[Size(type, values.Length)];
        switch (type)
        {
            case GgmlType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case GgmlType.F16:
                for (var i = 0; i < values.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(i * 2), (Half)values[i]);
                }

                break;
            case GgmlType.Q8_0:
                for (var block = 0; block < values.Length / BlockWeights; block++)
                {
                    EncodeBlock(values.Slice(block * BlockWeights, BlockWeights), bytes.AsSpan(block * BlockBytes, BlockBytes));
                }

                break;
        }

        return bytes;
    }

    /// <summary>The scale is the largest magnitude over 127 (<c>quantize_row_q8_0_ref</c>).</summary>
    private static void EncodeBlock(ReadOnlySpan<float> values, Span<byte> target)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var scale = largest / 127f;
        BinaryPrimitives.WriteHalfLittleEndian(target, (Half)scale);
        for (var i = 0; i < values.Length; i++)
        {
            target[2 + i] = scale == 0 ? (byte)0 : (byte)(sbyte)MathF.Round(values[i] / scale, MidpointRounding.AwayFromZero);
        }
    }
}
