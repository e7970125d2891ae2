using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Coordinator.SecurityEvents;

/// <summary>
/// Keeps security events (economy-and-ledger 18), in the transaction of what they tell of. HIGH and CRITICAL ones are leaves of the log too. What anybody can send without a key is counted by
/// <see cref="SecurityTally"/>: a stranger must not be able to fill a log that is never cut, nor to write another's name into it.
/// </summary>
/// <param name="coordinatorId">Whose events.</param>
internal sealed class SecurityLog(string coordinatorId)
{
    /// <summary>Source of what the coordinator found out by itself.</summary>
    public const string Itself = "system";

    /// <summary>An agent as a source.</summary>
    public const string Agent = "agent";

    /// <summary>Another coordinator as a source.</summary>
    public const string Coordinator = "coordinator";

    /// <summary>Adds an event, unless one with this key is there: what others can repeat is told once.</summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="key">Names what happened.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="source">Kind of the source.</param>
    /// <param name="sourceId">Whose doing it is.</param>
    /// <param name="action">Code of what was done about it.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="details">Ids, hashes, codes and integers.</param>
    /// <returns>Whether it was added.</returns>
    public bool AddOnce(IStoreBatch batch, string key, SecurityEventKind kind, string source, string? sourceId, string action, long nowMs, params ReadOnlySpan<(string Name, JsonValue Value)> details)
    {
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{EnumText.Of(kind)}\n{key}")).AsSpan(0, 16)).ToString("D");
        if (batch.Query("SELECT 1 FROM security_events WHERE event_id = $1", r => r.Number(0), id).Count == 0)
        {
            Write(batch, id, kind, source, sourceId, action, nowMs, details);
            return true;
        }

        return false;
    }

    /// <summary>Adds an event.</summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="source"><see cref="Agent"/>, <see cref="Coordinator"/> or <see cref="Itself"/>.</param>
    /// <param name="sourceId">Whose doing it is; of the system this coordinator.</param>
    /// <param name="action">Code of what was done about it.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="details">Ids, hashes, codes and integers.</param>
    /// <exception cref="Refusal">422 <c>personal_data_refused</c>: something in it is not for a log.</exception>
    public void Add(IStoreBatch batch, SecurityEventKind kind, string source, string? sourceId, string action, long nowMs, params ReadOnlySpan<(string Name, JsonValue Value)> details) =>
        Write(batch, Guid.NewGuid().ToString("D"), kind, source, sourceId, action, nowMs, details);

    private void Write(IStoreBatch batch, string id, SecurityEventKind kind, string source, string? sourceId, string action, long nowMs, ReadOnlySpan<(string Name, JsonValue Value)> details)
    {
        var (level, about) = (SecurityLevels.Of(kind), sourceId ?? coordinatorId);
        var said = new JsonObject
        {
            ["timestamp"] = DateTimeOffset.FromUnixTimeMilliseconds(nowMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["level"] = EnumText.Of(level).ToUpperInvariant(),
            ["event"] = EnumText.Of(kind),
            ["source"] = new JsonObject { ["type"] = source, ["id"] = about },
            ["action"] = action,
            ["coordinatorId"] = coordinatorId,
        };
        if (details.Length > 0)
        {
            var members = new JsonObject();
            foreach (var (name, value) in details)
            {
                members[name] = value;
            }

            said["details"] = members;
        }

        var json = CanonicalJson.Write(said);
        var text = Encoding.UTF8.GetString(json);
        if (level >= SecurityLevel.High)
        {
            LogOutbox.Append(batch, RecordTypes.SecurityEvent, "security:" + id, null, about, text, nowMs);
        }
        else if (RecordRules.Fault(RecordTypes.SecurityEvent, "security:" + id, null, about, json) is { } fault)
        {
            throw new Refusal(422, RecordRules.Error, $"This would be kept as a security event, and {fault}. Use ids and codes instead.");
        }

        batch.Insert(new SecurityEventRow { EventId = id, AtMs = nowMs, Level = level, Event = kind, Json = text });
    }
}
