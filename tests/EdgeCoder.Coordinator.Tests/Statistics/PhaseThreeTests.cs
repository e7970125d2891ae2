using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Coordinator.Tests.Issuance;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Statistics;

/// <summary>The gates of phase 3 of the statistics ledger (economy-and-ledger 12), one by one: closed while an approved peer is not heard, open when the log is final.</summary>
public sealed class PhaseThreeTests : IAsyncLifetime
{
    private static readonly string[] Named =
    [
        "POST /admin/agents/{agentId}/approval", "POST /economy/price/consensus", "POST /economy/price/epochs/{epochId}/approve", "POST /economy/treasury/policies/{policyId}/activate", "POST /wallets/{accountId}/sends/{requestId}/confirm",
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly SigningKey _peer = SigningKey.Generate();
    private CoordinatorIdentity? _identity;
    private EdgeCoder.Coordinator.Composition.CoordinatorRole? _role;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_identity, _role) = await ComposedCoordinator.StartAsync(_directory["data"], null, statistics: new() { Phase = LedgerPhase.Enforced });
        await _role.Services.GetRequiredService<PeerDesk>().ApproveAsync(new("coord-silent", _peer.PublicKey.Pem, "https://coord-silent.invalid", null, null), "op-1", Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _role!.DisposeAsync();
        _identity!.Dispose();
        _peer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Every_gated_route_is_named_here() =>
        Assert.Equal(Named.Order(StringComparer.Ordinal), _role!.Routes.OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>().Where(route => route.Metadata.GetMetadata<NeedsFinality>() is not null)
            .Select(route => $"{route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IHttpMethodMetadata>()!.HttpMethods[0]} {route.RoutePattern.RawText}").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("/admin/agents/agent-x/approval", """{"approved":true}""", 404, false)]
    [InlineData("/economy/price/consensus", "{}", 200, false)]
    [InlineData("/economy/price/epochs/epoch-x/approve", "{}", 404, false)]
    [InlineData("/economy/treasury/policies/policy-x/activate", "{}", 400, false)]
    [InlineData("/wallets/acct-x/sends/send-x/confirm", "{}", 400, true)]
    public async Task A_route_is_refused_while_a_peer_is_not_heard_and_open_afterwards(string path, string body, int open, bool portal)
    {
        var before = await DumpAsync();
        Assert.Equal((409, "federation_not_final"), await SendAsync(path, body, portal));
        Assert.Equal(before, await DumpAsync());

        await ForgetPeersAsync();
        var (status, error) = await SendAsync(path, body, portal);
        Assert.NotEqual("federation_not_final", error);
        Assert.True(status == open || status is 400 or 404, $"{status} {error}");
    }

    [Fact]
    public async Task Suspending_a_node_is_never_refused()
    {
        using var agent = SigningKey.Generate();
        await _role!.ProvisionAsync("acct-owner", Stop);
        await ForgetPeersAsync();
        await _role.EnrolEmbeddedAsync("agent-a", agent.PublicKey.Pem, "acct-owner", Stop);
        await _role.Services.GetRequiredService<PeerDesk>().ApproveAsync(new("coord-other", _peer.PublicKey.Pem, "https://coord-other.invalid", null, null), "op-1", Stop);
        Assert.Equal((409, "federation_not_final"), await SendAsync("/admin/agents/agent-a/approval", """{"approved":true}""", false));
        Assert.Equal(200, (await SendAsync("/admin/agents/agent-a/suspend", """{"reason":"it is on fire"}""", false)).Status);
    }

    [Fact]
    public async Task No_issuance_epoch_is_final_before_the_log_is()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(IssuanceBench.SlotEnd - IssuanceBench.Slot + 1_000));
        await using var a = await IssuanceBench.StartAsync(clock: clock, phase: LedgerPhase.Enforced, approved: ["coord-1"]);
        await using var b = await IssuanceBench.StartAsync(peerId: "coord-2", seed: 32, clock: clock);
        await a.WorkAsync("A", 5);

        // Its quorum is itself, but the peer that it has approved is not heard: the federation is stale.
        await a.ApproveAsync([b]);
        a.ToSlotEnd();
        await a.TickAsync();
        await a.TickAsync();
        Assert.Equal(0, await a.BalanceAsync("mint:issuance"));
        await a.ForgetAsync();
        await a.TickAsync();
        await a.TickAsync();
        Assert.Equal(-708_333, await a.BalanceAsync("mint:issuance"));
    }

    [Fact]
    public async Task No_payout_is_divided_and_no_sats_leave_before_the_log_is()
    {
        var gate = _role!.Services.GetRequiredService<FederationGate>();
        Assert.False(await gate.IsOpenAsync(Stop));
        Assert.False(await gate.MayReleaseAsync(Stop));
        await ForgetPeersAsync();

        // Soft-final is enough for everything that can be taken back; sats that left cannot.
        Assert.True(await gate.IsOpenAsync(Stop));
        Assert.False(await gate.MayReleaseAsync(Stop));
    }

    private Task ForgetPeersAsync() => _role!.Services.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.Execute("DELETE FROM peers"), Stop);

    private Task<string> DumpAsync() => _role!.Services.GetRequiredService<IStoreWriter>().WriteAsync(
        batch => string.Join('|', new[] { "agents", "price_epochs", "treasury_policies", "key_custody_events", "wallet_send_requests", "transfers" }.Select(table => batch.Query($"SELECT COUNT(*) FROM {table}", row => row.Number(0))[0])), Stop);

    private async Task<(int Status, string? Error)> SendAsync(string path, string body, bool portal)
    {
        using var http = new HttpClient { BaseAddress = _role!.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in portal ? [("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-actor", "user-ann")] : new[] { ("x-admin-token", ComposedCoordinator.AdminToken) })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await http.SendAsync(request, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : (string?)JsonNode.Parse(text)!["error"]);
    }
}
