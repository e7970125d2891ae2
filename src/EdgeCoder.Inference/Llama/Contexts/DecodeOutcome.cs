namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>How a step ended (<c>llama_decode</c>).</summary>
internal enum DecodeOutcome
{
    /// <summary>All tokens of the batch are in the cache and the asked logits can be read.</summary>
    Done = 0,

    /// <summary>The cache has no room; nothing changed.</summary>
    NoRoom = 1,

    /// <summary>It was told to stop. Part of the batch may be in the cache: read the positions again.</summary>
    Aborted = 2,
}
