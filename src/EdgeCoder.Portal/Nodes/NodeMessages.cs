using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Coordinators;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Nodes;

/// <summary>
/// Tells the coordinator of nodes, at least once: 1. look for messages that are due; 2. move each one's next attempt ahead, which one of several senders wins; 3. send; 4. take it out, or wait twice as
/// long, a minute at most. What is lost nevertheless the coordinator asks for every minute by itself.
/// </summary>
/// <param name="home">The coordinator.</param>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="watch">Tells of new messages.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class NodeMessages(HomeCoordinator home, IDbContextFactory<PortalContext> contexts, IStoreWriter writer, IStoreWatch watch, TimeProvider time, ILogger<NodeMessages> log) : BackgroundService
{
    /// <summary>After so many tries, some days, a message is given up: the rewards then stay unlinked, and the page says so.</summary>
    public const long MostAttempts = 5_000;

    private const int Page = 50;

    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _arrived = new(0, 1);

    /// <summary>Sends what is due now; gives how many were taken.</summary>
    public async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var sent = 0;
        var now = Now();
        List<NodeMessageRow> due;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false))
        {
            due = await context.Set<NodeMessageRow>().Where(row => row.NextAttemptMs <= now).OrderBy(row => row.NextAttemptMs).ThenBy(row => row.Id).Take(Page).ToListAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var message in due)
        {
            sent += await SendAsync(message, now, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return sent;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _arrived.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        watch.Watch<NodeMessageRow>(Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            // What another instance queued, or left when it was killed, is found with the longest pause.
            var pause = LongestPause;
            try
            {
                await SendDueAsync(stoppingToken).ConfigureAwait(false);
                pause = await PauseAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogStoreAway(fault);
            }

            await WaitAsync(pause, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<TimeSpan> PauseAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var next = await context.Set<NodeMessageRow>().MinAsync(row => (long?)row.NextAttemptMs, cancellationToken).ConfigureAwait(false);
        return next is { } at ? TimeSpan.FromMilliseconds(Math.Clamp(at - Now(), 0, (long)LongestPause.TotalMilliseconds)) : LongestPause;
    }

    // One wait for both: a message that arrives, or the time.
    private async Task WaitAsync(TimeSpan pause, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var arrived = _arrived.WaitAsync(over.Token);
        var passed = Task.Delay(pause, time, over.Token);
        await Task.WhenAny(arrived, passed).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await arrived.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await passed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> SendAsync(NodeMessageRow message, long now, CancellationToken cancellationToken)
    {
        var claimed = await writer.WriteAsync(
            batch => batch.Execute("UPDATE node_messages SET next_attempt_ms = $1 WHERE id = $2 AND next_attempt_ms = $3", now + (long)Claim.TotalMilliseconds, message.Id, message.NextAttemptMs), cancellationToken).ConfigureAwait(false);
        if (claimed == 0)
        {
            return false;
        }

        try
        {
            if (message.Kind == NodeMessageKind.Notify)
            {
                await home.AskAsync(HttpMethod.Post, ["nodes", "notify"], body: new() { ["nodeId"] = message.NodeId }, cancellationToken: cancellationToken).ConfigureAwait(false);
                await DoneAsync(message, null, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await DoneAsync(message, await LinkAsync(message, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (Refusal refusal)
        {
            LogRefused(EnumText.Of(message.Kind), message.NodeId, refusal.Error);
            var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(message.Attempts, 6)));
            var next = Now() + (long)(pause < LongestPause ? pause : LongestPause).TotalMilliseconds;
            await writer.WriteAsync(
                batch => message.Attempts + 1 >= MostAttempts
                    ? batch.Execute("DELETE FROM node_messages WHERE id = $1", message.Id)
                    : batch.Execute("UPDATE node_messages SET attempts = attempts + 1, next_attempt_ms = $1 WHERE id = $2", next, message.Id),
                cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>Opens the owner's account, then links the agent to it. A link that somebody else has stays theirs (N9).</summary>
    private async Task<RewardLink> LinkAsync(NodeMessageRow message, CancellationToken cancellationToken)
    {
        var (actor, account) = ("user:" + message.OwnerId, "acct-" + message.OwnerId);
        try
        {
            await home.AskAsync(
                HttpMethod.Post, ["credits", "accounts"], body: new JsonObject { ["accountId"] = account, ["displayName"] = account, ["ownerUserId"] = actor }, idempotencyKey: "open-" + message.OwnerId, cancellationToken: cancellationToken).ConfigureAwait(false);
            await home.PostAsync(
                actor, account, ["credits", "accounts", account, "agents", "link"], new() { ["agentId"] = message.NodeId, ["ownerUserId"] = actor }, "link-" + message.Id, cancellationToken).ConfigureAwait(false);
            return RewardLink.Linked;
        }
        catch (Refusal refusal) when (refusal.Error is "agent_link_conflict" or "account_exists" or "account_forbidden")
        {
            return RewardLink.Conflict;
        }
    }

    private Task<int> DoneAsync(NodeMessageRow message, RewardLink? link, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute("DELETE FROM node_messages WHERE id = $1", message.Id)
            + (link is { } made ? batch.Execute("UPDATE nodes SET rewards = $1 WHERE node_id = $2 AND rewards = 'asked'", EnumText.Of(made), message.NodeId) : 0),
        cancellationToken);

    private void Wake()
    {
        try
        {
            _arrived.Release();
        }
        catch (Exception fault) when (fault is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or everything ends.
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Debug, Message = "The coordinator did not take {Kind} of {NodeId} ({Error}); it is told again")]
    private partial void LogRefused(string kind, string nodeId, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store did not answer the sender of messages about nodes; it is asked again")]
    private partial void LogStoreAway(Exception fault);
}
