using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Repositories;
using Microsoft.AspNetCore.Http;

[assembly: AssemblyFixture(typeof(EdgeCoder.IdeProvider.Tests.Agentic.SandboxFixture))]

namespace EdgeCoder.IdeProvider.Tests.Agentic;

/// <summary>The sandbox, tested once for all tests.</summary>
public sealed class SandboxFixture : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>Makes it.</summary>
    public SandboxFixture() => Sandbox = new ProjectSandbox(new ExecutorOptions { DataDirectory = _directory.Path });

    /// <summary>The sandbox.</summary>
    public IProjectSandbox Sandbox { get; }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}

/// <summary>
/// The real endpoint with the real agent: real git, real worktrees, real approvals. Only the model is a script, and it is asked over the same loopback
/// connections as in the program.
/// </summary>
internal sealed class AgentStage : IAsyncDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ScriptedTurn>> _scripts = new();

    private AgentStage(SampleRepository project) => Project = project;

    public SampleRepository Project { get; }

    public RunningEndpoint Endpoint { get; private set; } = null!;

    public string Key => Endpoint.Key;

    public string DataDirectory => _data.Path;

    /// <summary>Called before each answer of the model, with the words of the last user message.</summary>
    public Func<HttpContext, string, Task> BeforeAnswer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>A plan.</summary>
    public static ScriptedTurn Plan => new("1. Write the file.");

    /// <summary>The final statement.</summary>
    public static ScriptedTurn Statement => new("It is written.");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<AgentStage> StartAsync(SandboxFixture sandbox, ICodeExecutor? executor = null, TimeProvider? time = null, bool trusted = true, params IEnumerable<(string Name, string Text)> files)
    {
        var stage = new AgentStage(SampleRepository.Of([("a.txt", "one\n"), .. files]));
        var clock = time ?? TimeProvider.System;
        var trust = new TrustStore(stage._data["data"], clock);
        if (trusted)
        {
            trust.Trust(stage.Project.Root);
        }

        var sessions = new SessionStore(stage._data["data"]);
        var work = new LocalWork
        {
            Repositories = new()
            {
                Agent = new RepositoryAgent(new()
                {
                    DataDirectory = stage._data["data"],
                    ConfigDirectory = stage._data["config"],
                    ManagedPolicy = stage._data["managed.json"],
                    Sandbox = sandbox.Sandbox,
                    Sessions = sessions,
                    Time = clock,
                }),
                Sessions = sessions,
                Trust = new(trust.IsTrusted, trust.Trust, trust.Forget),
                OpenModelAsync = (_, _, _, _) => throw new InvalidOperationException("The endpoint asks the models of its own line."),
            },
            Executor = executor ?? new TestKit.Execution.ScriptedExecutor(_ => throw new InvalidOperationException("Nothing runs a snippet here.")),
            OpenModelAsync = (_, _, _, _) => throw new InvalidOperationException("The endpoint asks the models of its own line."),
            Time = clock,
        };
        stage.Endpoint = await RunningEndpoint.StartAsync(time: clock, work: work);
        stage.Endpoint.Inference.Models = """{"object":"list","data":[{"id":"coder","object":"model","created":1,"edgecoder":{"available":true,"provenContext":16384,"tools":true,"digest":"sha256:aa","reach":"this-machine","provider":"edgecoder-local","active":true}}]}""";
        stage.Endpoint.Inference.Answer = stage.AnswerAsync;
        return stage;
    }

    /// <summary>What the model says to the session whose request holds <paramref name="word"/>; the last turn again and again.</summary>
    public void Script(string word, params IEnumerable<ScriptedTurn> turns) => _scripts[word] = new(turns);

    /// <summary>Writes a file after a question, in the mode that asks for it.</summary>
    public void ScriptWrite(string word, string file) =>
        Script(word, Plan, ScriptedTurn.Call("write_file", new { path = file, content = word + "\n" }), Statement);

    /// <summary>Begins a chat and gives its stream when its first event can be read.</summary>
    public async Task<AgentStream> ChatAsync(string text, string? sessionId = null, string rest = "", string? key = null, bool withRoot = true)
    {
        var answer = await PostAsync("/v1/ide/chat", Body(text, sessionId, rest, withRoot), key);
        Assert.True((int)answer.StatusCode == 200, (int)answer.StatusCode == 200 ? "" : await TextOf(answer));
        return new AgentStream(answer);
    }

    /// <summary>The body of a chat, in the mode that asks before it writes.</summary>
    public string Body(string text, string? sessionId = null, string rest = "", bool withRoot = true)
    {
        var body = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }), ["mode"] = "read-only" };
        if (withRoot)
        {
            body["projectRoot"] = Project.Root;
        }

        if (sessionId is not null)
        {
            body["sessionId"] = sessionId;
        }

        foreach (var (name, value) in rest.Length == 0 ? [] : JsonNode.Parse(rest)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        return body.ToJsonString();
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json, string? key = null, Action<HttpRequestHeaders>? headers = null) =>
        Endpoint.PostAsync(path, json, key ?? Key, headers, HttpCompletionOption.ResponseHeadersRead);

    public async Task<HttpResponseMessage> GetAsync(string path, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", key ?? Key);
        return await Endpoint.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    /// <summary>Status and document of an answer.</summary>
    public static async Task<(int Status, JsonNode Document)> Read(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        return ((int)answer.StatusCode, JsonNode.Parse(await TextOf(answer))!);
    }

    public static Task<string> TextOf(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(Stop);

    /// <summary>Answers a question.</summary>
    public Task<(int Status, JsonNode Document)> DecideAsync(string id, bool approved = true, string rest = "", string? key = null)
    {
        var body = rest.Length == 0 ? [] : JsonNode.Parse(rest)!.AsObject();
        body["id"] = id;
        body["approved"] = approved;
        return Read(PostAsync("/v1/ide/tool-approval", body.ToJsonString(), key));
    }

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        Project.Dispose();
        _data.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, string body)
    {
        using var document = JsonDocument.Parse(body);
        var words = document.RootElement.GetProperty("messages").ToString();
        var script = _scripts.FirstOrDefault(script => words.Contains(script.Key, StringComparison.Ordinal)).Value ?? throw new InvalidOperationException("No script for " + words);
        await BeforeAnswer(context, words);
        var turn = script.Count > 1 && script.TryDequeue(out var next) ? next : script.TryPeek(out var last) ? last : Statement;
        var answer = new StringBuilder(StubUpstream.Piece("""{"role":"assistant","content":""}"""));
        foreach (var piece in turn.Text.Chunk(8))
        {
            answer.Append(StubUpstream.Piece($$"""{"content":{{JsonSerializer.Serialize(new string(piece))}}}"""));
        }

        foreach (var (call, index) in turn.Calls.Select((call, index) => (call, index)))
        {
            // In two pieces, as servers send them.
            var half = call.Arguments.Length / 2;
            answer.Append(StubUpstream.Piece($$$"""{"tool_calls":[{"index":{{{index}}},"id":"call_{{{index}}}","type":"function","function":{"name":"{{{call.Tool}}}","arguments":{{{JsonSerializer.Serialize(call.Arguments[..half])}}}}}]}"""));
            answer.Append(StubUpstream.Piece($$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":{{{JsonSerializer.Serialize(call.Arguments[half..])}}}}}]}"""));
        }

        if (turn.Fault is null)
        {
            answer.Append(StubUpstream.Piece("{}", turn.Calls.Count > 0 ? "\"tool_calls\"" : "\"stop\"")).Append(StubUpstream.Counts).Append(StubUpstream.Done);
        }

        await StubUpstream.StreamAsync(context, answer.ToString());
        if (turn.Fault is not null)
        {
            context.Abort();
        }
    }
}

