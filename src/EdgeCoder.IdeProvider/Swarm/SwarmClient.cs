using EdgeCoder.Agent.Submissions;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>
/// The client of this endpoint that can leave the machine. Content goes in as a <see cref="ReleasedPayload"/> and in no other form. It is made anew when the
/// operator's access changes.
/// </summary>
internal sealed class SwarmClient(Func<SwarmAccess> access, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private SubmitterAccess? _of;
    private SubmitterClient? _client;
    private volatile Seen? _seen;

    /// <summary>Why there is no swarm; null when one is configured.</summary>
    public string? NotConfigured => access() is { Submitter: null } none ? none.Reason : null;

    /// <summary>Why there is no swarm as far as is known without asking anybody; null when nothing speaks against it.</summary>
    public string? KnownFault => NotConfigured ?? (_seen is { } seen && seen.Of == access().Submitter ? seen.Fault : null);

    /// <summary>Whether the coordinator has been asked since the operator named it.</summary>
    public bool WasAsked => _seen is { } seen && seen.Of == access().Submitter;

    /// <summary>Where content goes: scheme, host and port; empty while there is no swarm.</summary>
    public string Destination => access().Submitter?.Coordinator.GetLeftPart(UriPartial.Authority) ?? "";

    /// <summary>Why the coordinator cannot be given a task now; null when it answers. What it said is believed for five seconds.</summary>
    public async ValueTask<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        var now = access();
        if (now.Submitter is not { } submitter)
        {
            return now.Reason;
        }

        if (_seen is { } seen && seen.Of == submitter && time.GetElapsedTime(seen.At) < Trust)
        {
            return seen.Fault;
        }

        string? fault = null;
        using var limit = new CancellationTokenSource(Glance, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // A question that needs the credential, so that a key that ended is known before a call depends on it.
            await Client().ListAsync(1, either.Token).ConfigureAwait(false);
        }
        catch (SubmitterException refused)
        {
            fault = refused.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            fault = $"The coordinator at {Destination} does not answer.";
        }

        _seen = new(submitter, time.GetTimestamp(), fault);
        return fault;
    }

    /// <summary>
    /// Gives a task, with its tests before it. When no answer comes it is sent once more: the id makes that harmless. Throws <see cref="SubmitterException"/>.
    /// </summary>
    public async Task<TaskAccepted> SubmitAsync(ReleasedPayload payload, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(payload, cancellationToken).ConfigureAwait(false);
        }
        catch (SubmitterException fault) when (fault.Status is null or >= 500)
        {
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            return await SendAsync(payload, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The events of a task.</summary>
    public IAsyncEnumerable<TaskEvent> FollowAsync(string taskId, CancellationToken cancellationToken) => Client().FollowAsync(taskId, cancellationToken: cancellationToken);

    /// <summary>The result of a task.</summary>
    public Task<TaskResult> ResultAsync(string taskId, CancellationToken cancellationToken) => Client().ResultAsync(taskId, cancellationToken);

    /// <summary>Why a task waits, for a person; null when that cannot be learnt quickly.</summary>
    public async Task<string?> ExplainAsync(string taskId)
    {
        using var limit = new CancellationTokenSource(Glance, time);
        try
        {
            return (await Client().ExplainAsync(taskId, limit.Token).ConfigureAwait(false)).Message;
        }
        catch (Exception fault) when (fault is SubmitterException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Stops a task, when the coordinator can be reached; a task that cannot be stopped goes on and is paid.</summary>
    public async Task CancelAsync(string taskId, string reason)
    {
        using var limit = new CancellationTokenSource(Glance + Glance, time);
        try
        {
            await Client().CancelAsync(taskId, reason, limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is SubmitterException or OperationCanceledException)
        {
            // It has ended, was never stored, or nobody answers.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private Task<TaskAccepted> SendAsync(ReleasedPayload payload, CancellationToken cancellationToken) => Client().SubmitAsync(payload, cancellationToken);

    private SubmitterClient Client()
    {
        var now = access();
        var submitter = now.Submitter ?? throw new SubmitterException("swarm_not_configured", now.Reason!);
        lock (_gate)
        {
            if (_client is null || _of != submitter)
            {
                // The old one may still be followed by somebody; it goes with them.
                (_of, _client) = (submitter, new(submitter, time));
            }

            return _client;
        }
    }

    private sealed record Seen(SubmitterAccess Of, long At, string? Fault);
}
