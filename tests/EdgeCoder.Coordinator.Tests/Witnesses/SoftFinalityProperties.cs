using CsCheck;
using EdgeCoder.Coordinator.Witnesses;

namespace EdgeCoder.Coordinator.Tests.Witnesses;

/// <summary>How many witnesses make a checkpoint final, and how many must answer at a start (economy-and-ledger 9.6, 9.8).</summary>
public sealed class SoftFinalityProperties
{
    [Fact]
    public void Whoever_answers_at_a_start_includes_a_witness_of_every_final_checkpoint() =>
        Gen.Int[1, 25].SelectMany(witnesses => Gen.Select(Gen.Const(witnesses), Gen.Shuffle(Enumerable.Range(0, witnesses).ToArray()), Gen.Shuffle(Enumerable.Range(0, witnesses).ToArray()))).Sample((witnesses, cosigned, answered) =>
            cosigned.Take(SoftFinality.Threshold(witnesses + 1) - 1).Intersect(answered.Take(SoftFinality.Answers(witnesses))).Any());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void One_answer_fewer_would_not_be_enough(int witnesses)
    {
        var cosigned = Enumerable.Range(0, SoftFinality.Threshold(witnesses + 1) - 1);
        Assert.Empty(cosigned.Intersect(Enumerable.Range(0, witnesses).Reverse().Take(SoftFinality.Answers(witnesses) - 1)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    public void The_threshold_is_a_majority(int members, int threshold) => Assert.Equal(threshold, SoftFinality.Threshold(members));
}
