using System.Buffers.Binary;
using EdgeCoder.Inference.Tests.Llama;

namespace EdgeCoder.Inference.Tests.Local;

/// <summary>A small valid model, broken in more than a hundred ways. The same every time.</summary>
internal static class DamagedModels
{
    public static IEnumerable<(string Name, byte[] Bytes)> All()
    {
        var whole = new SyntheticModel { Layers = 1, Width = 32, Inner = 64, Heads = 2 }.ToBytes();
        foreach (var keep in new[] { 0, 1, 3, 4, 7, 8, 12, 16, 23, 24 })
        {
            yield return ($"cut-{keep}", whole[..keep]);
        }

        for (var part = 1; part < 40; part++)
        {
            yield return ($"cut-part-{part}", whole[..(whole.Length * part / 40)]);
        }

        // The head of the file says how large everything is; numbers in it at their limits.
        for (var at = 0; at < 24; at += 4)
        {
            foreach (var value in new uint[] { 0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF })
            {
                yield return ($"head-{at}-{value:x}", With(whole, at, value));
            }
        }

        var random = new Random(20);
        for (var i = 0; i < 40; i++)
        {
            var copy = whole.ToArray();
            foreach (var _ in Enumerable.Range(0, 1 + (i / 4)))
            {
                copy[random.Next(24, whole.Length / 4)] = (byte)random.Next(256);
            }

            yield return ($"bytes-{i}", copy);
        }

        foreach (var key in new[] { "llama.block_count", "llama.embedding_length", "llama.attention.head_count", "llama.feed_forward_length", "llama.rope.dimension_count", "llama.context_length" })
        {
            foreach (var value in new[] { 0u, 7u, 0xFFFF_FFFFu })
            {
                var writer = new SyntheticModel { Layers = 1, Width = 32, Inner = 64, Heads = 2 }.Writer();
                writer.Add(key, value);
                using var stream = new MemoryStream();
                writer.Write(stream);
                yield return ($"{key}-{value}", stream.ToArray());
            }
        }

        yield return ("no-tensors", new SyntheticModel { WithTensors = false }.ToBytes());
        yield return ("not-a-model", "MZ this is something else entirely, and long enough to be read as a head"u8.ToArray());
    }

    private static byte[] With(byte[] bytes, int at, uint value)
    {
        var copy = bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), value);
        return copy;
    }
}
