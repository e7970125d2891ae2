using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>How long a context may be. The library allocates what it is asked for until the system kills the process, so the limit is worked out before.</summary>
internal static class ContextBudget
{
    /// <summary>Largest window used unless a person asks for more: beyond it, reading the prompt takes minutes on a processor.</summary>
    public const int DefaultLargest = 32_768;

    /// <summary>Below this a model cannot do anything useful here.</summary>
    public const int Smallest = 256;

    /// <summary>Tokens that generations side by side may have together, where the window of one is shorter.</summary>
    private const int SharedCache = 8192;

    /// <summary>Part of the free memory that keys and values may take; the rest is for weights' pages, buffers and everybody else.</summary>
    private const double UsablePart = 0.5;

    /// <summary>Bytes that one token takes in the cache: a key and a value of 16-bit numbers for every layer.</summary>
    public static long BytesPerToken(int layers, int keyWidth, int valueWidth) => 2L * layers * (keyWidth + valueWidth);

    /// <summary>Tokens of the context.</summary>
    /// <param name="wanted">What was asked for; null for the model's own, at most <see cref="DefaultLargest"/>.</param>
    /// <param name="trained">What the model was trained with; 0 when it does not say.</param>
    /// <param name="bytesPerToken">See <see cref="BytesPerToken"/>.</param>
    /// <param name="freeBytes">Memory that is free now.</param>
    /// <exception cref="ModelException"><c>out_of_memory</c> when not even <see cref="Smallest"/> tokens fit.</exception>
    public static int Size(int? wanted, int trained, long bytesPerToken, long freeBytes)
    {
        var most = trained > 0 ? trained : DefaultLargest;
        var asked = Math.Max(Smallest, Math.Min(wanted ?? DefaultLargest, most));
        var fitting = (long)(freeBytes * UsablePart) / Math.Max(1, bytesPerToken);
        return fitting >= Smallest
            ? (int)Math.Min(asked, fitting)
            : throw new ModelException(
                "out_of_memory",
                $"There is no memory for this model: {Smallest} tokens need {Smallest * bytesPerToken >> 20} MiB, half of the free {freeBytes >> 20} MiB may be used.",
                "Close other programs or use a smaller model.");
    }

    /// <summary>Tokens of the cache that all generations share: a window for each as long as that is little, and never less than one window.</summary>
    public static int Shared(int window, int slots, long bytesPerToken, long freeBytes)
    {
        var fitting = (long)(freeBytes * UsablePart) / Math.Max(1, bytesPerToken);
        var wanted = Math.Min((long)window * slots, Math.Max(window, SharedCache));
        return (int)Math.Max(window, Math.Min(wanted, fitting));
    }
}
