using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>
/// What the metadata at the head of a GGUF file says of the model. The file is hostile input: every count and length is bounded before
/// it is believed, arrays are skipped and not kept, and nothing of it is run. Layout: ggml's <c>docs/gguf.md</c>, versions 2 and 3.
/// </summary>
internal sealed record GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF" read as a little-endian number
    private const int MaxKeys = 4096;
    private const int MaxTensors = 65536;
    private const int MaxKeyBytes = 1024;
    private const int MaxKeptTextBytes = 4096;
    private const long MaxHeaderBytes = 256L << 20;

    public string? Name { get; private init; }

    public string? Architecture { get; private init; }

    public string? SizeLabel { get; private init; }

    public string? License { get; private init; }

    public string? Quantization { get; private init; }

    public int? ContextLength { get; private init; }

    /// <summary>Whether it names tokens for filling in the middle.</summary>
    public bool Fim { get; private init; }

    /// <summary>Whether it was made for embeddings: it says how a text's are gathered.</summary>
    public bool Embeddings { get; private init; }

    /// <summary>Reads the metadata and goes back to the start of the file. Throws <c>model_file_invalid</c>.</summary>
    public static GgufHeader Read(Stream stream)
    {
        var header = Parse(new Reader(new BufferedStream(stream, 1 << 16)));
        stream.Position = 0;
        return header;
    }

    private static GgufHeader Parse(Reader reader)
    {
        if (reader.UInt32() != Magic)
        {
            throw Invalid("it does not begin with GGUF");
        }

        if (reader.UInt32() is not (2 or 3) and var version)
        {
            throw Invalid($"its version is {version}, not 2 or 3");
        }

        reader.Count(MaxTensors, "tensors");
        var keys = reader.Count(MaxKeys, "metadata keys");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < keys; i++)
        {
            var key = reader.Text(MaxKeyBytes);
            var type = reader.UInt32();
            if (type == GgufType.String)
            {
                if (reader.TextOrSkip(MaxKeptTextBytes) is { } text)
                {
                    texts.TryAdd(key, text);
                }
            }
            else if (type == GgufType.Array)
            {
                reader.SkipArray();
            }
            else
            {
                numbers.TryAdd(key, reader.Number(type));
            }
        }

        var architecture = texts.GetValueOrDefault("general.architecture");
        return new()
        {
            Architecture = architecture,
            Name = texts.GetValueOrDefault("general.name"),
            SizeLabel = texts.GetValueOrDefault("general.size_label"),
            License = texts.GetValueOrDefault("general.license"),
            Quantization = numbers.TryGetValue("general.file_type", out var fileType) ? GgufType.Quantization(fileType) : null,
            Fim = numbers.ContainsKey("tokenizer.ggml.fim_pre_token_id") || numbers.ContainsKey("tokenizer.ggml.prefix_token_id"),
            Embeddings = numbers.TryGetValue($"{architecture}.pooling_type", out var pooling) && pooling is > 0 and < 4,
            ContextLength = numbers.TryGetValue($"{architecture}.context_length", out var length) && length is > 0 and <= int.MaxValue ? (int)length : null,
        };
    }

    /// <summary>Fills in what the description leaves open.</summary>
    public ModelDescription Complete(ModelDescription description) => description with
    {
        DisplayName = description.DisplayName ?? Name,
        ParamSize = description.ParamSize ?? SizeLabel,
        Quantization = description.Quantization ?? Quantization,
        License = description.License ?? License,
        ContextWindow = description.ContextWindow ?? ContextLength,
        Fim = description.Fim || Fim,
        Embeddings = description.Embeddings || Embeddings,
    };

    private static ModelException Invalid(string why) =>
        new("model_file_invalid", $"The file is not a usable GGUF model: {why}.", "Download it again, or take another file.");

    /// <summary>Reads little-endian values and keeps count of the bytes.</summary>
    private sealed class Reader(Stream stream)
    {
        private readonly byte[] _buffer = new byte[8];
        private long _read;

        public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

        public int Count(int atMost, string what) =>
            UInt64() is var count && count <= (ulong)atMost ? (int)count : throw Invalid($"it claims {count} {what}");

        public string Text(int atMost)
        {
            var length = UInt64();
            if (length > (ulong)atMost)
            {
                throw Invalid($"a name in it claims {length} bytes");
            }

            var bytes = new byte[(int)length];
            Fill(bytes);
            return Encoding.UTF8.GetString(bytes);
        }

        public string? TextOrSkip(int keptAtMost)
        {
            var length = UInt64();
            if (length > (ulong)keptAtMost)
            {
                Skip(length);
                return null;
            }

            var bytes = new byte[(int)length];
            Fill(bytes);
            return Encoding.UTF8.GetString(bytes);
        }

        public long Number(uint type)
        {
            var bytes = Take(GgufType.Size(type) ?? throw Invalid($"it uses value type {type}"));
            return type switch
            {
                GgufType.UInt8 or GgufType.Bool => bytes[0],
                GgufType.Int8 => (sbyte)bytes[0],
                GgufType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                GgufType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
                GgufType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                GgufType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
                GgufType.UInt64 or GgufType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
                _ => 0, // Floating point: nothing here needs one.
            };
        }

        public void SkipArray()
        {
            var type = UInt32();
            var count = UInt64();
            if (type == GgufType.String)
            {
                for (ulong i = 0; i < count; i++)
                {
                    Skip(UInt64());
                }
            }
            else
            {
                var size = (ulong)(GgufType.Size(type) ?? throw Invalid($"it has an array of type {type}"));
                Skip(count > MaxHeaderBytes / size ? ulong.MaxValue : count * size);
            }
        }

        private void Skip(ulong bytes)
        {
            if (bytes > (ulong)(MaxHeaderBytes - _read) || bytes > (ulong)(stream.Length - stream.Position))
            {
                throw Invalid("its metadata runs past the end of the file");
            }

            _read += (long)bytes;
            stream.Position += (long)bytes;
        }

        private ReadOnlySpan<byte> Take(int bytes)
        {
            Fill(_buffer.AsSpan(0, bytes));
            return _buffer.AsSpan(0, bytes);
        }

        private void Fill(Span<byte> bytes)
        {
            _read += bytes.Length;
            if (_read > MaxHeaderBytes || stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            {
                throw Invalid("its metadata is cut");
            }
        }
    }
}
