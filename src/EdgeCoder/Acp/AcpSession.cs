using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Repositories;

namespace EdgeCoder.Acp;

/// <summary>
/// One session of an editor. Its worktree is made, and its model opened, with the first prompt: editors open sessions that nobody uses. One prompt at a time.
/// </summary>
internal sealed class AcpSession : IAsyncDisposable
{
    private readonly RepositoryWork _work;
    private readonly RepositoryOrder _order;
    private readonly TimeProvider _time;
    private readonly AcpClient _client;
    private readonly AcpUpdates _updates;
    private readonly AcpApprover _approver;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Action? _stop;
    private OpenModel? _model;
    private IRepositorySession? _session;
    private bool _stored;
    private ApprovalMode _mode;

    /// <param name="work">Parts that are shared by all sessions.</param>
    /// <param name="order">How to work, and the root.</param>
    /// <param name="stored">Whether the session is kept already and goes on.</param>
    /// <param name="client">The editor.</param>
    /// <param name="time">Clock.</param>
    public AcpSession(RepositoryWork work, RepositoryOrder order, bool stored, AcpClient client, TimeProvider time)
    {
        (_work, _order, _stored, _client, _time, _mode) = (work, order, stored, client, time, order.Task.Mode);
        _updates = new(order.Task.Root);
        _approver = new(client, _updates, time);
    }

    /// <summary>The root.</summary>
    public string Root => _order.Task.Root;

    /// <summary>What needs no question.</summary>
    public ApprovalMode Mode
    {
        get => _session?.Mode ?? _mode;
        set
        {
            _mode = value;
            if (_session is { } session)
            {
                session.Mode = value;
            }
        }
    }

    /// <summary>Shows what is stored of the session, again.</summary>
    public async Task ReplayAsync(IReadOnlyList<SessionEvent> events)
    {
        foreach (var update in events.SelectMany(one => _updates.Of(one, replay: true)))
        {
            await _client.ShowAsync(update);
        }
    }