/// <summary>The events of one chat as its client reads them.</summary>
internal sealed class AgentStream(HttpResponseMessage answer) : IDisposable
{
    private StreamReader? _reader;

    /// <summary>What was read so far.</summary>
    public List<JsonNode> Seen { get; } = [];

    /// <summary>The session.</summary>
    public string SessionId => answer.Headers.GetValues("X-EdgeCoder-Session").Single();

    /// <summary>The last event that was read.</summary>
    public JsonNode Last => Seen[^1];

    /// <summary>Reads to the next event of a type and gives it.</summary>
    public async Task<JsonNode> UntilAsync(string type)
    {
        while (await NextAsync() is { } seen)
        {
            if ((string?)seen["type"] == type)
            {
                return seen;
            }
        }

        throw new InvalidOperationException($"The stream ended without {type}: " + string.Join('\n', Seen.Select(one => one.ToJsonString())));
    }

    /// <summary>Reads to the next call that a person is asked about.</summary>
    public async Task<JsonNode> QuestionAsync()
    {
        while (await UntilAsync("tool_call") is { } call)
        {
            if (call["approvalId"] is not null)
            {
                return call;
            }
        }

        throw new InvalidOperationException("Nobody is asked.");
    }

    /// <summary>Reads to the end, which must be <c>done</c>.</summary>
    public async Task<JsonNode> DoneAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        Assert.True((string?)Last["type"] == "done", Last.ToJsonString());
        return Last;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        answer.Dispose();
    }

    private async Task<JsonNode?> NextAsync()
    {
        _reader ??= new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (await _reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Seen.Add(JsonNode.Parse(line["data: ".Length..])!);
                return Last;
            }

            Assert.True(line is "" or ": waiting", line);
        }

        return null;
    }
}
