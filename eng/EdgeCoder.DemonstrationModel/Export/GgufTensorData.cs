using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace EdgeCoder.Training.Export;

/// <summary>How a tensor's numbers are stored; the values are ggml's own.</summary>
internal enum GgufTensorType : uint
{
    /// <summary>Single precision.</summary>
    F32 = 0,

    /// <summary>Half precision.</summary>
    F16 = 1,

    /// <summary>Blocks of 32 signed bytes with one half-precision scale.</summary>
    Q8_0 = 8,
}

/// <summary>Encodes tensors.</summary>
internal static class GgufTensorData
{
    private const int BlockLength = 32;

    /// <summary>The stored bytes. Throws <see cref="ArgumentException"/> when Q8_0 is asked for a length that is no multiple of 32.</summary>
    public static byte[] Encode(ReadOnlySpan<float> values, GgufTensorType type)
    {
        switch (type)
        {
            case GgufTensorType.F32:
                return MemoryMarshal.AsBytes(values).ToArray();
            case GgufTensorType.F16:
                var halves = new Half[values.Length];
                TensorPrimitives.ConvertToHalf(values, halves);
                return MemoryMarshal.AsBytes<Half>(halves).ToArray();
            default:
                return EncodeBlocks(values);
        }
    }

    private static byte[] EncodeBlocks(ReadOnlySpan<float> values)
    {
        if (values.Length % BlockLength != 0)
        {
            throw new ArgumentException($"{values.Length} numbers are not whole blocks of {BlockLength}.", nameof(values));
        }

        var bytes = new byte[values.Length / BlockLength * (BlockLength + 2)];
        for (var block = 0; block < values.Length / BlockLength; block++)
        {
            var from = values.Slice(block * BlockLength, BlockLength);
            var to = bytes.AsSpan(block * (BlockLength + 2));
            var scale = TensorPrimitives.MaxMagnitude(from);
            scale = Math.Abs(scale) / 127;
            BinaryPrimitives.WriteHalfLittleEndian(to, (Half)scale);
            for (var i = 0; i < BlockLength; i++)
            {
                to[2 + i] = scale == 0 ? (byte)0 : (byte)(sbyte)MathF.Round(from[i] / scale, MidpointRounding.AwayFromZero);
            }
        }

        return bytes;
    }
}
