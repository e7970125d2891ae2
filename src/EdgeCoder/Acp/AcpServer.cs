using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Agent.Mcp;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Repositories;

namespace EdgeCoder.Acp;

/// <summary>An editor's agent over the Agent Client Protocol, version 1 (docs/acp.md): one connection, many sessions.</summary>
/// <param name="work">The parts; closed by the caller.</param>
/// <param name="order">How to work; its root is replaced by each session's own.</param>
/// <param name="connection">The connection.</param>
/// <param name="time">Clock.</param>
internal sealed class AcpServer(RepositoryWork work, RepositoryOrder order, RpcConnection connection, TimeProvider time) : IRpcHandler, IAsyncDisposable
{
    /// <summary>The version that is spoken here.</summary>
    public const int ProtocolVersion = 1;

    private readonly ConcurrentDictionary<string, AcpSession> _sessions = new();
    private bool _readsFiles;

    /// <inheritdoc/>
    public async Task<RpcAnswer> AnswerAsync(string method, JsonElement parameters, CancellationToken cancellationToken) => method switch
    {
        "initialize" => Initialize(Read(parameters, AcpJson.Default.InitializeRequest)),
        // No method was offered, so every name is a wrong one.
        "authenticate" => throw new RpcException(RpcException.InvalidParams, "Nobody has to sign in here: authMethods is empty."),
        "session/new" => New(Read(parameters, AcpJson.Default.SessionSetup)),
        "session/load" => await LoadAsync(Read(parameters, AcpJson.Default.SessionSetup), replay: true),
        "session/resume" => await LoadAsync(Read(parameters, AcpJson.Default.SessionSetup), replay: false),
        "session/list" => List(parameters.ValueKind == JsonValueKind.Undefined ? new() : Read(parameters, AcpJson.Default.ListRequest)),
        "session/close" => await CloseAsync(Read(parameters, AcpJson.Default.SessionReference)),
        "session/delete" => await DeleteAsync(Read(parameters, AcpJson.Default.SessionReference), cancellationToken),
        "session/set_mode" => SetMode(Read(parameters, AcpJson.Default.SetModeRequest)),
        "session/prompt" => await PromptAsync(Read(parameters, AcpJson.Default.PromptRequest), cancellationToken),
        _ => throw new RpcException(RpcException.MethodNotFound, $"There is no method {method} here."),
    };

    /// <inheritdoc/>
    public void Take(string method, JsonElement parameters)
    {
        if (method == "session/cancel" && parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("sessionId", out var id) && id.ValueKind == JsonValueKind.String
            && _sessions.TryGetValue(id.GetString()!, out var session))
        {
            session.Cancel();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }
    }

    private RpcAnswer Initialize(InitializeRequest request)
    {
        _readsFiles = request.ClientCapabilities?.Fs?.ReadTextFile ?? false;
        var version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        return Write(new InitializeResponse { AgentInfo = new("edgecoder", "EdgeCoder", version) }, AcpJson.Default.InitializeResponse);
    }

    private RpcAnswer New(SessionSetup setup)
    {
        var id = Guid.NewGuid().ToString("D");
        var faults = new List<string>();
        var session = Open(id, setup, stored: false, AcpServers.Read(setup.McpServers, faults.Add));
        return Write(new SessionSetupResponse { SessionId = id, Modes = Modes(session) }, AcpJson.Default.SessionSetupResponse, () => GreetAsync(id, faults));
    }

    private async Task<RpcAnswer> LoadAsync(SessionSetup setup, bool replay)
    {
        var stored = Stored(setup.SessionId ?? throw new RpcException(RpcException.InvalidParams, "sessionId is missing."));
        if (!ProjectRoot.Same(stored.Root!, ProjectRoot.Real(Root(setup))))
        {
            throw new RpcException(RpcException.InvalidParams, $"Session {stored.SessionId} belongs to {stored.Root}.");
        }

        if (_sessions.TryRemove(stored.SessionId, out var open))
        {
            await open.DisposeAsync();
        }

        var session = Open(stored.SessionId, setup, stored: true, []);
        if (replay)
        {
            await session.ReplayAsync(work.Sessions.EventsAfter(stored.SessionId, 0));
        }

        return Write(new SessionSetupResponse { Modes = Modes(session) }, AcpJson.Default.SessionSetupResponse, () => GreetAsync(stored.SessionId, setup.McpServers is { Count: > 0 } ? ["The MCP servers of this editor are used in sessions that begin with them, not in this one, which is continued."] : []));
    }

