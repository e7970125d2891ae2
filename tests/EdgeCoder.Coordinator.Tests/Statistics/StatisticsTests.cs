using System.Text.Json;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Tests.Issuance;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Statistics;

/// <summary>What is projected of logs (economy-and-ledger 12, F13, F14): once, in any order of asking, and the same when it is made anew.</summary>
public sealed class StatisticsTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(IssuanceBench.SlotEnd - IssuanceBench.Slot + 1_000));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_record_projects_once_and_projections_can_be_made_anew(StoreKind kind)
    {
        await using var bench = await IssuanceBench.StartAsync(kind);
        await bench.ExampleAsync();
        await bench.WorkAsync("A", 7, verified: false);
        await using var again = await bench.AgainAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(n => (n % 2 == 0 ? bench : again).Get<LogProjections>().CatchUpAsync(Stop)));
        var once = await DumpAsync(bench);
        Assert.Equal("A 1000 7 0;A 1000 60000000 1;B 1000 30500000 1;C 1000 9250000 1", once);

        await bench.DoAsync(batch => batch.Execute("DELETE FROM projected_accruals") + batch.Execute("DELETE FROM projected_nodes") + batch.Execute("DELETE FROM projection_cursors"));
        await bench.Get<LogProjections>().CatchUpAsync(Stop);
        Assert.Equal(once, await DumpAsync(bench));
        Assert.Equal(new Parity(3, 0, 0), await bench.Get<ParityCheck>().RunAsync(Stop));
    }

    [Fact]
    public async Task What_the_tables_and_the_log_say_differently_is_counted()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        Assert.Equal(3, (await bench.Get<ParityCheck>().RunAsync(Stop)).Pending);
        await bench.Get<LogProjections>().CatchUpAsync(Stop);

        // The planted bug: a report that was changed after it was told.
        await bench.DoAsync(batch => batch.Execute("UPDATE compute_contribution_reports SET paid_mc = paid_mc + 1 WHERE account_id = 'B'"));
        Assert.Equal(new Parity(3, 1, 0), await bench.Get<ParityCheck>().RunAsync(Stop));
    }

    [Fact]
    public async Task Phase_one_reads_the_own_tables_and_phase_two_the_logs_of_all()
    {
        await using var shadow = await IssuanceBench.StartAsync(clock: _clock);
        await using var peer = await IssuanceBench.StartAsync(peerId: "coord-2", seed: 32, clock: _clock);
        await using var federated = await IssuanceBench.StartAsync(peerId: "coord-3", seed: 64, clock: _clock, phase: LedgerPhase.Federated);
        await peer.WorkAsync("P", 5);
        await peer.DoAsync(batch =>
        {
            NodeEvents.Validation(batch, "agent-p", "token", 1);
            NodeEvents.Approval(batch, "agent-p", "op-1", true, null, 2);
            NodeEvents.Validation(batch, "agent-p", "token", 3);
            return true;
        });
        foreach (var one in new[] { shadow, federated })
        {
            await one.WorkAsync("Own", 5);
            await one.ApproveAsync([peer]);
            await one.KeepLogOfAsync(peer);
        }

        Assert.Equal(["coord-1 Own 1.000 1"], Earnings(await shadow.Get<StatisticsReading>().SummaryAsync(null, Stop)));
        await federated.Get<LogProjections>().CatchUpAsync(Stop);
        Assert.Equal(("coord-2 agent-p", true), await federated.DoAsync(batch => batch.Query("SELECT source, node_id, approved FROM projected_nodes", row => (row.Text(0) + " " + row.Text(1), row.Flag(2))).Single()));

        var summary = await federated.Get<StatisticsReading>().SummaryAsync(null, Stop);
        Assert.Equal(["coord-2 P 1.000 1", "coord-3 Own 1.000 1"], Earnings(summary));
        Assert.Equal((FinalityState.NoCheckpoint, "agent-p"), (summary.Finality.FinalityState, Assert.Single(summary.Nodes).NodeId));
        Assert.Equal((0L, 2), (summary.Parity.Differences, summary.QuorumThreshold));
        Assert.Empty((await federated.Get<StatisticsReading>().SummaryAsync("nobody", Stop)).Earnings);

        // Nobody else was heard for three sync intervals: the own tables again, and it says so.
        _clock.Advance(TimeSpan.FromSeconds(31));
        var stale = await federated.Get<StatisticsReading>().SummaryAsync(null, Stop);
        Assert.Equal((FinalityState.StaleFederation, "tables"), (stale.Finality.FinalityState, stale.ReadFrom));
        Assert.Equal(["coord-3 Own 1.000 1"], Earnings(stale));
        Assert.Equal("1.000", JsonSerializer.SerializeToElement(summary, StatisticsJson.Default.StatisticsSummary).GetProperty("earnings")[0].GetProperty("credits").GetRawText());
    }

    [Fact]
    public async Task Phase_three_lets_nothing_be_final_before_the_log_is()
    {
        await using var alone = await IssuanceBench.StartAsync(clock: _clock, phase: LedgerPhase.Enforced);
        await alone.Get<FederationGate>().RequireAsync(Stop);
        Assert.False(await alone.Get<FederationGate>().MayReleaseAsync(Stop));
        await using var peer = await IssuanceBench.StartAsync(peerId: "coord-2", seed: 32, clock: _clock);
        await alone.WorkAsync("A", 5);
        await alone.ApproveAsync([peer]);
        Assert.True(await peer.Get<FederationGate>().MayReleaseAsync(Stop));
        Assert.Equal("federation_not_final", (await Assert.ThrowsAsync<Refusal>(() => alone.Get<FederationGate>().RequireAsync(Stop))).Error);
    }

    [Theory]
    [InlineData(nameof(FinalityState.StaleFederation), false)]
    [InlineData(nameof(FinalityState.NoCheckpoint), false)]
    [InlineData(nameof(FinalityState.SoftFinalized), true)]
    [InlineData(nameof(FinalityState.AnchoredPending), true)]
    [InlineData(nameof(FinalityState.AnchoredConfirmed), true)]
    public void What_is_final_enough(string state, bool suffices) => Assert.Equal(suffices, FederationGate.Suffices(Enum.Parse<FinalityState>(state)));

    private static Task<string> DumpAsync(IssuanceBench bench) => bench.DoAsync(batch => string.Join(';', batch.Query(
        "SELECT account_id, credits_mc, weight_micro, verified FROM projected_accruals ORDER BY account_id, weight_micro", row => $"{row.Text(0)} {row.Number(1)} {row.Number(2)} {row.Number(3)}")));

    private static IEnumerable<string> Earnings(StatisticsSummary summary) => summary.Earnings.Select(one => FormattableString.Invariant($"{one.Source} {one.AccountId} {one.Credits} {one.TaskCount}"));
}
