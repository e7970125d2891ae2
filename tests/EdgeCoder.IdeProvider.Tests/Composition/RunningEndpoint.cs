using System.Net.Http.Headers;
using System.Text;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.IdeProvider.Tests.Composition;

/// <summary>The real endpoint in front of a stub of the inference service.</summary>
internal sealed class RunningEndpoint : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private EndedRequests _requests = null!;

    private RunningEndpoint(StubUpstream inference) => Inference = inference;

    /// <summary>The stub.</summary>
    public StubUpstream Inference { get; }

    /// <summary>The role.</summary>
    public IdeProviderRole Role { get; private set; } = null!;

    /// <summary>A client of it.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The first key.</summary>
    public string Key => File.ReadAllText(Role.Keys.FirstKeyFile).Trim();

    /// <summary>Starts both.</summary>
    public static async Task<RunningEndpoint> StartAsync(Func<IdeProviderSettings, IdeProviderSettings>? change = null, TimeProvider? time = null, LocalWork? work = null)
    {
        var endpoint = new RunningEndpoint(await StubUpstream.StartAsync());
        var settings = new IdeProviderSettings
        {
            Listener = ListenerSettings.Loopback(0),
            DataDirectory = Path.Combine(endpoint._directory.Path, "ide"),
            Inference = endpoint.Inference.Url,
            InferenceToken = new string('t', 40),
        };
        endpoint.Role = await IdeProviderRole.StartAsync(change?.Invoke(settings) ?? settings, work, time ?? TimeProvider.System, CancellationToken.None);
        endpoint._requests = EndedRequests.Of(endpoint.Role.Services);
        endpoint.Client = new HttpClient { BaseAddress = endpoint.Role.Url, Timeout = TimeSpan.FromMinutes(10) };
        return endpoint;
    }

    /// <summary>Posts JSON.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json, string? key = null, Action<HttpRequestHeaders>? headers = null, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        headers?.Invoke(request.Headers);
        return Client.SendAsync(request, completion, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts a chat.</summary>
    public Task<HttpResponseMessage> ChatAsync(string rest = "", string? key = null, Action<HttpRequestHeaders>? headers = null) =>
        PostAsync("/v1/chat/completions", $$"""{"model":"edgecoder-auto","messages":[{"role":"user","content":"hi"}]{{rest}}}""", key, headers);

    /// <summary>Waits until every call that was answered has left the line and was counted: both come after the last byte of its answer.</summary>
    public Task SettledAsync() => _requests.AllAsync(TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _requests.Dispose();
        await Role.DisposeAsync();
        await Inference.DisposeAsync();
        _directory.Dispose();
    }
}