    private AcpSession Open(string id, SessionSetup setup, bool stored, IReadOnlyList<McpServerEntry> servers)
    {
        var client = new AcpClient(connection, id, _readsFiles);
        var session = new AcpSession(work, order with { Task = order.Task with { Root = Root(setup), SessionId = id, EditorServers = servers }, Resume = stored ? id : null }, stored, client, time);
        _sessions[id] = session;
        return session;
    }

    // After the answer that makes the session known to the client.
    private async Task GreetAsync(string id, IReadOnlyList<string> faults)
    {
        var client = new AcpClient(connection, id, _readsFiles);
        await client.ShowAsync(new("available_commands_update") { AvailableCommands = AcpReview.Commands });
        foreach (var fault in faults)
        {
            await client.SayAsync(fault + "\n");
        }
    }

    private RpcAnswer List(ListRequest request)
    {
        var root = request.Cwd is { } cwd && Directory.Exists(cwd) ? ProjectRoot.Real(Path.TrimEndingDirectorySeparator(Path.GetFullPath(cwd))) : request.Cwd;
        var sessions = work.Sessions.List().Where(session => session.Root is { } own && (root is null || ProjectRoot.Same(own, root)));
        return Write(
            new ListResponse([.. sessions.Select(session => new ListedSession(session.SessionId, session.Root!, session.Request, DateTimeOffset.FromUnixTimeMilliseconds(session.AtMs).ToString("O", CultureInfo.InvariantCulture)))]),
            AcpJson.Default.ListResponse);
    }

    private async Task<RpcAnswer> CloseAsync(SessionReference request)
    {
        await Session(request.SessionId).DisposeAsync();
        _sessions.TryRemove(request.SessionId, out _);
        return Empty();
    }

    private async Task<RpcAnswer> DeleteAsync(SessionReference request, CancellationToken cancellationToken)
    {
        if (_sessions.TryRemove(request.SessionId, out var open))
        {
            await open.DisposeAsync();
        }

        // Deleting what is gone already is done.
        if (work.Sessions.List().Any(session => session.SessionId == request.SessionId && session.Root is not null))
        {
            await work.Agent.DeleteAsync(request.SessionId, cancellationToken);
        }

        return Empty();
    }

    private RpcAnswer SetMode(SetModeRequest request)
    {
        Session(request.SessionId).Mode = ModeName.Find(request.ModeId) ?? throw new RpcException(RpcException.InvalidParams, $"There is no mode {request.ModeId}.");
        return Empty();
    }

    private async Task<RpcAnswer> PromptAsync(PromptRequest request, CancellationToken cancellationToken) =>
        Write(new PromptResponse(await Session(request.SessionId).PromptAsync(request.Prompt, cancellationToken)), AcpJson.Default.PromptResponse);

    private AcpSession Session(string id) => _sessions.TryGetValue(id, out var session) ? session : throw new RpcException(RpcException.NotFound, $"There is no session {id} in this connection.");

    private SessionSummary Stored(string id) => work.Sessions.List().FirstOrDefault(session => session.SessionId == id && session.Root is not null)
        ?? throw new RpcException(RpcException.NotFound, $"There is no session {id}.");

    private static string Root(SessionSetup setup) => Path.IsPathFullyQualified(setup.Cwd) && Directory.Exists(setup.Cwd)
        ? Path.TrimEndingDirectorySeparator(setup.Cwd)
        : throw new RpcException(RpcException.InvalidParams, $"cwd must be an absolute path of a directory, not {setup.Cwd}.");

    private static SessionModes Modes(AcpSession session) => new(ModeName.Of(session.Mode), [.. ModeName.All.Select(mode => new SessionModeEntry(mode.Name, mode.Name, mode.Meaning))]);

    private static T Read<T>(JsonElement parameters, JsonTypeInfo<T> type) =>
        parameters.ValueKind == JsonValueKind.Object ? parameters.Deserialize(type) ?? throw new JsonException("null") : throw new JsonException("they must be an object");

    private static RpcAnswer Write<T>(T value, JsonTypeInfo<T> type, Func<Task>? then = null) => new(JsonSerializer.SerializeToUtf8Bytes(value, type), then);

    private static RpcAnswer Empty() => new("{}"u8.ToArray());
}
