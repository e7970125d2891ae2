using EdgeCoder.Inference.Llama.Gguf;

namespace EdgeCoder.Inference.Tests.Llama;

/// <summary>
/// A small valid model with random weights and a byte-level vocabulary: it speaks nonsense, but it loads, tokenizes and decodes as any other.
/// The same seed gives the same bytes.
/// </summary>
internal sealed record SyntheticModel
{
    public const string ChatMl =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly string[] Merges = ["t h", "th e", "i n", "r e", "o n", "a n", "e r", "o r", "Ġ t", "Ġ a", "re t", "ret u", "retu r", "retur n", "d e", "de f"];
    private static readonly string[] Control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    public int Layers { get; init; } = 2;

    public int Width { get; init; } = 64;

    public int Heads { get; init; } = 4;

    public int Inner { get; init; } = 128;

    public int Context { get; init; } = 4096;

    public int Seed { get; init; } = 1;

    public GgmlType Type { get; init; } = GgmlType.Q8_0;

    public bool WithTensors { get; init; } = true;

    /// <summary>Names some of its control tokens as the marks of a gap.</summary>
    public bool Infill { get; init; }

    public string? ChatTemplate { get; init; } = ChatMl;

    public static int EndToken => VocabularySize - 1;

    public static int VocabularySize => 256 + Merges.Length + Control.Length;

    public string Save(string path)
    {
        Writer().Save(path);
        return path;
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        Writer().Write(stream);
        return stream.ToArray();
    }

    public GgufWriter Writer()
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("general.name", "synthetic");
        writer.Add("general.license", "MIT");
        writer.Add("general.file_type", 7u);
        writer.Add("llama.context_length", (uint)Context);
        writer.Add("llama.embedding_length", (uint)Width);
        writer.Add("llama.block_count", (uint)Layers);
        writer.Add("llama.feed_forward_length", (uint)Inner);
        writer.Add("llama.attention.head_count", (uint)Heads);
        writer.Add("llama.attention.head_count_kv", (uint)Heads);
        writer.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.Add("llama.rope.dimension_count", (uint)(Width / Heads));
        writer.Add("llama.vocab_size", (uint)VocabularySize);
        AddVocabulary(writer);
        if (WithTensors)
        {
            AddTensors(writer);
        }

        return writer;
    }

    private void AddVocabulary(GgufWriter writer)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ByteText((byte)value))];
        tokens.AddRange(Merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)));
        tokens.AddRange(Control);
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "gpt-2");
        writer.Add("tokenizer.ggml.tokens", tokens);
        writer.Add("tokenizer.ggml.token_type", tokens.Select((_, i) => i < tokens.Count - Control.Length ? 1 : 3).ToList());
        writer.Add("tokenizer.ggml.merges", Merges);
        writer.Add("tokenizer.ggml.bos_token_id", (uint)(tokens.Count - 3));
        writer.Add("tokenizer.ggml.eos_token_id", (uint)(tokens.Count - 1));
        writer.Add("tokenizer.ggml.padding_token_id", (uint)(tokens.Count - 3));
        writer.Add("tokenizer.ggml.add_bos_token", false);
        if (Infill)
        {
            writer.Add("tokenizer.ggml.fim_pre_token_id", (uint)(tokens.Count - 3));
            writer.Add("tokenizer.ggml.fim_suf_token_id", (uint)(tokens.Count - 2));
            writer.Add("tokenizer.ggml.fim_mid_token_id", (uint)(tokens.Count - 2));
        }

        if (ChatTemplate is not null)
        {
            writer.Add("tokenizer.chat_template", ChatTemplate);
        }
    }

    private void AddTensors(GgufWriter writer)
    {
        var random = new Random(Seed);
        Matrix("token_embd.weight", Width, VocabularySize);
        Ones("output_norm.weight");
        for (var layer = 0; layer < Layers; layer++)
        {
            Ones($"blk.{layer}.attn_norm.weight");
            Matrix($"blk.{layer}.attn_q.weight", Width, Width);
            Matrix($"blk.{layer}.attn_k.weight", Width, Width);
            Matrix($"blk.{layer}.attn_v.weight", Width, Width);
            Matrix($"blk.{layer}.attn_output.weight", Width, Width);
            Ones($"blk.{layer}.ffn_norm.weight");
            Matrix($"blk.{layer}.ffn_gate.weight", Width, Inner);
            Matrix($"blk.{layer}.ffn_up.weight", Width, Inner);
            Matrix($"blk.{layer}.ffn_down.weight", Inner, Width);
        }

        void Ones(string name) => writer.AddTensor(name, [Width], [.. Enumerable.Repeat(1f, Width)], GgmlType.F32);

        void Matrix(string name, int input, int output)
        {
            var values = new float[input * output];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (random.NextSingle() - 0.5f) * 2f / MathF.Sqrt(input);
            }

            writer.AddTensor(name, [input, output], values, Type);
        }
    }

    /// <summary>GPT-2's printable stand-in for a byte (<c>bytes_to_unicode</c> of its encoder).</summary>
    private static string ByteText(byte value)
    {
        static bool Printable(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        return Printable(value)
            ? ((char)value).ToString()
            : ((char)(256 + Enumerable.Range(0, value).Count(b => !Printable(b)))).ToString();
    }
}
