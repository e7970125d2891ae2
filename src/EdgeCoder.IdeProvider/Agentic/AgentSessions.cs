using System.Collections.Concurrent;
using System.Text.Json;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>A session that was opened here.</summary>
/// <param name="KeyId">The key that opened it: nobody else sees it here.</param>
/// <param name="DataClass">Class that it was opened with.</param>
internal sealed record SessionOwner(string KeyId, string DataClass);

/// <summary>
/// Whose the sessions of this endpoint are, and which are at work. Owners are kept in files beside the keys, so that a restart makes nobody's session
/// somebody else's; who is not the owner does not learn that there is a session.
/// </summary>
internal sealed class AgentSessions(string directory, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Most sessions at work at once; each holds a worktree, a sandbox and a place in the line of the models.</summary>
    public const int MostTurns = 16;

    private readonly ConcurrentDictionary<string, AgentTurn> _turns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _roots = new(StringComparer.Ordinal);

    /// <summary>The root that a caller has set; null for none. It is the caller's own and ends with the process.</summary>
    public string? RootOf(IdeCaller caller) => _roots.GetValueOrDefault(caller.Key!.Id);

    /// <summary>Sets it.</summary>
    public void SetRoot(IdeCaller caller, string root) => _roots[caller.Key!.Id] = root;

    /// <summary>The owner of a session, where it is this caller. Throws <see cref="Refusal"/> 404 for any other session, whether it is there or not.</summary>
    public SessionOwner Require(IdeCaller caller, string sessionId) => Find(sessionId) is { } owner && owner.KeyId == caller.Key!.Id ? owner : throw NotFound();

    /// <summary>Whether a session is a caller's.</summary>
    public bool IsOf(IdeCaller caller, string sessionId) => Find(sessionId)?.KeyId == caller.Key!.Id;

    /// <summary>Keeps who opened a session, before it begins.</summary>
    public void Own(string sessionId, SessionOwner owner)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        IdeKeys.Write(PathOf(sessionId), stream => JsonSerializer.Serialize(stream, owner, AgenticJson.Default.SessionOwner));
    }

    /// <summary>Forgets a session that never began.</summary>
    public void Disown(string sessionId) => File.Delete(PathOf(sessionId));

    /// <summary>The turn of a session that is at work; null when it rests.</summary>
    public AgentTurn? Turn(string sessionId) => _turns.GetValueOrDefault(sessionId);

    /// <summary>Begins a turn. Throws <see cref="Refusal"/> 409 <c>session_busy</c> or 503 <c>local_busy</c>. End it with <see cref="Leave"/>.</summary>
    public AgentTurn Enter(string sessionId, IdeCaller caller)
    {
        if (_turns.Count >= MostTurns)
        {
            throw new Refusal(503, "local_busy", $"{MostTurns} sessions are at work here. Try again when one of them has ended.") { RetryAfter = 5 };
        }

        var turn = new AgentTurn(sessionId, caller.Key!.Id, time);
        if (!_turns.TryAdd(sessionId, turn))
        {
            turn.Dispose();
            throw Busy();
        }

        return turn;
    }

    /// <summary>A turn has ended.</summary>
    public void Leave(AgentTurn turn) => _turns.TryRemove(new(turn.SessionId, turn));

    /// <summary>Holds a session for a review, which no turn may disturb. Throws <see cref="Refusal"/> 409 <c>session_busy</c>.</summary>
    public async Task<T> AloneAsync<T>(string sessionId, IdeCaller caller, Func<Task<T>> review)
    {
        var turn = Enter(sessionId, caller);
        try
        {
            return await review().ConfigureAwait(false);
        }
        finally
        {
            Leave(turn);
            turn.Abandon();
            turn.Dispose();
        }
    }

    /// <summary>The open question of an id among this caller's own; null when there is none.</summary>
    public (AgentTurn Turn, EdgeCoder.Agent.Approvals.ApprovalRequest Request)? Question(IdeCaller caller, string id)
    {
        foreach (var turn in _turns.Values)
        {
            if (turn.KeyId == caller.Key!.Id && turn.Question(id) is { } request)
            {
                return (turn, request);
            }
        }

        return null;
    }

    /// <summary>404 for a session that is not there, or not this caller's.</summary>
    public static Refusal NotFound() => new(404, "session_not_found", "There is no such session of this key. List them: GET /v1/ide/sessions");

    /// <summary>The endpoint ends: all work is cancelled, so that no stream keeps it from ending.</summary>
    public void Stop() => _turns.Values.ToList().ForEach(turn => turn.Disconnect());

    /// <inheritdoc/>
    /// <remarks>Work that goes on is cancelled and waited for: its worktree is then at a save point.</remarks>
    public async ValueTask DisposeAsync()
    {
        var turns = _turns.Values.ToList();
        Stop();
        await Task.WhenAll(turns.Select(turn => turn.Ended)).ConfigureAwait(false);
    }

    private static Refusal Busy() => new(409, "session_busy", "This session is at work. Wait for its end, or cancel it: POST /v1/ide/sessions/{id}/cancel");

    private SessionOwner? Find(string sessionId)
    {
        // An id becomes a file name and stands for one session, so it is a UUID in its one form or none.
        if (!Guid.TryParseExact(sessionId, "D", out var id) || id.ToString("D") != sessionId || !File.Exists(PathOf(sessionId)))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(sessionId)), AgenticJson.Default.SessionOwner);
        }
        catch (Exception fault) when (fault is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(string sessionId) => Path.Combine(directory, sessionId + ".json");
}
