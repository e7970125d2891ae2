using System.Text.Json;
using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Swaps;

/// <summary>What of a pull outlives the process: which model, whether it is to become the active one, and why the last try ended.</summary>
internal sealed record PullMemory
{
    /// <summary>The model, as it was asked for; null when nothing is pulled.</summary>
    public string? Model { get; set; }

    /// <summary>Whether it becomes the active model when it is here.</summary>
    public bool Activate { get; set; }

    /// <summary>When it began, epoch milliseconds.</summary>
    public long StartedAtMs { get; set; }

    /// <summary>Why it ended; null while it runs.</summary>
    public string? Error { get; set; }

    /// <summary>What the file holds. A pull that ran when the process ended did not end well, and says so: nothing is fetched by a start.</summary>
    public static PullMemory Read(string path)
    {
        try
        {
            var memory = JsonSerializer.Deserialize(File.ReadAllBytes(path), SwapsJson.Default.PullMemory) ?? new();
            return memory is { Model: not null, Error: null } ? memory with { Error = "stream_interrupted: The service ended during the pull. Pull again; it goes on where it stopped." } : memory;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return new();
        }
    }

    /// <summary>Keeps it.</summary>
    public void Write(string path)
    {
        StoreLayout.MakeParent(path);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, SwapsJson.Default.PullMemory));
    }
}
