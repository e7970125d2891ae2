namespace EdgeCoder.Training.Learning;

/// <summary>Where one tensor lies among the parameters.</summary>
/// <param name="Name">Name as GGUF files of the llama architecture have it.</param>
/// <param name="Offset">First float.</param>
/// <param name="Rows">Outputs of a weight matrix; 1 for a gain.</param>
/// <param name="Columns">Inputs of a weight matrix, or length of a gain.</param>
internal sealed record Tensor(string Name, long Offset, int Rows, int Columns)
{
    /// <summary>Number of floats.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Whether this is the gain of a norm: stored in full precision, not decayed.</summary>
    public bool IsGain => Rows == 1;
}

/// <summary>Tensors of one layer.</summary>
internal sealed record LayerTensors(Tensor AttentionNorm, Tensor Query, Tensor Key, Tensor Value, Tensor Output, Tensor FeedForwardNorm, Tensor Gate, Tensor Up, Tensor Down);

/// <summary>All parameters of a model in one buffer.</summary>
internal sealed class Parameters : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private long _length;

    /// <summary>Lays the parameters out; all are zero.</summary>
    public Parameters(ModelShape shape)
    {
        Shape = shape;
        Embedding = Add("token_embd.weight", shape.Vocabulary, shape.Width);
        OutputNorm = Add("output_norm.weight", 1, shape.Width);
        Layers = [.. Enumerable.Range(0, shape.Layers).Select(AddLayer)];
        Values = new FloatBuffer(_length);
    }

    /// <summary>The shape.</summary>
    public ModelShape Shape { get; }

    /// <summary>All tensors, in file order.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>Token embeddings; also the output matrix.</summary>
    public Tensor Embedding { get; }

    /// <summary>Gain of the last norm.</summary>
    public Tensor OutputNorm { get; }

    /// <summary>Layers, from the first.</summary>
    public IReadOnlyList<LayerTensors> Layers { get; }

    /// <summary>The numbers.</summary>
    public FloatBuffer Values { get; }

    /// <summary>Sets gains to one and matrices to seeded normal noise whose spread keeps the residual stream's size through the layers.</summary>
    public void Initialize(int seed)
    {
        var random = new Random(seed);
        var inner = 0.7 / Math.Sqrt(Shape.Width);
        var outer = 0.02 / Math.Sqrt(2 * Shape.Layers);
        foreach (var tensor in _tensors)
        {
            var values = Values.Span.Slice((int)tensor.Offset, (int)tensor.Length);
            if (tensor.IsGain)
            {
                values.Fill(1);
                continue;
            }

            var writesResidual = tensor.Name.Contains("attn_output", StringComparison.Ordinal) || tensor.Name.Contains("ffn_down", StringComparison.Ordinal);
            var spread = tensor == Embedding ? 0.02 : writesResidual ? outer : inner;
            foreach (ref var value in values)
            {
                value = (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Values.Dispose();

    private LayerTensors AddLayer(int i)
    {
        var (width, hidden) = (Shape.Width, Shape.Hidden);
        return new LayerTensors(
            Add($"blk.{i}.attn_norm.weight", 1, width),
            Add($"blk.{i}.attn_q.weight", width, width),
            Add($"blk.{i}.attn_k.weight", width, width),
            Add($"blk.{i}.attn_v.weight", width, width),
            Add($"blk.{i}.attn_output.weight", width, width),
            Add($"blk.{i}.ffn_norm.weight", 1, width),
            Add($"blk.{i}.ffn_gate.weight", hidden, width),
            Add($"blk.{i}.ffn_up.weight", hidden, width),
            Add($"blk.{i}.ffn_down.weight", width, hidden));
    }

    private Tensor Add(string name, int rows, int columns)
    {
        var tensor = new Tensor(name, _length, rows, columns);
        _tensors.Add(tensor);
        _length += tensor.Length;
        return tensor;
    }
}
