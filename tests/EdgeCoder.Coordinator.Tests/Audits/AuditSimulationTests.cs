using EdgeCoder.Coordinator.Audits;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Audits;

public sealed class AuditSimulationTests
{
    private static readonly IReadOnlyList<SimulatedAudit> Lines = AuditSimulation.Run();

    [Fact]
    public void Adaptive_audits_cost_honest_agents_a_few_percent_and_find_frequent_liars()
    {
        var adaptive = Lines.Where(line => line.Rule.StartsWith("adaptive", StringComparison.Ordinal)).ToDictionary(line => line.CheatPercent);

        // 10 audits on probation and ln(1000/10) after it, of 1,000 results.
        Assert.All(adaptive.Values, line => Assert.InRange(line.HonestOverhead, 0.0135, 0.0158));
        Assert.InRange(adaptive[20].Caught, 0.9, 1);
        Assert.True(adaptive[1].Caught < adaptive[5].Caught && adaptive[5].Caught < adaptive[20].Caught);
        Assert.All(adaptive.Values, line => Assert.True(line.LiarOverhead >= line.HonestOverhead));
    }

    [Fact]
    public void Without_audits_nobody_is_found() => Assert.All(Lines.Where(line => line.Rule == "none"), line => Assert.Equal((0, 0, (int?)null), (line.Caught, line.HonestOverhead, line.MedianResults)));

    [Fact]
    public void Table_in_the_documentation_is_what_the_simulation_prints()
    {
        var table = AuditSimulation.Table(Lines);
        Assert.True(File.ReadAllText(Path.Combine(Repository.Root, "docs", "verification.md")).ReplaceLineEndings("\n").Contains(table, StringComparison.Ordinal), "docs/verification.md has another table than this:\n" + table);
    }
}
