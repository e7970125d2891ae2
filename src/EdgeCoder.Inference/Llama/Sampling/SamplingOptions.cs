namespace EdgeCoder.Inference.Llama.Sampling;

/// <summary>How the next token is chosen.</summary>
internal sealed record SamplingOptions
{
    /// <summary>0 takes the likeliest token always; above, tokens are drawn, the flatter the higher.</summary>
    public float Temperature { get; init; }

    /// <summary>Draws only from the likeliest tokens that hold this much probability together; 1 from all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Draws only from this many likeliest tokens; 0 from all.</summary>
    public int TopK { get; init; }

    /// <summary>The same seed draws the same tokens.</summary>
    public uint Seed { get; init; }

    /// <summary>GBNF grammar with the root rule <c>root</c> that the text must follow; null for none.</summary>
    public string? Grammar { get; init; }
}
