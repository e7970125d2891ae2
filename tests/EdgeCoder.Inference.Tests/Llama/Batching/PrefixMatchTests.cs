using CsCheck;
using EdgeCoder.Inference.Llama.Batching;

namespace EdgeCoder.Inference.Tests.Llama.Batching;

public sealed class PrefixMatchTests
{
    private static readonly Gen<List<int>> Tokens = Gen.Int[0, 2].List[0, 12];

    [Fact]
    public void Sequence_that_was_used_whole_goes_on_in_place() =>
        Assert.Equal(new PrefixMatch(1, 1, 3), Find([1, 2, 3, 4], Free(0, 9), Free(1, 1, 2, 3)));

    [Fact]
    public void Long_conversation_is_not_overwritten_for_a_short_beginning() =>
        Assert.Equal(new PrefixMatch(1, 0, 2), Find([1, 2, 9], Free(0, 1, 2, 3, 4, 5, 6, 7), Free(1)));

    [Fact]
    public void Only_free_sequence_is_used_however_little_fits() =>
        Assert.Equal(new PrefixMatch(0, 0, 1), Find([1, 9, 9], Free(0, 1, 2, 3, 4, 5, 6, 7)));

    [Fact]
    public void Busy_sequence_lends_its_beginning() =>
        Assert.Equal(new PrefixMatch(1, 0, 3), Find([1, 2, 3, 4], new CachedSequence(0, [1, 2, 3, 8], IsFree: false, 5), Free(1, 7)));

    [Fact]
    public void Last_prompt_token_is_always_run() => Assert.Equal(2, Find([1, 2, 3], Free(0, 1, 2, 3)).Length);

    [Fact]
    public void Without_reuse_nothing_is_shared() =>
        Assert.Equal(0, PrefixMatch.Find([Free(0, 1, 2, 3)], [1, 2, 3], reuse: false).Length);

    [Fact]
    public void Match_is_the_longest_common_prefix_and_its_target_is_free() =>
        Gen.Select(Tokens.List[1, 5], Gen.Int[0, 2].Array[1, 12], Gen.Bool.List[5]).Sample((cached, prompt, free) =>
        {
            var sequences = cached.Select((tokens, i) => new CachedSequence(i, tokens, free[i] || i == 0, i)).ToList();
            var match = PrefixMatch.Find(sequences, prompt, reuse: true);
            var longest = sequences.Max(sequence => Math.Min(PrefixMatch.Common(sequence.Tokens, prompt), prompt.Length - 1));
            return match.Length == longest && sequences[match.Target].IsFree
                && PrefixMatch.Common(sequences[match.Source].Tokens, prompt) >= match.Length;
        });

    private static PrefixMatch Find(int[] prompt, params CachedSequence[] sequences) => PrefixMatch.Find(sequences, prompt, reuse: true);

    private static CachedSequence Free(int sequence, params List<int> tokens) => new(sequence, tokens, IsFree: true, sequence);
}
