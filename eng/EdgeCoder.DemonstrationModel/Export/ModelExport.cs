using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.Training.Learning;
using EdgeCoder.Training.Tokens;

namespace EdgeCoder.Training.Export;

/// <summary>Writes a trained model as a GGUF file of the llama architecture with its tokenizer and chat template.</summary>
internal static class ModelExport
{
    // The wording by which llama.cpp's built-in matcher knows ChatML.
    private const string ChatTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>Writes the file; matrices as <paramref name="type"/>, gains in single precision.</summary>
    public static void Save(string path, Parameters parameters, Vocabulary vocabulary, GgmlType type)
    {
        var file = Header(parameters.Shape, vocabulary, type);
        foreach (var tensor in parameters.Tensors)
        {
            var values = parameters.Values.Span.Slice((int)tensor.Offset, (int)tensor.Length).ToArray();
            file.AddTensor(tensor.Name, tensor.IsGain ? [tensor.Columns] : [tensor.Columns, tensor.Rows], values, type);
        }

        file.Save(path);
    }

    private static GgufWriter Header(ModelShape shape, Vocabulary vocabulary, GgmlType type)
    {
        var file = new GgufWriter();
        file.Add("general.architecture", "llama");
        file.Add("general.name", "EdgeCoder demonstration model");
        file.Add("general.description", "Tiny model for short, fixed families of functions; refuses everything else.");
        file.Add("general.quantization_version", 2u);
        file.Add("general.file_type", type switch { GgmlType.Q8_0 => 7u, GgmlType.F16 => 1u, _ => 0u });
        file.Add("llama.context_length", (uint)shape.Context);
        file.Add("llama.embedding_length", (uint)shape.Width);
        file.Add("llama.block_count", (uint)shape.Layers);
        file.Add("llama.feed_forward_length", (uint)shape.Hidden);
        file.Add("llama.attention.head_count", (uint)shape.Heads);
        file.Add("llama.attention.head_count_kv", (uint)shape.Heads);
        file.Add("llama.attention.layer_norm_rms_epsilon", shape.NormEpsilon);
        file.Add("llama.rope.freq_base", shape.RotaryBase);
        file.Add("llama.rope.dimension_count", (uint)shape.HeadWidth);
        file.Add("llama.vocab_size", (uint)shape.Vocabulary);
        file.Add("tokenizer.ggml.model", "gpt2");
        file.Add("tokenizer.ggml.pre", "gpt-2");
        file.Add("tokenizer.ggml.tokens", vocabulary.Pieces);
        file.Add("tokenizer.ggml.token_type", Enumerable.Range(0, vocabulary.Count).Select(id => id < vocabulary.EndOfText ? 1 : 3).ToArray());
        file.Add("tokenizer.ggml.merges", vocabulary.Merges.Select(merge => $"{vocabulary.Pieces[merge.Left]} {vocabulary.Pieces[merge.Right]}").ToArray());
        file.Add("tokenizer.ggml.bos_token_id", (uint)vocabulary.EndOfText);
        file.Add("tokenizer.ggml.eos_token_id", (uint)vocabulary.TurnEnd);
        file.Add("tokenizer.ggml.padding_token_id", (uint)vocabulary.EndOfText);
        file.Add("tokenizer.ggml.add_bos_token", false);
        file.Add("tokenizer.chat_template", ChatTemplate);
        return file;
    }
}