    /// <summary>Stops the prompt that is being worked on.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            _stop?.Invoke();
        }
    }

    /// <summary>Works on a prompt. Gives the protocol's reason for the end.</summary>
    public async Task<string> PromptAsync(IReadOnlyList<PromptBlock> prompt, CancellationToken cancellationToken)
    {
        if (!_turn.Wait(0, CancellationToken.None))
        {
            throw new RpcException(RpcException.InvalidRequest, "This session works on a prompt already. Cancel it or wait.");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            _stop = stop.Cancel;
            // From here on a cancellation finds its token; what takes time must not hold up the reading of messages.
            await Task.Yield();
            return await TurnAsync(prompt, stop.Token);
        }
        finally
        {
            lock (_gate)
            {
                _stop = null;
            }

            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await _turn.WaitAsync();
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        if (_model is not null)
        {
            await _model.DisposeAsync();
        }

        _turn.Dispose();
    }

    private async Task<string> TurnAsync(IReadOnlyList<PromptBlock> prompt, CancellationToken cancellationToken)
    {
        try
        {
            if (!await TrustedAsync(cancellationToken))
            {
                await _client.SayAsync($"Nobody has trusted {Root} yet, so nothing of it was read. Allow it when you are asked, or run: edgecoder trust {Root}");
                return "refusal";
            }

            var text = await PromptText.OfAsync(prompt, Root, _client, cancellationToken);
            var session = _session ??= await OpenAsync(cancellationToken);
            var review = new AcpReview(session, _client, _updates);
            return text.TrimStart().StartsWith('/') && AcpReview.Knows(text.Trim())
                ? await review.CommandAsync(text.Trim(), cancellationToken)
                : await WorkAsync(session, review, text, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return "cancelled";
        }
        catch (Exception fault) when (Explain(fault) is { } message)
        {
            await _client.SayAsync(message);
            return "end_turn";
        }
    }

    private async Task<string> WorkAsync(IRepositorySession session, AcpReview review, string text, CancellationToken cancellationToken)
    {
        if (session.HasOpenPrompt)
        {
            await _client.SayAsync("First the request that was cut off.\n");
            if (await FollowAsync(session.ContinueAsync(cancellationToken)) is { Outcome: SessionOutcome.Cancelled })
            {
                return "cancelled";
            }
        }

        var execution = await FollowAsync(session.PromptAsync(text, cancellationToken));
        if (execution.Outcome == SessionOutcome.Cancelled)
        {
            return "cancelled";
        }

        await review.AskAsync(execution, cancellationToken);
        return execution.Outcome == SessionOutcome.BudgetExhausted ? "max_turn_requests" : "end_turn";
    }

    private async Task<AgentExecution> FollowAsync(IAsyncEnumerable<SessionEvent> events)
    {
        AgentExecution? execution = null;
        await foreach (var sessionEvent in events)
        {
            foreach (var update in _updates.Of(sessionEvent, replay: false))
            {
                await _client.ShowAsync(update);
            }

            execution = (sessionEvent as DoneEvent)?.Execution ?? execution;
        }

        return execution ?? throw new InvalidOperationException("the session ended without its last event");
    }

    private async Task<IRepositorySession> OpenAsync(CancellationToken cancellationToken)
    {
        _model ??= await _work.OpenModelAsync(_order.Model, _order.Task.DataClass, new Progress<string>(), cancellationToken);
        await ApproveServersAsync(cancellationToken);
        IApprover approver = _order.ApproveTests ? new TestsAllowed(_approver) : _approver;
        var session = _stored
            ? await _work.Agent.ResumeAsync(_order.Resume!, _model.Model, approver, cancellationToken)
            : await _work.Agent.BeginAsync(_order.Task with { Mode = _mode }, _model.Model, approver, cancellationToken);
        _stored = true;
        foreach (var notice in session.Notices)
        {
            await _client.SayAsync(notice + "\n");
        }

        if (session.Mode != _mode)
        {
            session.Mode = _mode;
        }

        return session;
    }

    // Each server of the editor is approved once, by exact line; one that is refused is left out and said to be.
    private async Task ApproveServersAsync(CancellationToken cancellationToken)
    {
        foreach (var server in _work.Servers is null || _stored ? [] : _order.Task.EditorServers)
        {
            var root = ProjectRoot.Real(Root);
            if (_work.Servers!.IsApproved(server, root))
            {
                continue;
            }

            try
            {
                var answer = await _client.AskAsync(
                    new("mcp-" + server.Name) { Title = $"Use the MCP server {server.Name}?", Kind = "other", Status = "pending", Content = [AcpToolContent.Words($"{server.Line}\n{(server.Url is null ? "It runs in the sandbox, without network, and sees the project read-only." : "It is another machine: what its tools are called with goes there. Each call is asked for.")}")] },
                    [new("approve", "Use it in this project, by this line, from now on", "allow_always"), new("refuse", "No", "reject_once")],
                    cancellationToken);
                if (answer == "approve")
                {
                    _work.Servers.Approve(server, root);
                }
            }
            catch (RpcException)
            {
                // No answer is a refusal.
            }
        }
    }

    // A person trusts a root once, before anything of it is read (agent-executor-models 2.1).
    private async Task<bool> TrustedAsync(CancellationToken cancellationToken)
    {
        if (_work.Trust.Has(Root))
        {
            return true;
        }

        try
        {
            var answer = await _client.AskAsync(
                new("trust") { Title = $"Work in {Root}?", Kind = "other", Status = "pending", Content = [AcpToolContent.Words("EdgeCoder has not worked here before. The model will read its files, AGENTS.md guides it, and its tests run in the sandbox.")] },
                [new("trust", "Trust this directory from now on", "allow_always"), new("refuse", "No", "reject_once")],
                cancellationToken);
            if (answer != "trust")
            {
                return false;
            }
        }
        catch (RpcException)
        {
            return false;
        }

        _work.Trust.Add(Root);
        return true;
    }

    private static string? Explain(Exception fault) => fault switch
    {
        RepositoryException known => Words(known.Message, known.Hint),
        Agent.Sessions.SessionStoreException known => Words(known.Message, known.Hint),
        Inference.Providers.ModelException known => Words(known.Message, known.Hint),
        Commands.UsageException known => Words(known.Message, known.Hint),
        _ => null,
    };

    private static string Words(string message, string? hint) => hint is null ? message : $"{message}\n{hint}";
}
