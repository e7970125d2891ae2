using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Tiles;

namespace EdgeCoder.Coordinator.Tests.Log;

/// <summary>The routes of the log as the composed coordinator answers them, who may call them and what they refuse (economy-and-ledger 9).</summary>
public sealed class LedgerRouteTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>
{
    [Fact]
    public async Task An_operator_reads_the_checkpoint_signed_by_the_key_of_the_identity()
    {
        var identity = JsonNode.Parse(await ReadAsync("identity", null))!;
        Assert.True(NoteKey.TryParse((string)identity["vkey"]!, out var key));
        Assert.Equal("edgecoder/" + coordinator.PeerId, key.Name);
        Assert.True(SignedNote.TryParse(await ReadAsync("ledger/checkpoint"), out var note));
        Assert.True(note.IsSignedBy(key));
        Assert.True(Checkpoint.TryParse(note.Text, out var checkpoint));
        Assert.True(checkpoint.Size >= 3, "The key and two enrolled agents are records.");
    }

    [Fact]
    public async Task An_export_over_http_has_the_root_of_the_checkpoint()
    {
        Assert.True(SignedNote.TryParse(await ReadAsync("ledger/checkpoint"), out var note));
        Assert.True(Checkpoint.TryParse(note.Text, out var checkpoint));
        var bundle = await BytesAsync($"ledger/{TilePath.Entries(0, (int)checkpoint.Size)}");
        using var directory = new TestKit.Files.TemporaryDirectory();
        var tiles = TileWriter.Open(new(directory.Path), 0, durable: false);
        tiles.Append(EntryBundle.Read(bundle)!);
        Assert.Equal(checkpoint.Root, tiles.Root);
        var snapshot = JsonNode.Parse(await ReadAsync("ledger/snapshot?limit=2"))!;
        Assert.Equal(EntryBundle.Read(bundle)!.Take(2).Select(Convert.ToBase64String), snapshot["records"]!.AsArray().Select(record => (string)record!["leaf"]!));
        Assert.Equal((true, checkpoint.Size), ((bool)JsonNode.Parse(await ReadAsync("ledger/verify"))!["ok"]!, (long)JsonNode.Parse(await ReadAsync("ledger/verify"))!["verifiedTo"]!));
    }

    [Theory]
    [InlineData("ledger/tile/0/009", 404, "tile_not_found")]
    [InlineData("ledger/proof/inclusion?sequence=99999", 404, "leaf_not_found")]
    [InlineData("ledger/proof/inclusion?sequence=0", 400, "validation_failed")]
    [InlineData("ledger/proof/inclusion?hash=abc", 400, "validation_failed")]
    [InlineData("ledger/proof/inclusion", 400, "validation_failed")]
    [InlineData("ledger/proof/consistency?first=2", 400, "validation_failed")]
    [InlineData("ledger/snapshot?limit=1001", 400, "validation_failed")]
    [InlineData("tasks/no-such-task/receipts", 404, "task_not_found")]
    public async Task What_is_not_there_is_told_with_its_code(string path, int status, string code)
    {
        using var answer = await SendAsync(path, ComposedCoordinator.AdminToken);
        Assert.Equal((status, code), ((int)answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]));
    }

    [Fact]
    public async Task Anybody_may_have_a_record_verified_and_nobody_else_reads_the_log()
    {
        using var refused = await SendAsync("ledger/checkpoint", null);
        Assert.Equal(401, (int)refused.StatusCode);
        var proof = JsonNode.Parse(await ReadAsync("ledger/proof/inclusion?sequence=2"))!;
        var leaf = (string)JsonNode.Parse(await ReadAsync("ledger/snapshot?from=2&limit=1"))!["records"]![0]!["leaf"]!;
        var body = new JsonObject { ["leaf"] = leaf, ["leafIndex"] = 1, ["treeSize"] = (long)proof["treeSize"]!, ["inclusionProof"] = proof["inclusionProof"]!.DeepClone(), ["checkpoint"] = (string)proof["checkpoint"]! };
        using var http = new HttpClient { BaseAddress = coordinator.Role.Url };
        using var answer = await http.PostAsync("ledger/verify", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var said = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True((bool)said["ok"]!, said.ToJsonString());
    }

    private async Task<string> ReadAsync(string path, string? token = ComposedCoordinator.AdminToken) => Encoding.UTF8.GetString(await BytesAsync(path, token));

    private async Task<byte[]> BytesAsync(string path, string? token = ComposedCoordinator.AdminToken)
    {
        using var answer = await SendAsync(path, token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode}");
        return await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string? token)
    {
        using var http = new HttpClient { BaseAddress = coordinator.Role.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
        {
            request.Headers.Add("x-admin-token", token);
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
