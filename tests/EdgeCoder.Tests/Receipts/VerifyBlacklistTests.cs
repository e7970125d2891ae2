using System.Text.Json.Nodes;
using EdgeCoder.Commands;
using EdgeCoder.Ledger.Tests.Blacklists;
using EdgeCoder.TestKit.Files;
using EdgeCoder.Tests.Coordination;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Receipts;

/// <summary><c>edgecoder verify blacklist</c>: exit codes and error codes (economy-and-ledger 14).</summary>
public sealed class VerifyBlacklistTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _directory.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Right_chains_of_several_sources_are_right()
    {
        Assert.Equal(0, await RunAsync(Audit(_ => { }), "--peers", Peers()));
        Assert.Equal((true, 3), ((bool)JsonNode.Parse(_output.ToString())!["ok"]!, (int)JsonNode.Parse(_output.ToString())!["eventsVerified"]!));
    }

    [Theory]
    [InlineData("event_hash_mismatch")]
    [InlineData("missing_coordinator_key")]
    [InlineData("chain_head_mismatch")]
    [InlineData("request_failed")]
    public async Task Wrong_ones_tell_their_code_on_standard_error(string code)
    {
        var audit = Audit(a =>
        {
            if (code == "event_hash_mismatch")
            {
                a["events"]![0]!["agentId"] = "agent-9";
            }
            else if (code == "chain_head_mismatch")
            {
                a["chainHead"] = new string('0', 64);
            }
        });
        string[] peers = code == "missing_coordinator_key" ? [] : ["--peers", Peers()];

        Assert.Equal(1, await RunAsync(code == "request_failed" ? "none.json" : audit, peers));
        Assert.Equal((false, code), ((bool)JsonNode.Parse(_error.ToString())!["ok"]!, (string?)JsonNode.Parse(_error.ToString())!["error"]));
        Assert.Empty(_output.ToString());
    }

    [Theory]
    [InlineData(true, 0, "")]
    [InlineData(false, 1, "missing_coordinator_key")]
    public async Task Fetched_audit_is_checked_with_the_keys_that_its_coordinator_and_its_peers_show(bool withPeers, int exit, string code)
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator
            .Answers("GET /security/blacklist/audit", File.ReadAllText(Path.Combine(_directory.Path, Audit(_ => { }))))
            .Answers("GET /identity", Identity(_own).ToJsonString())
            .Answers("GET /mesh/peers", new JsonObject { ["peers"] = new JsonArray(Identity(_peer)) }.ToJsonString());
        if (withPeers)
        {
            coordinator.Settings["MESH_AUTH_TOKEN"] = "mesh-token";
        }

        Assert.Equal(exit, await coordinator.RunAsync("verify", "blacklist", "--json"));
        Assert.Contains(exit == 0 ? "\"eventsVerified\":3" : code, exit == 0 ? coordinator.Output.ToString() : coordinator.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Bearer token", coordinator.Requests.First(r => r.Path == "/security/blacklist/audit").Credential);
        Assert.DoesNotContain(coordinator.Requests, r => r.Path == "/mesh/peers" && r.Credential.Length > 0);
    }

    [Fact]
    public async Task Audit_that_cannot_be_fetched_is_a_failed_request_and_a_key_of_the_caller_is_believed_before_the_coordinators()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        Assert.Equal(1, await coordinator.RunAsync("verify", "blacklist", "--json"));
        Assert.Contains("request_failed", coordinator.Error.ToString(), StringComparison.Ordinal);

        coordinator.Answers("GET /security/blacklist/audit", SampleBlacklist.Audit("coord-1", []).ToJsonString()).Answers("GET /identity", Identity(_peer).ToJsonString());
        await using var controlPlane = await FixedCoordinator.StartAsync();
        controlPlane.Answers("GET /security/blacklist/audit", File.ReadAllText(Path.Combine(_directory.Path, Audit(_ => { }))));
        coordinator.Settings["CONTROL_PLANE_URL"] = controlPlane.Url;
        coordinator.Settings["ADMIN_API_TOKEN"] = "operator";
        coordinator.Directory.Write("identity.json", Identity(_own).ToJsonString());
        coordinator.Directory.Write("peers.json", new JsonObject { ["peers"] = new JsonArray(Identity(_peer)) }.ToJsonString());
        Assert.Equal(0, await coordinator.RunAsync("verify", "blacklist", "--json", "--identity", "identity.json", "--peers", "peers.json"));
        Assert.Single(controlPlane.Requests);
    }

    [Fact]
    public async Task Audit_from_a_file_needs_its_key()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        Assert.Equal(2, await coordinator.RunAsync("verify", "blacklist", "audit.json", "--json"));
        Assert.Empty(coordinator.Requests);
    }

    private readonly SampleBlacklist _own = new("coord-1", 0);
    private readonly SampleBlacklist _peer = new("coord-2", 32);

    private string Audit(Action<JsonObject> change)
    {
        _own.Revoke(_own.Add("agent-1"));
        _peer.Add("agent-2");
        var audit = SampleBlacklist.Audit("coord-1", [.. _own.Events, .. _peer.Events]);
        change(audit);
        return _directory.Write("audit.json", audit.ToJsonString());
    }

    private string Peers() => _directory.Write("peers.json", new JsonObject { ["peers"] = new JsonArray(Identity(_peer)) }.ToJsonString());

    private static JsonObject Identity(SampleBlacklist of) => new() { ["peerId"] = of.Source, ["publicKeyPem"] = of.Key.PublicKey.Pem };

    private async Task<int> RunAsync(string audit, params string[] more)
    {
        using var console = new TestConsole().Width(400);
        return await CommandLine.RunAsync(
            ["verify", "blacklist", audit, "--identity", _directory.Write("identity.json", Identity(_own).ToJsonString()), "--json", .. more],
            new()
            {
                Console = console,
                ErrorConsole = console,
                Output = _output,
                Error = _error,
                Input = () => Stream.Null,
                InputRedirected = true,
                Terminals = (false, false),
                Environment = _ => null,
                Time = TimeProvider.System,
                Interactive = false,
                Directory = _directory.Path,
                Person = new(false, () => null, () => { }),
                Width = () => 80,
            },
            TestContext.Current.CancellationToken);
    }
}
