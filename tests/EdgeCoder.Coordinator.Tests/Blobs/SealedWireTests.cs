using System.Text;
using EdgeCoder.Coordinator.Tests.LyingWorkers;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Agents;
using EdgeCoder.TestKit.Wires;

namespace EdgeCoder.Coordinator.Tests.Blobs;

/// <summary>What passes between agent and coordinator, byte for byte, while a project's task is done: nothing of a sealed lease can be read on the way (coordinator-and-mesh 6).</summary>
public sealed class SealedWireTests(LyingScene scene) : IClassFixture<LyingScene>
{
    private const string Before = "MARKER_SNAPSHOT = 1\n";
    private const string After = "MARKER_PATCH = 2\n";

    private static readonly string[] Markers = ["MARKER_PROMPT", "MARKER_SNAPSHOT", "MARKER_CHECK", "MARKER_PATCH", "MARKER_LOG"];

    [Fact]
    public async Task Nothing_of_a_sealed_lease_can_be_read_on_the_wire()
    {
        await using var wire = new RecordedWire(scene.Role.Url);
        var agent = await scene.AgentAsync("sealed-agent", LyingScene.Honest, sealedWork: true, wire.Url);
        await SubmitAsync("sealed-task");
        var work = Assert.Single(await agent.WorkAsync(1, LyingScene.Stop));

        // 1. The snapshot and the file of the check come under the names of their copies, and under no other.
        foreach (var digest in new[] { work.Lease.SnapshotDigest!, work.Order.AcceptanceCheck!.Files![0].Sha256 })
        {
            var copy = Assert.Single(work.Order.Blobs!, blob => blob.Digest == digest);
            Assert.Equal("404 blob_not_found", (await agent.GetAsync(digest, LyingScene.Stop)).Outcome);
            Assert.Contains("MARKER", Encoding.UTF8.GetString(BlobSealer.Open(copy, (await agent.GetAsync(copy.SealedDigest, LyingScene.Stop)).Body)!), StringComparison.Ordinal);
        }

        // 2. The patch and the log go back sealed, and arrive as what they are.
        var patch = await agent.PutSealedAsync(Encoding.UTF8.GetBytes(Patches.Edit("calc.py", Before, After)), LyingScene.Stop);
        var log = await agent.PutSealedAsync("MARKER_LOG"u8.ToArray(), LyingScene.Stop);
        Assert.Equal("200", (await agent.ReportAsync(work, report => report with { PatchDigest = patch.Digest, LogsDigest = log.Digest, Blobs = [patch, log] }, LyingScene.Stop)).Outcome);
        await scene.EventAsync("sealed-task", "task.state", state => (string?)state["state"] == "completed");
        Assert.Contains("MARKER_PATCH", Encoding.UTF8.GetString(await scene.BlobAsync(patch.Digest)), StringComparison.Ordinal);
        Assert.Equal("MARKER_LOG"u8.ToArray(), await scene.BlobAsync(log.Digest));

        // 3. Who listened has learnt nothing.
        Assert.True(wire.Saw("sealed-agent"u8));
        Assert.All(Markers, marker => Assert.False(wire.Saw(Encoding.UTF8.GetBytes(marker)), marker));
    }

    [Fact]
    public async Task Patch_that_comes_in_the_clear_is_refused_and_one_that_its_key_does_not_open_too()
    {
        var agent = await scene.AgentAsync("plain-uploads", LyingScene.Honest);
        await SubmitAsync("plain-uploads");
        var work = Assert.Single(await agent.WorkAsync(1, LyingScene.Stop));
        var content = Encoding.UTF8.GetBytes(Patches.Edit("calc.py", Before, After));
        var (plain, kept, other) = (await agent.PutAsync(content, LyingScene.Stop), await agent.PutSealedAsync(content, LyingScene.Stop), await agent.PutSealedAsync(content, LyingScene.Stop));
        Assert.Equal("400 plaintext_not_allowed", (await agent.ReportAsync(work, report => report with { PatchDigest = plain }, LyingScene.Stop)).Outcome);
        Assert.Equal("400 envelope_decrypt_failed", (await agent.ReportAsync(work, report => report with { PatchDigest = plain, Blobs = [kept with { Key = other.Key }] }, LyingScene.Stop)).Outcome);
        Assert.Equal("200", (await agent.ReportAsync(work, report => report with { PatchDigest = plain, Blobs = [kept] }, LyingScene.Stop)).Outcome);
        await scene.EventAsync("plain-uploads", "task.state", state => (string?)state["state"] == "completed");
    }

    // What the recording is for: work in the clear is seen by it.
    [Fact]
    public async Task Work_in_the_clear_is_seen_on_the_wire()
    {
        await using var wire = new RecordedWire(scene.Role.Url);
        var agent = await scene.AgentAsync("open-agent", LyingScene.Honest, sealedWork: false, wire.Url);
        await SubmitAsync("open-task");
        var work = Assert.Single(await agent.WorkAsync(1, LyingScene.Stop));
        Assert.Null(work.Order.Blobs);
        await agent.GetAsync(work.Lease.SnapshotDigest!, LyingScene.Stop);
        await agent.GetAsync(work.Order.AcceptanceCheck!.Files![0].Sha256, LyingScene.Stop);
        var patch = await agent.PutAsync(Encoding.UTF8.GetBytes(Patches.Edit("calc.py", Before, After)), LyingScene.Stop);
        var log = await agent.PutAsync("MARKER_LOG"u8.ToArray(), LyingScene.Stop);
        Assert.Equal("200", (await agent.ReportAsync(work, report => report with { PatchDigest = patch, LogsDigest = log }, LyingScene.Stop)).Outcome);
        await scene.EventAsync("open-task", "task.state", state => (string?)state["state"] == "completed");
        Assert.All(Markers, marker => Assert.True(wire.Saw(Encoding.UTF8.GetBytes(marker)), marker));
    }

    private async Task SubmitAsync(string taskId) => await scene.SubmitAsync(new()
    {
        TaskId = taskId,
        Prompt = "MARKER_PROMPT: change the number",
        Kind = SubtaskKind.RepoChange,
        Plan = TaskPlan.Single,
        DataClass = "mesh",
        SnapshotRef = "sha256:" + await scene.SnapshotAsync(("calc.py", Before), ("tests/__init__.py", "")),
        AcceptanceCheck = new()
        {
            Command = ["python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."],
            TimeoutMs = 20_000,
            Report = CheckReport.Junit,
            Files = [await scene.FileAsync("tests/test_calc.py", "import unittest\nimport calc\n\nclass Case(unittest.TestCase):\n    def test_it(self):\n        # MARKER_CHECK\n        self.assertTrue(hasattr(calc, 'MARKER_' + 'PATCH'))\n")],
        },
    });
}
