using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>
/// Brings the chains of approved peers here, each from its source, or through another while that is away (economy-and-ledger 14, merge). 1. What the source has beyond what is known here. 2. Its key, by what is known of the peer. 3. The reporter's
/// signature and, of an automatic ban, the proof are checked here: what the source says of them counts for nothing. 4. The event with its effect. What is refused ends the round; nothing of it is kept.
/// </summary>
internal sealed class BlacklistPull(
    PeerCalls calls, PeerDirectory peers, BlacklistChain chain, AgentDirectory directory, AgentKeyHistory history, CoordinatorIdentity identity, IStoreWriter writer, ITaskQueue queue, PeerOptions options, QueueClock time)
{
    /// <summary>Pulls from one peer, and gives how many events are new here.</summary>
    public async Task<int> RunAsync(PeerRow peer, CancellationToken cancellationToken) => (await RunAsync(peer, peer, cancellationToken).ConfigureAwait(false)).Taken;

    /// <summary>Pulls the chain of one peer from it or from another that relays it: only what its source has signed is taken.</summary>
    /// <param name="source">Whose chain.</param>
    /// <param name="from">Who is asked.</param>
    /// <param name="cancellationToken">Cancels; what was taken stays.</param>
    /// <returns>Whether that one answered, and how many events are new here.</returns>
    public async Task<(bool Answered, int Taken)> RunAsync(PeerRow source, PeerRow from, CancellationToken cancellationToken)
    {
        for (var taken = 0; ;)
        {
            // 1.
            var after = await writer.WriteAsync(batch => BlacklistChain.Head(batch, source.PeerId).Sequence, cancellationToken).ConfigureAwait(false);
            var answer = await calls.GetAsync(from, $"/security/blacklist/audit?source={Uri.EscapeDataString(source.PeerId)}&after={after}", options.Timeout, cancellationToken).ConfigureAwait(false);
            var events = answer.Status == 200 ? Read(answer.Body) : [];
            if (events.Count == 0)
            {
                return (answer.Status == 200, taken);
            }

            foreach (var received in events)
            {
                if (received.Event.SourceCoordinatorId != source.PeerId || await TakeAsync(source, from, received, cancellationToken).ConfigureAwait(false) is not BlacklistAdmissionVerdict.Next)
                {
                    return (true, taken);
                }

                taken++;
            }
        }
    }

    private async Task<BlacklistAdmissionVerdict> TakeAsync(PeerRow peer, PeerRow from, SignedBlacklistEvent received, CancellationToken cancellationToken)
    {
        // 2. An old key counts for what was reported in its time.
        var said = received.Event;
        var keys = await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
        var key = keys.FirstOrDefault(k => k.CountsAt(said.TimestampMs, (long)options.MaxSkew.TotalMilliseconds) && received.IsSignedBy(k.Key))?.Key ?? peers.Current(keys);

        // 3.
        var reporter = said.ReporterId == peer.PeerId ? key : await KeyOfAsync(said.ReporterId, cancellationToken).ConfigureAwait(false);
        var isReported = reporter is not null && BlacklistReport.Of(said).IsSignedBy(reporter, said.ReporterSignature);
        var isProven = await IsProvenAsync(from, said, cancellationToken).ConfigureAwait(false);

        // 4.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var verdict = await writer.WriteAsync(batch => chain.Ingest(batch, received, key, isProven, isReported, nowMs), cancellationToken).ConfigureAwait(false);
        if (verdict is BlacklistAdmissionVerdict.Next && await directory.KnownAsync(said.AgentId, cancellationToken).ConfigureAwait(false) is not null)
        {
            await queue.AgentChangedAsync(said.AgentId, isProven, isProven ? "agent_blacklisted" : "quarantined", cancellationToken).ConfigureAwait(false);
        }

        return verdict;
    }

    // Only by keys that are enrolled here and counted when that may have been signed: a source that vouches for its own witnesses proves nothing.
    private async Task<bool> IsProvenAsync(PeerRow peer, BlacklistEvent said, CancellationToken cancellationToken)
    {
        if (said.Action != BlacklistEvent.Add || said.ExpiresAtMs is null || said.EvidenceRef is null || await directory.KnownAsync(said.AgentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return false;
        }

        var answer = await calls.GetAsync(peer, "/security/blacklist/evidence/" + said.EvidenceHashSha256, options.Timeout, cancellationToken).ConfigureAwait(false);
        if (answer.Status != 200 || Convert.ToHexStringLower(SHA256.HashData(answer.Body)) != said.EvidenceHashSha256)
        {
            return false;
        }

        List<string> all = [.. (await directory.KnownAsync(cancellationToken).ConfigureAwait(false)).Select(agent => agent.Row.AgentId)];
        var keys = await history.SinceAsync(all, said.TimestampMs - AutomaticBans.WindowMs, cancellationToken).ConfigureAwait(false);
        return BlacklistProof.Of(answer.Body, said.AgentId, id => [.. keys[id]]) is { } proven && proven.Key.KeyId == said.SubjectKeyId && BlacklistProof.ReasonOf(proven.Rule) == said.ReasonCode;
    }

    private async Task<VerifyingKey?> KeyOfAsync(string id, CancellationToken cancellationToken) =>
        id == identity.PeerId ? identity.Key.PublicKey : (await directory.KnownAsync(id, cancellationToken).ConfigureAwait(false))?.Key;

    private static List<SignedBlacklistEvent> Read(byte[] audit)
    {
        try
        {
            List<SignedBlacklistEvent> read = [];
            foreach (var shown in (JsonNode.Parse(audit) as JsonObject)?["events"] as JsonArray ?? [])
            {
                if (!SignedBlacklistEvent.TryRead(shown as JsonObject, out var signed))
                {
                    break;
                }

                read.Add(signed);
            }

            return read;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            return [];
        }
    }
}
