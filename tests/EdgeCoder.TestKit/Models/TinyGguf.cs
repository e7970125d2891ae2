using System.Text;

namespace EdgeCoder.TestKit.Models;

/// <summary>A GGUF file that holds metadata and some bytes, and no weights: enough for a store and a download, not for an engine.</summary>
public static class TinyGguf
{
    /// <summary>The bytes of a file with the usual keys, followed by <paramref name="payloadBytes"/> bytes that depend on <paramref name="seed"/>.</summary>
    public static byte[] Create(int payloadBytes = 1000, int seed = 1, int contextLength = 32768)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file, Encoding.UTF8);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(0UL);
        writer.Write(6UL);
        Text(writer, "general.architecture", "llama");
        Text(writer, "general.name", "Tiny");
        Text(writer, "general.size_label", "1M");
        Number(writer, "general.file_type", 15);
        Number(writer, "llama.context_length", (uint)contextLength);
        Key(writer, "tokenizer.ggml.tokens", 9);
        writer.Write(8u);
        writer.Write(2UL);
        Value(writer, "a");
        Value(writer, "b");

        var payload = new byte[payloadBytes];
        var state = (uint)seed;
        for (var i = 0; i < payload.Length; i++)
        {
            state = (state * 1664525) + 1013904223;
            payload[i] = (byte)(state >> 24);
        }

        writer.Write(payload);
        writer.Flush();
        return file.ToArray();
    }

    private static void Text(BinaryWriter writer, string key, string value)
    {
        Key(writer, key, 8);
        Value(writer, value);
    }

    private static void Number(BinaryWriter writer, string key, uint value)
    {
        Key(writer, key, 4);
        writer.Write(value);
    }

    private static void Key(BinaryWriter writer, string key, uint type)
    {
        Value(writer, key);
        writer.Write(type);
    }

    private static void Value(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
