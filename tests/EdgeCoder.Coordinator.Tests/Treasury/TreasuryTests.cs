using System.Text;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Tests.Payouts;
using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Treasury;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Treasury;

/// <summary>Policies, acts of custody, and what they release (economy-and-ledger 7, F11, F19). Custodians are three agents of the scene.</summary>
public sealed class TreasuryTests : IAsyncLifetime
{
    private static readonly string[] Custodians = ["custodian-ann", "custodian-ben", "custodian-cyd"];

    private readonly Dictionary<string, SigningKey> _keys = Custodians.Append("stranger").ToDictionary(id => id, _ => SigningKey.Generate());
    private SendBench _bench = null!;
    private int _events;

    private TreasuryDesk Desk => _bench.Services.GetRequiredService<TreasuryDesk>();

    public async ValueTask InitializeAsync()
    {
        _bench = await SendBench.StartAsync();
        await _bench.DoAsync(batch =>
        {
            foreach (var (id, key) in _keys)
            {
                batch.Insert(Agent(id, key, approved: id != "stranger"));
            }

            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    [Fact]
    public void Act_of_the_specification_has_its_bytes_and_signature()
    {
        using var key = SigningKey.FromSeed([.. Enumerable.Range(0, 32).Select(one => (byte)one)]);
        var bytes = CustodyEvents.Bytes(new(1, "00000000-0000-4000-8000-0000000000d1", "pol-1", "coord-1", "create_policy", "treasury=t;quorum=2/3", 1_700_000_000_000));
        Assert.Equal(
            """{"action":"create_policy","actorId":"coord-1","createdAtMs":1700000000000,"details":"treasury=t;quorum=2/3","eventId":"00000000-0000-4000-8000-0000000000d1","policyId":"pol-1","v":1}""",
            Encoding.UTF8.GetString(bytes));
        Assert.Equal("ue2PUDM0tBcakCqz8icUKJD1OpYJvd9235Mbncy4fDgbA1G5CudjC8m0c/iyZhJKUn8EnlyTAf8MnNWXSroZAw==", SignedDocument.SignDetached(DocumentContexts.CustodyEvent, bytes, key));
    }

    [Fact]
    public async Task Policy_is_drafted_put_in_force_and_retired_by_the_next()
    {
        var request = Policy("policy-1");
        var draft = await DoAsync(desk => batch => desk.Create(batch, request));
        Assert.Equal(("draft", "create_policy", "treasury=acct-treasury;quorum=2/3"), (draft.Policy.Status, draft.Event.Action, draft.Event.Details));
        Assert.Null((await ShowAsync()).Policy);
        Assert.Equal(draft.Event.EventId, (await DoAsync(desk => batch => desk.Create(batch, request))).Event.EventId);

        var activation = Act("policy-1", "custodian-ann", "activate_policy", "policy_activated");
        Assert.Equal("active", (await DoAsync(desk => batch => desk.Activate(batch, "policy-1", activation))).Policy.Status);
        Assert.Equal("active", (await DoAsync(desk => batch => desk.Activate(batch, "policy-1", activation))).Policy.Status);
        Assert.Equal("policy-1", (await ShowAsync()).Policy!.PolicyId);

        await ActivateAsync("policy-2", "custodian-ben");
        Assert.Equal("policy-2", (await ShowAsync()).Policy!.PolicyId);
        Assert.Equal(["retired"], await _bench.DoAsync(batch => batch.Query("SELECT status FROM treasury_policies WHERE policy_id = $1", row => row.Text(0), "policy-1")));
        Assert.Equal("policy_not_draft", await ErrorAsync(desk => batch => desk.Activate(batch, "policy-1", Act("policy-1", "custodian-ann", "activate_policy", "policy_activated"))));
        Assert.Equal("policy_not_found", await ErrorAsync(desk => batch => desk.Activate(batch, "policy-9", Act("policy-9", "custodian-ann", "activate_policy", "policy_activated"))));

        // Each act is one leaf with its exact bytes; those of one moment are shown in one order.
        var leaves = await _bench.DoAsync(batch => batch.Query("SELECT payload_json FROM log_events WHERE event_type = 'treasury_event'", row => row.Text(0)));
        var events = (await ShowAsync()).Events;
        Assert.Equal(4, leaves.Count);
        Assert.Equal(events.Select(one => Encoding.UTF8.GetString(Convert.FromBase64String(one.Signed))).Order(StringComparer.Ordinal), leaves.Order(StringComparer.Ordinal));
        Assert.Equal(events.Select(one => one.EventId).Order(StringComparer.Ordinal), events.Select(one => one.EventId));
    }

    [Fact]
    public async Task Act_counts_with_its_actors_own_enrolled_key_of_now_and_once()
    {
        var good = Act("policy-1", "custodian-ann", "create_policy", "treasury=acct-treasury;quorum=2/3");
        foreach (var (request, error) in new (PolicyRequest, string)[]
        {
            (Policy("policy-1", "custodian-ann", by: "custodian-ben"), "custody_signature_invalid"),
            (Policy("policy-1") with { TreasuryAccountId = "acct-other" }, "custody_signature_invalid"),
            (Policy("policy-1") with { CreatedAtMs = NowMs + 1 }, "custody_signature_invalid"),
            (Policy("policy-1", at: NowMs - 120_001), "custody_event_stale"),
            (Policy("policy-1", at: NowMs + 120_001), "custody_event_stale"),
            (Policy("policy-1", "stranger"), "custodian_required"),
            (Policy("policy-1", "stranger") with { CustodianIds = ["custodian-ann", "custodian-ben", "stranger"] }, "custody_key_unknown"),
            (Policy("policy-1") with { QuorumThreshold = 4 }, "invalid_quorum_threshold"),
            (Policy("policy-1") with { QuorumThreshold = 3 }, "invalid_descriptor"),
            (Policy("policy-1") with { MultisigDescriptor = Descriptor.Replace("tpubA", "tpubZ", StringComparison.Ordinal) }, "invalid_descriptor"),
            (Policy("policy-1") with { CustodianIds = ["custodian-ann", "custodian-ben"] }, "validation_failed"),
            (Policy("policy-1") with { CustodianIds = ["custodian-ann", "custodian-ann", "custodian-ben"] }, "validation_failed"),
            (Policy("policy-1") with { Signature = "AA==" }, "validation_failed"),
        })
        {
            Assert.Equal(error, await ErrorAsync(desk => batch => desk.Create(batch, request)));
        }

        Assert.Empty((await ShowAsync()).Events);
        var first = Policy("policy-1") with { EventId = good.EventId, Signature = good.Signature, CreatedAtMs = good.CreatedAtMs };
        await DoAsync(desk => batch => desk.Create(batch, first));
        Assert.Equal("policy_exists", await ErrorAsync(desk => batch => desk.Create(batch, first with { KeyRotationDays = 30 })));
        Assert.Equal("event_id_conflict", await ErrorAsync(desk => batch => desk.Create(batch, Policy("policy-2") with { EventId = good.EventId })));
        Assert.Single((await ShowAsync()).Events);
    }

    [Fact]
    public async Task While_a_policy_is_in_force_a_send_waits_for_as_many_custodians_as_it_asks_for()
    {
        await ActivateAsync("policy-1", "custodian-ann");
        var row = await _bench.ApprovedAsync(10_000);
        await _bench.SweepAsync();
        Assert.Equal("treasury_release", await WaitsForAsync(row));

        var details = ReleaseRule.Details(row);
        Assert.Equal("custodian_required", await ErrorAsync(desk => batch => desk.Act(batch, "policy-1", Act("policy-1", "stranger", "approve_release", details))));
        Assert.Equal("release_mismatch", await ErrorAsync(desk => batch => desk.Act(batch, "policy-1", Act("policy-1", "custodian-ann", "approve_release", details.Replace("sats=10000", "sats=10001", StringComparison.Ordinal)))));
        Assert.Equal("wallet_send_not_found", await ErrorAsync(desk => batch => desk.Act(batch, "policy-1", Act("policy-1", "custodian-ann", "approve_release", "everything"))));
        await ActAsync("custodian-ann", "approve_release", details);
        await ActAsync("custodian-ann", "approve_release", details);
        await _bench.SweepAsync();
        Assert.Equal("treasury_release", await WaitsForAsync(row));
        Assert.Empty(_bench.Node.PayCalls);

        await ActAsync("custodian-cyd", "approve_release", details);
        await _bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await _bench.FindAsync(row)).Status);
    }

    [Fact]
    public async Task Release_under_a_policy_that_was_replaced_counts_no_more()
    {
        await ActivateAsync("policy-1", "custodian-ann");
        var row = await _bench.ApprovedAsync(10_000);
        await ActAsync("custodian-ann", "approve_release", ReleaseRule.Details(row));
        await ActAsync("custodian-ben", "approve_release", ReleaseRule.Details(row));
        await ActivateAsync("policy-2", "custodian-ann");
        await _bench.SweepAsync();
        Assert.Equal("treasury_release", await WaitsForAsync(row));
        Assert.Equal("policy_not_active", await ErrorAsync(desk => batch => desk.Act(batch, "policy-1", Act("policy-1", "custodian-cyd", "approve_release", ReleaseRule.Details(row)))));
    }

    [Fact]
    public async Task Draft_keeps_nothing()
    {
        await DoAsync(desk => batch => desk.Create(batch, Policy("policy-1")));
        var row = await _bench.ApprovedAsync(10_000);
        await _bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await _bench.FindAsync(row)).Status);
    }

    [Fact]
    public async Task Without_a_changed_key_in_its_days_releases_stop_and_the_policy_says_so()
    {
        await ActivateAsync("policy-1", "custodian-ann");
        _bench.Clock.Advance(TimeSpan.FromDays(90));
        Assert.False((await ShowAsync()).Policy!.RotationOverdue);
        _bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await ShowAsync()).Policy!.RotationOverdue);
        var row = await _bench.ApprovedAsync(10_000);
        await ActAsync("custodian-ann", "approve_release", ReleaseRule.Details(row));
        await ActAsync("custodian-ben", "approve_release", ReleaseRule.Details(row));
        await _bench.SweepAsync();
        Assert.Equal("treasury_rotation", await WaitsForAsync(row));

        await ActAsync("custodian-ben", "rotate_key", "keyId=56475aa75463474c");
        Assert.False((await ShowAsync()).Policy!.RotationOverdue);
        await _bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await _bench.FindAsync(row)).Status);
    }

    [Fact]
    public async Task Policy_in_force_narrows_the_coordinators_of_the_quorum()
    {
        Assert.Null(await _bench.DoAsync(TreasuryRows.ApprovedCoordinators));
        await DoAsync(desk => batch => desk.Create(batch, Policy("policy-1") with { ApprovedCoordinatorIds = ["coord-1", "coord-2"] }));
        Assert.Null(await _bench.DoAsync(TreasuryRows.ApprovedCoordinators));
        await DoAsync(desk => batch => desk.Activate(batch, "policy-1", Act("policy-1", "custodian-ann", "activate_policy", "policy_activated")));
        Assert.Equal(["coord-1", "coord-2"], await _bench.DoAsync(TreasuryRows.ApprovedCoordinators));
    }

    private static string Descriptor
    {
        get
        {
            const string Text = "wsh(sortedmulti(2,tpubA/0/*,tpubB/0/*,tpubC/0/*))";
            return Text + "#" + OutputDescriptor.Checksum(Text);
        }
    }

    private long NowMs => _bench.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static AgentRow Agent(string id, SigningKey key, bool approved) => new()
    {
        AgentId = id,
        PublicKeyPem = key.PublicKey.Pem,
        PublicKeySha256 = id,
        KeyId = key.PublicKey.KeyId,
        OwnerAccountId = "acct-custody",
        RewardAccountId = "acct-custody",
        EnrolledBy = "table",
        Approved = approved,
        Os = "linux",
        ProgramVersion = "1",
        Mode = "swarm-only",
        ClientType = "cli",
        LocalModelProvider = "none",
        MaxConcurrentTasks = 1,
        SandboxMode = "none",
        Integrity = "unverified",
        BoundAtMs = 1,
        UpdatedAtMs = 1,
    };

    private CustodyRequest Act(string policyId, string actor, string action, string details, string? by = null, long? at = null)
    {
        var custody = new CustodyEvent(1, $"event-{++_events:00}", policyId, actor, action, details, at ?? NowMs);
        return new(custody.EventId, action, details, actor, SignedDocument.SignDetached(DocumentContexts.CustodyEvent, CustodyEvents.Bytes(custody), _keys[by ?? actor]), custody.CreatedAtMs);
    }

    private PolicyRequest Policy(string policyId, string actor = "custodian-ann", string? by = null, long? at = null)
    {
        var act = Act(policyId, actor, "create_policy", "treasury=acct-treasury;quorum=2/3", by, at);
        return new(policyId, act.EventId, "acct-treasury", Descriptor, 2, 3, Custodians, null, null, actor, act.Signature, act.CreatedAtMs);
    }

    private async Task ActivateAsync(string policyId, string actor)
    {
        await DoAsync(desk => batch => desk.Create(batch, Policy(policyId, actor)));
        await DoAsync(desk => batch => desk.Activate(batch, policyId, Act(policyId, actor, "activate_policy", "policy_activated")));
    }

    private Task<PolicyAnswer> ActAsync(string actor, string action, string details)
    {
        var request = Act("policy-1", actor, action, details);
        return DoAsync(desk => batch => desk.Act(batch, "policy-1", request));
    }

    private Task<TreasuryAnswer> ShowAsync() => _bench.DoAsync(Desk.Show);

    private async Task<string?> WaitsForAsync(WalletSendRow row)
    {
        var found = await _bench.FindAsync(row);
        Assert.Equal(WalletSendStatus.Approved, found.Status);
        return await _bench.DoAsync(batch => SendViews.Of(batch, found, NowMs).WaitsFor);
    }

    private Task<PolicyAnswer> DoAsync(Func<TreasuryDesk, Func<IStoreBatch, PolicyAnswer>> action) => _bench.DoAsync(action(Desk));

    private async Task<string> ErrorAsync(Func<TreasuryDesk, Func<IStoreBatch, PolicyAnswer>> action) => (await Assert.ThrowsAsync<Refusal>(() => DoAsync(action))).Error;
}
