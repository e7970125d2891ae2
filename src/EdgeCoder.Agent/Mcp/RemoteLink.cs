using EdgeCoder.Agent.Approvals;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// A server at an address. One exists only for work that may leave this machine: the constructor refuses class <c>local</c>, so the graph of local work has none
/// (agent-executor-models 0, 8). Connections go to that address alone: no redirects, no proxy, no cookies.
/// </summary>
internal sealed class RemoteLink : IMcpLink
{
    private const int MostBytes = 16 << 20;

    private readonly HttpClient _http;
    private readonly Uri _url;

    /// <summary>Opens no connection yet. Throws <see cref="InvalidOperationException"/> for class <c>local</c>.</summary>
    public RemoteLink(McpServerEntry entry, string dataClass)
    {
        if (!DataClasses.MayLeave(dataClass))
        {
            throw new InvalidOperationException("Work of class local has no remote servers.");
        }

        _url = entry.Url!;
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { MaxResponseContentBufferSize = MostBytes };
    }

    /// <inheritdoc/>
    public string? Ended => null;

    /// <inheritdoc/>
    public ValueTask<IClientTransport> OpenAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IClientTransport>(new HttpClientTransport(
            new() { Endpoint = _url, TransportMode = HttpTransportMode.StreamableHttp, EnableStandaloneGetStream = false, MaxReconnectionAttempts = 0 }, _http, ownsHttpClient: false));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
