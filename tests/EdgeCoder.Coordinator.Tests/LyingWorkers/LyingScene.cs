using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Agents;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>The whole coordinator on a real port with its real sandbox, a submitter with an API key, and agents that an operator enrolled and approved: everything over HTTP.</summary>
public sealed class LyingScene : IAsyncLifetime
{
    public const string Requester = "acct-requester";
    public const string Liars = "acct-liar";

    // The requester's own machines: what they do is paid at once, while the work of others waits for its audit.
    public const string Honest = Requester;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<ScriptedAgent> _agents = [];
    private readonly ShiftedClock _clock = new();
    private CoordinatorIdentity _identity = null!;
    private HttpClient _operator = null!;
    private HttpClient _submitter = null!;

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal CoordinatorRole Role { get; private set; } = null!;

    internal string PeerId => _identity.PeerId;

    public async ValueTask InitializeAsync() => await OpenAsync(this, verifiers: 2);

    /// <summary>Starts one; without <paramref name="verifiers"/> nothing is run again but what the test itself claims.</summary>
    internal static Task<LyingScene> StartAsync(int verifiers) => OpenAsync(new(), verifiers);

    /// <summary>Enrols, registers and approves an agent, through the coordinator's address or one that stands before it.</summary>
    internal async Task<ScriptedAgent> AgentAsync(string id, string owner, bool sealedWork = true, Uri? address = null)
    {
        var agent = new ScriptedAgent(id, address ?? Role.Url, PeerId, TimeProvider.System);
        _agents.Add(agent);
        var enrolled = await OperateAsync("/admin/nodes/enroll", new JsonObject { ["nodeId"] = id, ["ownerAccountId"] = owner });
        await agent.RegisterAsync((string)enrolled["registrationToken"]!, sealedWork, Stop);
        await OperateAsync($"/admin/agents/{id}/approval", new JsonObject { ["approved"] = true });
        return agent;
    }

    /// <summary>Submits and gives the id of the one subtask.</summary>
    internal async Task<string> SubmitAsync(TaskSubmission task)
    {
        using var answer = await _submitter.PostAsJsonAsync("/tasks", task, MeshJson.Default.TaskSubmission, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return Assert.Single(JsonSerializer.Deserialize(text, MeshJson.Default.TaskAccepted)!.Subtasks);
    }

    /// <summary>Uploads a file of a check.</summary>
    internal async Task<CheckFile> FileAsync(string path, string text) => new(path, await PutAsync(Encoding.UTF8.GetBytes(text)));

    /// <summary>Uploads a snapshot of files.</summary>
    internal async Task<string> SnapshotAsync(params IEnumerable<(string Path, string Text)> files)
    {
        using var tree = new TemporaryDirectory();
        foreach (var (path, text) in files)
        {
            tree.Write(path, text);
        }

        using var blob = new MemoryStream();
        SnapshotArchive.Pack(tree.Path, blob, SnapshotSelection.Whole, null, Stop);
        return await PutAsync(blob.ToArray());
    }

    internal async Task<TaskView> TaskAsync(string taskId) => (await _submitter.GetFromJsonAsync($"/tasks/{taskId}", MeshJson.Default.TaskView, Stop))!;

    internal async Task<TaskResult> ResultAsync(string taskId) => (await _submitter.GetFromJsonAsync($"/tasks/{taskId}/result", MeshJson.Default.TaskResult, Stop))!;

    internal async Task<byte[]> BlobAsync(string digest) => await _submitter.GetByteArrayAsync($"/blobs/{digest}", Stop);

    /// <summary>Follows the events of a task until one that is looked for.</summary>
    internal async Task<JsonNode> EventAsync(string taskId, string type, Func<JsonNode, bool>? which = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(ProgramRun.Patience);
        await using var stream = await _submitter.GetStreamAsync($"/tasks/{taskId}/events", patience.Token);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonNode.Parse(line[6..])! is var told && (string?)told["type"] is { } seen)
            {
                if (seen == type && which?.Invoke(told["data"]!) != false)
                {
                    return told["data"]!;
                }

                Assert.False(seen == "end", $"{taskId} ended before {type}: {line}");
            }
        }

        throw new InvalidOperationException($"The events of {taskId} ended.");
    }

    /// <summary>What was posted to an account, in millicredits.</summary>
    internal Task<long> EarnedAsync(string account) => Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
        batch => batch.Query("SELECT credits_posted FROM accounts WHERE account_id = $1", row => row.Number(0), account).Single(), Stop);

    /// <summary>Lets time pass for tasks and leases, and has their partition look at it.</summary>
    internal async Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        await Role.Services.GetRequiredService<IGrainFactory>().GetGrain<IQueuePartitionGrain>(0).SweepAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _agents.ForEach(agent => agent.Dispose());
        _operator.Dispose();
        _submitter.Dispose();
        await Role.DisposeAsync();
        _identity.Dispose();
        _directory.Dispose();
    }

    private static async Task<LyingScene> OpenAsync(LyingScene scene, int verifiers)
    {
        (scene._identity, scene.Role) = await ComposedCoordinator.StartAsync(scene._directory["data"], null, verifiers, new QueueClock(scene._clock));
        scene._operator = new() { BaseAddress = scene.Role.Url };
        scene._operator.DefaultRequestHeaders.Add("x-admin-token", ComposedCoordinator.AdminToken);
        scene._submitter = new() { BaseAddress = scene.Role.Url };
        scene._submitter.DefaultRequestHeaders.Authorization = new("Bearer", (await scene.Role.ProvisionAsync(Requester, Stop)).ApiKey);
        await scene.OperateAsync("/admin/accounts", new JsonObject { ["accountId"] = Liars });
        return scene;
    }

    /// <summary>What an operator reads.</summary>
    internal async Task<JsonNode> ReadAsync(string path) => JsonNode.Parse(await ReadBytesAsync(path))!;

    /// <summary>The same, byte for byte.</summary>
    internal Task<byte[]> ReadBytesAsync(string path) => _operator.GetByteArrayAsync(path, Stop);

    /// <summary>Moves the clock of tasks and leases, and nothing else.</summary>
    internal void Pass(TimeSpan time) => _clock.Advance(time);

    internal async Task<JsonNode> OperateAsync(string path, JsonObject body)
    {
        using var answer = await _operator.PostAsJsonAsync(path, body, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<string> PutAsync(byte[] bytes)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/octet-stream");
        using var answer = await _submitter.PutAsync($"/blobs/{digest}", content, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
        return digest;
    }
}
