namespace EdgeCoder.Inference.Providers;

/// <summary>What is asked for when a model is opened.</summary>
public sealed record ModelRequest
{
    /// <summary>Model named in the request, as <c>ID</c> or <c>PROVIDER/ID</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Model named by the session.</summary>
    public string? SessionModel { get; init; }

    /// <summary>Model named by the project.</summary>
    public string? ProjectModel { get; init; }

    /// <summary>What it is for.</summary>
    public ModelRole Role { get; init; } = ModelRole.Coder;

    /// <summary>Whether the demonstration model may answer when there is no other. It always may when it is named.</summary>
    public bool Demonstration { get; init; } = true;

    /// <summary>Window, in tokens, that the work needs; a first use proves just this much.</summary>
    public int NeededWindow { get; init; } = 4096;
}
