using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>The portal as the coordinator asks it about nodes (portal-and-control-plane 9.3). Its credential goes to its own address only.</summary>
internal sealed partial class NodePortalClient(HttpClient http, AgentOptions options, TimeProvider time, ILogger<NodePortalClient> log)
{
    private const string Header = "x-portal-service-token";
    private const long MostAnswerBytes = 1 << 20;

    /// <summary>Ids of one look-up.</summary>
    public const int MostIds = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Whether a portal decides about nodes here.</summary>
    public bool IsConfigured => options.PortalUrl is not null;

    /// <summary>Asks whether a key may be bound, with a proof of possession already checked here. Never throws but for the caller's cancellation.</summary>
    public async Task<NodeValidation> ValidateAsync(ValidateNodeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync("internal/nodes/validate", JsonContent.Create(request, EnrolmentJson.Default.ValidateNodeRequest), cancellationToken).ConfigureAwait(false);
            var status = (int)answer.Status;
            return answer.Body is { } body && Read(body, EnrolmentJson.Default.ValidateNodeAnswer) is { } read
                ? NodeValidation.OfPortal(status, read.Reason, read.Node?.OwnerAccountId, read.Node?.Tenants)
                : NodeValidation.OfPortal(status, null, null, null);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnreachable(log, fault.GetType().Name);
            return NodeValidation.Refused("portal_validation_unreachable");
        }
    }

    /// <summary>What the portal says of up to <see cref="MostIds"/> nodes; null when it cannot be asked: then everything stays as it is.</summary>
    public async Task<IReadOnlyList<PortalNode>?> LookUpAsync(IReadOnlyList<string> nodeIds, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync("internal/nodes/lookup", JsonContent.Create(new(nodeIds), EnrolmentJson.Default.LookupNodesRequest), cancellationToken).ConfigureAwait(false);
            return answer.Status == System.Net.HttpStatusCode.OK && answer.Body is { } body ? Read(body, EnrolmentJson.Default.LookupNodesAnswer)?.Nodes : null;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnreachable(log, fault.GetType().Name);
            return null;
        }
    }

    private async Task<PortalReply> SendAsync(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var address = options.PortalUrl!.AbsoluteUri;
        using var request = new HttpRequestMessage(HttpMethod.Post, (address.EndsWith('/') ? address : address + "/") + path) { Content = content };
        if (options.PortalToken is { } token)
        {
            request.Headers.Add(Header, token);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
        try
        {
            // Read inside the limit: a portal that sends its headers and then nothing is unreachable too.
            return response.Content.Headers.ContentLength is > MostAnswerBytes
                ? new(response, null)
                : new(response, await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false));
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static T? Read<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The portal does not answer about nodes ({Fault}); new keys are refused, approved agents go on")]
    private static partial void LogUnreachable(ILogger log, string fault);

    private sealed record PortalReply(HttpResponseMessage Response, byte[]? Body) : IDisposable
    {
        public System.Net.HttpStatusCode Status => Response.StatusCode;

        public void Dispose() => Response.Dispose();
    }
}
