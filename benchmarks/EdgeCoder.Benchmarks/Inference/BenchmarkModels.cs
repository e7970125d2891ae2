using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.Inference.Tests.Llama;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>Models of random weights: what they say does not matter, and any machine makes the same ones.</summary>
internal sealed class BenchmarkModels
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edgecoder-bench-").FullName;
    private readonly Lazy<string> _small;
    private readonly Lazy<string> _medium;
    private readonly Lazy<string> _large;

    public BenchmarkModels()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_directory, recursive: true);
        _small = new(() => new SyntheticModel { Layers = 4, Width = 128, Heads = 4, Inner = 384 }.Save(Path.Combine(_directory, "small.gguf")));
        _medium = new(() => new SyntheticModel { Layers = 8, Width = 512, Heads = 8, Inner = 1376, Type = GgmlType.Q8_0 }.Save(Path.Combine(_directory, "medium.gguf")));
        _large = new(() => new SyntheticModel { Layers = 12, Width = 768, Heads = 12, Inner = 2048, Type = GgmlType.Q8_0 }.Save(Path.Combine(_directory, "large.gguf")));
    }

    /// <summary>About a million weights, the shape of the demonstration model: here the loop around the model shows most.</summary>
    public string Small => _small.Value;

    /// <summary>About 85 million weights: more than a processor's caches hold, as every real model.</summary>
    public string Large => _large.Value;

    /// <summary>About 25 million weights.</summary>
    public string Medium => _medium.Value;
}
