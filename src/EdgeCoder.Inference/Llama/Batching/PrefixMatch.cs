using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>A sequence of the cache as the choice of a slot sees it.</summary>
/// <param name="Sequence">Its id.</param>
/// <param name="Tokens">What the cache holds of it.</param>
/// <param name="IsFree">Whether a new request may take it over; false for one that is generating or is kept.</param>
/// <param name="LastUsed">Larger is later.</param>
internal readonly record struct CachedSequence(int Sequence, List<int> Tokens, bool IsFree, long LastUsed);

/// <summary>Where a request goes, and which tokens it need not read again.</summary>
/// <param name="Target">The sequence that it gets.</param>
/// <param name="Source">The sequence whose beginning is the longest that is common; equal to <paramref name="Target"/> when it goes on in place.</param>
/// <param name="Length">How many tokens they have in common, always less than the prompt: the last one must be run for its scores.</param>
internal readonly record struct PrefixMatch(int Target, int Source, int Length)
{
    /// <summary>
    /// Chooses by the longest common prefix. A sequence of which less than half would be used is not overwritten while another one is free:
    /// its owner may come back, and sharing the beginning costs nothing.
    /// </summary>
    /// <param name="sequences">All sequences; at least one is free.</param>
    /// <param name="prompt">The new prompt.</param>
    /// <param name="reuse">False starts from nothing.</param>
    public static PrefixMatch Find(IReadOnlyList<CachedSequence> sequences, ReadOnlySpan<int> prompt, bool reuse)
    {
        var (best, length) = (default(CachedSequence), -1);
        foreach (var sequence in sequences)
        {
            var common = reuse ? Math.Min(Common(sequence.Tokens, prompt), prompt.Length - 1) : 0;
            if (common > length || (common == length && sequence.IsFree && !best.IsFree))
            {
                (best, length) = (sequence, common);
            }
        }

        var oldest = Oldest(sequences);
        var inPlace = best.IsFree && length > 0 && (length * 2 >= best.Tokens.Count || oldest.Sequence == best.Sequence);
        return inPlace ? new(best.Sequence, best.Sequence, length)
            : length > 0 ? new(oldest.Sequence, best.Sequence, length)
            : new(oldest.Sequence, oldest.Sequence, 0);
    }

    /// <summary>Number of leading tokens that are the same.</summary>
    public static int Common(List<int> tokens, ReadOnlySpan<int> prompt) => CollectionsMarshal.AsSpan(tokens).CommonPrefixLength(prompt);

    // An empty one first, then the one that nobody came back to for the longest time.
    private static CachedSequence Oldest(IReadOnlyList<CachedSequence> sequences) =>
        sequences.Where(sequence => sequence.IsFree).MinBy(sequence => (sequence.Tokens.Count > 0, sequence.LastUsed));
}
