using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Operators;

/// <summary>Whether new leases are granted at all.</summary>
/// <param name="Paused">No new leases; running ones finish.</param>
/// <param name="Reason">Why, as the operator said.</param>
internal sealed record PauseState(bool Paused, string? Reason);

/// <summary>Pause and fleet policy: persisted, kept in memory while they are the newest.</summary>
internal sealed class CoordinatorSwitches(IDbContextFactory<CoordinatorContext> contexts, IStoreWriter writer, AgentOptions options, TimeProvider time)
{
    /// <summary>Name of the pause in its table.</summary>
    public const string Pause = "pause";

    private const string FleetPolicy = "fleet_policy";
    private const long FreshMs = 1_000;

    private static readonly PauseState Running = new(false, null);

    private readonly Lock _gate = new();
    private ExpectedRevision _expected;
    private Kept? _kept;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The pause as last known in this process; exact is <see cref="IsPaused"/>.</summary>
    public async ValueTask<PauseState> PauseAsync(CancellationToken cancellationToken) => (await ReadAsync(cancellationToken).ConfigureAwait(false)).Pause;

    /// <summary>The operator's word for all agents; null without one.</summary>
    public async ValueTask<PolicySetting?> FleetPolicyAsync(CancellationToken cancellationToken) => (await ReadAsync(cancellationToken).ConfigureAwait(false)).Policy;

    /// <summary>Whether the coordinator is paused, read in the transaction that would grant a lease.</summary>
    public static bool IsPaused(IStoreBatch batch) =>
        IsPaused(batch.Query("SELECT value_json FROM coordinator_switches WHERE name = $1", r => r.TextOrNull(0), Pause).FirstOrDefault());

    /// <summary>The same from the row's value, null when it was never set.</summary>
    public static bool IsPaused(string? valueJson) => valueJson is { } json && JsonSerializer.Deserialize(json, SwitchJson.Default.PauseState) is { Paused: true };

    /// <summary>Pauses, or goes on.</summary>
    public Task SetPauseAsync(PauseState state, string actor, CancellationToken cancellationToken) =>
        SetAsync(Pause, JsonSerializer.Serialize(state, SwitchJson.Default.PauseState), actor, cancellationToken);

    /// <summary>Sets the policy of all agents.</summary>
    public Task SetFleetPolicyAsync(PolicySetting policy, string actor, CancellationToken cancellationToken) =>
        SetAsync(FleetPolicy, JsonSerializer.Serialize(policy, AgentJson.Default.PolicySetting), actor, cancellationToken);

    private Task SetAsync(string name, string json, string actor, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        return writer.WriteAsync(
            batch =>
            {
                batch.Execute(
                    """
                    INSERT INTO coordinator_switches (name, revision, value_json, set_by, set_at_ms) VALUES ($1, 1, $2, $3, $4)
                    ON CONFLICT (name) DO UPDATE SET revision = coordinator_switches.revision + 1, value_json = excluded.value_json, set_by = excluded.set_by, set_at_ms = excluded.set_at_ms
                    """,
                    name, json, actor, nowMs);

                // The sum grows with each change of any of them.
                var sum = batch.Query("SELECT sum(revision) FROM coordinator_switches", r => r.Number(0))[0];
                lock (_gate)
                {
                    _expected.Raise(sum, nowMs);
                }

                return sum;
            },
            cancellationToken);
    }

    private async ValueTask<Kept> ReadAsync(CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        lock (_gate)
        {
            if (_kept is { } kept && _expected.IsMet(kept.Revision, nowMs) && (!options.SharedStore || nowMs - kept.ReadAtMs < FreshMs))
            {
                return kept;
            }
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<CoordinatorSwitchRow>().ToListAsync(cancellationToken).ConfigureAwait(false);
        var pause = rows.Find(r => r.Name == Pause)?.ValueJson;
        var policy = rows.Find(r => r.Name == FleetPolicy)?.ValueJson;
        var read = new Kept(
            rows.Sum(r => r.Revision),
            nowMs,
            pause is null ? Running : JsonSerializer.Deserialize(pause, SwitchJson.Default.PauseState) ?? Running,
            policy is null ? null : JsonSerializer.Deserialize(policy, AgentJson.Default.PolicySetting));
        lock (_gate)
        {
            if (_kept is null || _kept.Revision <= read.Revision)
            {
                _kept = read;
            }

            return _kept;
        }
    }

    private sealed record Kept(long Revision, long ReadAtMs, PauseState Pause, PolicySetting? Policy);
}

/// <summary>Values of the switches.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PauseState))]
internal sealed partial class SwitchJson : JsonSerializerContext;
