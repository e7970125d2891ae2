using System.Text.Json;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Coordinators;
using ModelContextProtocol.Protocol;

namespace EdgeCoder.IdeProvider.Tests.Mcp;

/// <summary>Receipts of a task, fetched and checked by tools.</summary>
public sealed class McpReceiptTests
{
    private const string Origin = "edgecoder/coord-1";

    [Fact]
    public async Task A_receipt_is_fetched_and_proven_with_the_key_that_the_caller_trusts()
    {
        using var key = SigningKey.Generate();
        await using var coordinator = await ScriptedTasks.StartAsync();
        coordinator.Receipts["t-1"] = $$"""{"receipts":[{{Receipt(key)}}],"pending":0}""";
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { OpenCoordinator = () => new SubmitterClient(new() { Coordinator = coordinator.Url, ApiKey = ScriptedTasks.Key }, TimeProvider.System) };
        await stage.StartAsync();

        var answer = await CallAsync(stage, "task_receipts", new { task_id = "t-1" });
        Assert.True(answer.IsError is not true, string.Concat(answer.Content.OfType<TextContentBlock>().Select(block => block.Text)));
        var fetched = answer.StructuredContent!.Value;
        var receipt = fetched.GetProperty("receipts")[0].GetRawText();
        var checkedOne = await VerifyAsync(stage, receipt, VerifierKey(key));

        Assert.True(checkedOne.GetProperty("valid").GetBoolean(), checkedOne.GetRawText());
        Assert.Equal("t-1", checkedOne.GetProperty("record").GetProperty("taskId").GetString());
        Assert.True((await CallAsync(stage, "task_receipts", new { task_id = "none" })).IsError);
    }

    [Fact]
    public async Task A_changed_receipt_and_one_of_a_stranger_are_not_valid_and_say_why()
    {
        using var key = SigningKey.Generate();
        using var stranger = SigningKey.Generate();
        await using var stage = await new McpStage().StartAsync();
        var receipt = Receipt(key);

        Assert.Equal("unknown_key", Fault(await VerifyAsync(stage, receipt, "# nobody")));
        Assert.NotNull(Fault(await VerifyAsync(stage, receipt, VerifierKey(stranger))));
        Assert.Equal("inclusion_proof_invalid", Fault(await VerifyAsync(stage, receipt.Replace("\"treeSize\":1", "\"treeSize\":2", StringComparison.Ordinal), VerifierKey(key))));
        Assert.Equal("not_canonical", Fault(await VerifyAsync(stage, "{", VerifierKey(key))));
        Assert.True((await CallAsync(stage, "verify_receipt", new { receipt, trust = "no key" })).IsError);
        Assert.True((await CallAsync(stage, "verify_receipt", new { receipt })).IsError);
        Assert.True((await CallAsync(stage, "verify_receipt", new { receipt, trust = VerifierKey(key), document = "AA==" })).IsError);
    }

    private static string? Fault(JsonElement answer)
    {
        Assert.False(answer.GetProperty("valid").GetBoolean());
        Assert.False(answer.TryGetProperty("record", out _));
        return answer.GetProperty("fault").GetString();
    }

    private static string VerifierKey(SigningKey key) => NoteKey.Of(Origin, NoteKeyType.Ed25519, key.PublicKey).ToString();

    // A log of one record.
    private static string Receipt(SigningKey key)
    {
        var leaf = RecordLeaf.Sign(
            new() { V = 1, Id = "00000000-0000-4000-8000-000000000001", EventType = "receipt", TaskId = "t-1", ActorId = "worker-a", Sequence = 1, IssuedAtMs = 1, PrevHash = OrderingRecord.Genesis, CoordinatorId = "coord-1" },
            key);
        var checkpoint = new Checkpoint(Origin, 1, TreeHash.Leaf(leaf.Bytes));
        var note = new SignedNote(checkpoint.Text, [NoteSignature.Sign(checkpoint.Text, Origin, key)]);
        return JsonSerializer.Serialize(
            new() { V = 1, Type = ReceiptFile.TypeName, Leaf = Convert.ToBase64String(leaf.Bytes), LeafIndex = 0, TreeSize = 1, InclusionProof = [], Checkpoint = note.ToString(), Keys = [] },
            LedgerJson.Default.ReceiptFile);
    }

    private static async Task<JsonElement> VerifyAsync(McpStage stage, string receipt, string trust) => (await CallAsync(stage, "verify_receipt", new { receipt, trust })).StructuredContent!.Value;

    private static async Task<CallToolResult> CallAsync(McpStage stage, string tool, object arguments) =>
        await (await stage.ClientAsync(stage.Endpoint.Key)).CallToolAsync(
            new CallToolRequestParams { Name = tool, Arguments = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(JsonSerializer.Serialize(arguments)) }, TestContext.Current.CancellationToken);
}
