using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>
/// One request that a session works on for a connected caller. Questions go to that caller alone; when the connection ends, they have expired and the work is
/// cancelled (agent-executor-models 6.6).
/// </summary>
internal sealed class AgentTurn : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ToolCallEvent> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ApprovalRequest> _open = new(StringComparer.Ordinal);
    private readonly List<ApprovalRequest> _early = [];
    private ToolCallEvent? _held;

    public AgentTurn(string sessionId, string keyId, TimeProvider time)
    {
        (SessionId, KeyId, _time) = (sessionId, keyId, time);
        Approvals = new(keyId, time);
        Events = new(time);
        Approvals.Asked += Ask;
    }

    /// <summary>The session.</summary>
    public string SessionId { get; }

    /// <summary>The key that opened it.</summary>
    public string KeyId { get; }

    /// <summary>The questions to its caller.</summary>
    public PendingApprovals Approvals { get; }

    /// <summary>What happens, for the connection and for whoever follows the session.</summary>
    public TurnEvents Events { get; }

    /// <summary>Cancels the work.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Ends when the session is closed and can be opened by others.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether a person is waited for.</summary>
    public bool Waits
    {
        get
        {
            lock (_gate)
            {
                return _open.Count > 0;
            }
        }
    }

    /// <summary>The caller is gone: open questions have expired, the work is cancelled.</summary>
    public void Disconnect()
    {
        Approvals.Disconnect();
        Cancel();
    }

    /// <summary>Cancels the work; its end is still told.</summary>
    public void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    /// <summary>The open question of an id; null when there is none.</summary>
    public ApprovalRequest? Question(string id)
    {
        lock (_gate)
        {
            return _open.GetValueOrDefault(id);
        }
    }

    /// <summary>
    /// Works to the end: 1. the events, as they come; 2. the session and its model are closed, so that whoever reads the last event finds them free; 3. the last
    /// event. A fault that is no outcome is told as an event too. It throws nothing.
    /// </summary>
    public async Task WorkAsync(IRepositorySession session, OpenModel model, Func<IRepositorySession, CancellationToken, IAsyncEnumerable<SessionEvent>> work, Action closed)
    {
        SessionEvent? last = null;
        try
        {
            await using (model.ConfigureAwait(false))
            await using (session.ConfigureAwait(false))
            {
                // 1.
                await foreach (var one in work(session, _stop.Token).ConfigureAwait(false))
                {
                    if (one is DoneEvent)
                    {
                        last = one;
                        continue;
                    }

                    Tell(one);
                }
            }
        }
        catch (Exception fault)
        {
            var (code, message, hint) = WorkFaults.Words(fault);
            last = new ErrorEvent { SessionId = SessionId, AtMs = _time.GetUtcNow().ToUnixTimeMilliseconds(), Code = code, Message = message, Hint = hint };
        }

        // 2.
        Approvals.Disconnect();
        closed();
        _ended.SetResult();

        // 3.
        if (last is not null)
        {
            Tell(last);
        }

        Events.End();
    }

    /// <summary>It never began.</summary>
    public void Abandon()
    {
        Approvals.Disconnect();
        _ended.TrySetResult();
        Events.End();
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    // A call that a person is asked about is told together with its question; should none come, it is told as it is before whatever comes next.
    private void Tell(SessionEvent one)
    {
        lock (_gate)
        {
            if (_held is { } held)
            {
                _held = null;
                Events.Add(new(held.Seq, Json(held)));
            }

            if (one is ToolCallEvent { RequiresApproval: true } call)
            {
                _told[call.Id] = call;
                if (_early.FindIndex(request => request.CallId == call.Id) is >= 0 and var at)
                {
                    Events.Add(new(call.Seq, Json(call, _early[at]), _early[at].Id));
                    _early.RemoveAt(at);
                }
                else
                {
                    _held = call;
                }

                return;
            }

            if (one is ApprovalEvent decided)
            {
                foreach (var (id, _) in _open.Where(question => question.Value.CallId == decided.Id).ToList())
                {
                    _open.Remove(id);
                }
            }

            Events.Add(new(one.Seq, Json(one)));
        }
    }

    // Whichever thread is faster. A call whose action has changed is asked about again, and told again for that.
    private void Ask(ApprovalRequest request)
    {
        lock (_gate)
        {
            _open[request.Id] = request;
            if (!_told.TryGetValue(request.CallId, out var call))
            {
                _early.Add(request);
                return;
            }

            Events.Add(new(ReferenceEquals(_held, call) ? call.Seq : 0, Json(call, request), request.Id));
            _held = ReferenceEquals(_held, call) ? null : _held;
        }
    }

    /// <summary>An event as it is sent; the last one says where it ran.</summary>
    public static byte[] Json(SessionEvent one)
    {
        if (one is not DoneEvent done)
        {
            return JsonSerializer.SerializeToUtf8Bytes(one, ProtocolJson.Default.SessionEvent);
        }

        var node = JsonSerializer.SerializeToNode(one, ProtocolJson.Default.SessionEvent)!.AsObject();
        node["edgecoder"] = ExecutionMarks.Of(done.Execution);
        return JsonSerializer.SerializeToUtf8Bytes(node, JsonSerializerOptions.Default);
    }

    private static byte[] Json(ToolCallEvent call, ApprovalRequest request)
    {
        var node = JsonSerializer.SerializeToNode<SessionEvent>(call, ProtocolJson.Default.SessionEvent)!.AsObject();
        node["approvalId"] = request.Id;
        node["actionHash"] = request.ActionHash;
        node["expiresAtMs"] = request.ExpiresAtMs;
        node["reason"] = request.Reason;
        node["summary"] = request.Action.Summary;
        node["access"] = request.Action.Access.ToString().ToLowerInvariant();
        node["paths"] = new JsonArray([.. request.Action.Paths.Select(path => JsonValue.Create(path))]);
        if (request.Action.Command is { } command)
        {
            node["command"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]);
        }

        if (request.Action.Host is { } host)
        {
            node["host"] = host;
        }

        if (request.Rule is { } rule)
        {
            node["rule"] = rule;
        }

        return JsonSerializer.SerializeToUtf8Bytes(node, JsonSerializerOptions.Default);
    }
}
