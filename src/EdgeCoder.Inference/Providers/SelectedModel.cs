namespace EdgeCoder.Inference.Providers;

/// <summary>A model that was chosen and opened. Disposing it closes the model.</summary>
public sealed record SelectedModel : IAsyncDisposable
{
    /// <summary>The model.</summary>
    public required OpenedModel Model { get; init; }

    /// <summary>Why this one, for the person, for instance <c>the active model</c>.</summary>
    public required string Why { get; init; }

    /// <summary>What a person should know of it, for instance that it is only the demonstration model and how to get a real one.</summary>
    public string? Notice { get; init; }

    /// <summary>The model that was meant, when a fallback of the settings stands in for it; shown and recorded.</summary>
    public string? FallbackFrom { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Model.DisposeAsync();
}
