using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCoder.Ledger.Anchors.Bitcoind;

/// <summary>Calls a Bitcoin node: JSON-RPC over HTTP with Basic authentication, one call a request. It shows neither user nor password, in errors too.</summary>
public sealed class BitcoindRpc : IDisposable
{
    private const int MostBytes = 4 << 20;

    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, disposeHandler: true);

    private readonly Uri _node;
    private readonly Uri _wallet;
    private readonly AuthenticationHeaderValue _credentials;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private long _calls;

    /// <summary>Calls of a node.</summary>
    public BitcoindRpc(BitcoindOptions options, TimeProvider time)
    {
        _node = new(options.Url.AbsoluteUri.TrimEnd('/') + "/");
        _wallet = string.IsNullOrEmpty(options.Wallet) ? _node : new(_node, "wallet/" + Uri.EscapeDataString(options.Wallet));
        _credentials = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));
        (_timeout, _time) = (options.Timeout, time);
    }

    /// <summary>A call of the node.</summary>
    /// <exception cref="BitcoindException">The node refused it.</exception>
    /// <exception cref="AnchorException">It could not be reached or understood: <c>bitcoind_unreachable</c>, <c>bitcoind_unauthorized</c>, <c>bitcoind_unreadable</c>.</exception>
    public Task<JsonElement> NodeAsync(string method, JsonArray parameters, CancellationToken cancellationToken) => CallAsync(_node, method, parameters, cancellationToken);

    /// <summary>A call of the wallet. As <see cref="NodeAsync"/>.</summary>
    public Task<JsonElement> WalletAsync(string method, JsonArray parameters, CancellationToken cancellationToken) => CallAsync(_wallet, method, parameters, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> CallAsync(Uri address, string method, JsonArray parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _calls);
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.Authorization = _credentials;
        request.Content = new StringContent(new JsonObject { ["jsonrpc"] = "1.0", ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString(), Encoding.UTF8, "application/json");
        byte[] body;
        HttpStatusCode status;
        try
        {
            using var response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            status = response.StatusCode;
            body = await ReadAsync(response, either.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The text of the fault could name the address; who runs the role knows it.
            throw new AnchorException("bitcoind_unreachable", "bitcoind_unreachable: the Bitcoin node could not be reached in time.");
        }

        return status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? throw new AnchorException("bitcoind_unauthorized", "bitcoind_unauthorized: the Bitcoin node refused user, password or address of the caller.")
            : ResultOf(body, id, (int)status);
    }

    // A node answers errors with status 500 or 404 and the same JSON; from version 28 some with 200.
    private static JsonElement ResultOf(byte[] body, long id, int status)
    {
        try
        {
            var answer = JsonElement.Parse(body);
            if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("id", out var answered) && answered.TryGetInt64(out var number) && number == id)
            {
                if (answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
                {
                    throw new BitcoindException(error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString() ?? "");
                }

                if (status == (int)HttpStatusCode.OK && answer.TryGetProperty("result", out var result))
                {
                    return result;
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // It is no answer of a node.
        }

        throw new AnchorException("bitcoind_unreadable", $"bitcoind_unreadable: what is at BITCOIND_RPC_URL did not answer as a Bitcoin node (status {status}).");
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MostBytes)
            {
                throw new IOException("The answer is too large.");
            }
        }

        return body.ToArray();
    }
}

/// <summary>A node refused a call.</summary>
/// <param name="code">Its number, as -6.</param>
/// <param name="said">Its words.</param>
public sealed class BitcoindException(int code, string said) : Exception(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{code} {said}"))
{
    /// <summary>Invalid address or key, also: no such transaction or block.</summary>
    public const int NotFound = -5;

    /// <summary>Not enough coins.</summary>
    public const int InsufficientFunds = -6;

    /// <summary>A fault of the wallet that has no number of its own.</summary>
    public const int WalletError = -4;

    /// <summary>Refused when it was looked at.</summary>
    public const int VerifyError = -25;

    /// <summary>Refused by the rules.</summary>
    public const int VerifyRejected = -26;

    /// <summary>It is in a block already.</summary>
    public const int AlreadyInChain = -27;

    /// <summary>Its number.</summary>
    public int Code { get; } = code;

    /// <summary>Its words.</summary>
    public string Said { get; } = said;

    /// <summary>As <c>bitcoind_rpc_error: &lt;code&gt; &lt;msg&gt;</c> (economy-and-ledger 13.4).</summary>
    public AnchorException AsAnchor() => AnchorException.Said("bitcoind_rpc_error", Message);
}
