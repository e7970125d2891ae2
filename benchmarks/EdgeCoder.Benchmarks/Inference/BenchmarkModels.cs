using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Inference.Tests.Llama;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>The shipped model, and models of random weights: what they say does not matter, and any machine makes the same ones.</summary>
internal static class BenchmarkModels
{
    private static readonly Lazy<string> LazyDirectory = new(MakeDirectory);
    private static readonly Lazy<string> LazySmall = new(() => new SyntheticModel { Layers = 4, Width = 128, Heads = 2, Inner = 384 }.Save(Path.Combine(Directory, "small.gguf")));
    private static readonly Lazy<string> LazyMedium = new(() => new SyntheticModel { Layers = 8, Width = 512, Heads = 8, Inner = 1376 }.Save(Path.Combine(Directory, "medium.gguf")));
    private static readonly Lazy<string> LazyLarge = new(() => new SyntheticModel { Layers = 12, Width = 768, Heads = 12, Inner = 2048 }.Save(Path.Combine(Directory, "large.gguf")));

    /// <summary>Where what is made for a run stands; it goes with the process.</summary>
    public static string Directory => LazyDirectory.Value;

    /// <summary>The demonstration model that ships with the program, about a million weights: here the loop around the model shows most.</summary>
    public static string Demonstration => DemonstrationModel.FilePath;

    /// <summary>About a million weights, in heads of 64 numbers as larger models have them (the demonstration model's are of 32).</summary>
    public static string Small => LazySmall.Value;

    /// <summary>About 25 million weights.</summary>
    public static string Medium => LazyMedium.Value;

    /// <summary>About 85 million weights: more than a processor's caches hold, as every real model.</summary>
    public static string Large => LazyLarge.Value;

    private static string MakeDirectory()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("edgecoder-bench-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.Directory.Delete(directory, recursive: true);
        return directory;
    }
}
