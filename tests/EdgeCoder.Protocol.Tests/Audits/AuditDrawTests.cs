using CsCheck;
using EdgeCoder.Protocol.Audits;

namespace EdgeCoder.Protocol.Tests.Audits;

public sealed class AuditDrawTests
{
    private const string LeaseId = "AAECAwQFBgcICQoLDA0ODw";
    private const string Digest = "ac63fb40b78d099a535cabc2549a8552548e98fd66620fca3a63e5441557cad1";

    private static readonly byte[] Seed = [.. Enumerable.Repeat((byte)0x44, AuditDraw.SeedSize)];

    // Vector C6.
    [Fact]
    public void Draw_of_the_specification()
    {
        Assert.Equal("828bb751441e0c72791ff7c2492ca8ee9ee1507a92204e94394b1284fc5b825a", AuditDraw.SeedHash(Seed));
        Assert.True(AuditDraw.IsDrawn(Seed, LeaseId, Digest, 11));
        Assert.False(AuditDraw.IsDrawn(Seed, LeaseId, Digest, 12));
        Assert.Equal(1, AuditDraw.Auditor(Seed, LeaseId, Digest, 3));
    }

    // V4.
    [Fact]
    public void On_probation_every_result_is_audited() =>
        Gen.Select(Gen.Byte.Array[32], Gen.String, Gen.String, Gen.Int[0, 9]).Sample((seed, lease, digest, cv) => AuditDraw.IsDrawn(seed, lease, digest, cv));

    // V4.
    [Fact]
    public void Lease_result_and_seed_each_move_the_draw()
    {
        bool[] Draws(Func<int, bool> draw) => [.. Enumerable.Range(0, 200).Select(draw)];
        Assert.Equal(2, Draws(i => AuditDraw.IsDrawn(Seed, $"lease-{i}", Digest, 10)).Distinct().Count());
        Assert.Equal(2, Draws(i => AuditDraw.IsDrawn(Seed, LeaseId, $"digest-{i}", 10)).Distinct().Count());
        Assert.Equal(2, Draws(i => AuditDraw.IsDrawn([.. Seed[..31], (byte)i], LeaseId, Digest, 10)).Distinct().Count());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(50)]
    public void A_trusted_agent_is_drawn_once_in_cv_results(int cv)
    {
        const int Results = 50_000;
        var drawn = Enumerable.Range(0, Results).Count(i => AuditDraw.IsDrawn(Seed, $"lease-{i}", Digest, cv));
        var expected = Results / (double)cv;

        // Five standard deviations of the binomial distribution, with a fixed seed.
        Assert.InRange(drawn, expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
    }

    [Fact]
    public void Auditors_are_drawn_evenly()
    {
        var counts = Enumerable.Range(0, 30_000).GroupBy(i => AuditDraw.Auditor(Seed, $"lease-{i}", Digest, 3)).ToDictionary(g => g.Key, g => g.Count());
        Assert.All(Enumerable.Range(0, 3), i => Assert.InRange(counts[i], 9_500, 10_500));
        Assert.Throws<ArgumentOutOfRangeException>(() => AuditDraw.Auditor(Seed, LeaseId, Digest, 0));
    }
}
