using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Coordinator.Tests.Anchors;

/// <summary>Anchors of a real log, and receipts that name them.</summary>
public sealed class LogAnchorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_checkpoint_is_anchored_and_anchors_alone_call_for_none()
    {
        await using var log = await RunningLog.StartAsync();
        await log.WriteAsync(3);
        await log.SettleAsync();
        var checkpoints = new LogAnchorCheckpoints(log.Services.GetRequiredService<LogRows>(), log.Services.GetRequiredService<LogCosignatures>());
        var first = (await checkpoints.NewestAsync(Stop))!;
        var newest = log.Services.GetRequiredService<LogCheckpoints>().Newest!.Checkpoint;
        Assert.Equal((newest.Hash, newest.Size), (first.Hash, first.Height));
        Assert.True(await checkpoints.HasGrownAsync(0, first.Height, Stop));
        Assert.False(await checkpoints.HasGrownAsync(first.Height, first.Height, Stop));

        await AppendAsync(log, "anchor_set", """{"v":1}""");
        var second = (await checkpoints.NewestAsync(Stop))!;
        Assert.Equal(first.Height + 1, second.Height);
        Assert.False(await checkpoints.HasGrownAsync(first.Height, second.Height, Stop));

        await log.WriteAsync(1);
        await log.SettleAsync();
        Assert.True(await checkpoints.HasGrownAsync(first.Height, (await checkpoints.NewestAsync(Stop))!.Height, Stop));
    }

    [Fact]
    public async Task A_receipt_names_the_oldest_anchored_checkpoint_that_covers_it()
    {
        await using var log = await RunningLog.StartAsync();
        await AppendAsync(log, RecordTypes.Receipt, Receipt());
        var rows = log.Services.GetRequiredService<LogRows>();
        var settings = new AnchorSettings { Provider = AnchorProviderKind.Mock };
        var store = new AnchorStore(log.Writer, log.Services.GetRequiredService<IDbContextFactory<CoordinatorContext>>());
        var time = log.Services.GetRequiredService<TimeProvider>();
        var keeper = new AnchorKeeper(store, new(store, new MockAnchors(), settings, time), new AnchorRounds(store, new LogAnchorCheckpoints(rows, log.Services.GetRequiredService<LogCosignatures>()), settings, time), settings, time, NullLogger<AnchorKeeper>.Instance);
        var proofs = new LogProofs(rows, log.Services.GetRequiredService<LogTree>(), log.Services.GetRequiredService<LogCheckpoints>(), log.Services.GetRequiredService<LogCosignatures>(), log.Services.GetRequiredService<CoordinatorIdentity>(), new ReceiptAnchors(store, settings));
        Assert.Null(await OnlyAnchorAsync(proofs));

        var row = (await keeper.RoundAsync(AnchorKinds.Stats, null, Stop))!;
        await keeper.WorkAsync(row, Stop);
        Assert.Null(await OnlyAnchorAsync(proofs));
        await keeper.WorkAsync(row, Stop);
        await log.WriteAsync(2);
        await log.SettleAsync();

        var receipt = (await proofs.ReceiptsAsync("t-1", Stop)).Receipts.Single();
        Assert.Equal((row.CheckpointHeight, AnchorPayload.Of(row.CheckpointHash)), (receipt.TreeSize, receipt.Anchor?.PayloadHex));
        var verdict = ReceiptVerifier.Check(receipt, log.Trust);
        Assert.Equal((ReceiptStanding.Proven, null, "anchor_payload"), (verdict.Standing, verdict.Reason, verdict.Checks[^1]));
    }

    private static async Task<ReceiptAnchor?> OnlyAnchorAsync(LogProofs proofs) => (await proofs.ReceiptsAsync("t-1", Stop)).Receipts.Single().Anchor;

    private static async Task AppendAsync(RunningLog log, string type, string payload)
    {
        await log.Writer.WriteAsync(
            batch =>
            {
                LogOutbox.Append(batch, type, "t-1", null, "worker-a", payload, 1);
                return true;
            },
            Stop);
        await log.SettleAsync();
    }

    internal static string Receipt()
    {
        var hash = new string('a', 64);
        return new JsonObject
        {
            ["acceptanceHash"] = hash, ["agentId"] = "worker-a", ["agentKeyId"] = new string('b', 16), ["inputHash"] = hash, ["modelHash"] = hash, ["outputHash"] = hash, ["policyHash"] = hash, ["priceMc"] = 5, ["resultHash"] = hash,
            ["sandboxHash"] = hash, ["verdict"] = "accepted", ["verifierId"] = "coord-test",
        }.ToJsonString();
    }
}
