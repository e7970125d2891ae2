using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Coordinator.Agents;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>The portal as the coordinator asks it about nodes (portal-and-control-plane 9.3). Its credential goes to its own address only.</summary>
internal sealed partial class NodePortalClient(HttpClient http, AgentOptions options, TimeProvider time, ILogger<NodePortalClient> log)
{
    private const string Header = "x-portal-service-token";

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
            var answer = await SendAsync("internal/nodes/validate", JsonContent.Create(request, EnrolmentJson.Default.ValidateNodeRequest), cancellationToken).ConfigureAwait(false);
            var status = (int)answer.Status;
            return Read(answer.Body, EnrolmentJson.Default.ValidateNodeAnswer) is { } read
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
    public async Task<IReadOnlyList<PortalNode>?> LookUpAsync(IReadOnlyList<string> nodeIds, IReadOnlyList<SeenNode> seen, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await SendAsync("internal/nodes/lookup", JsonContent.Create(new(nodeIds, seen), EnrolmentJson.Default.LookupNodesRequest), cancellationToken).ConfigureAwait(false);
            return answer.Status == HttpStatusCode.OK ? Read(answer.Body, EnrolmentJson.Default.LookupNodesAnswer)?.Nodes : null;
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

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);

        // Read inside the limit: a portal that sends its headers and then nothing is unreachable too.
        return new(response.StatusCode, await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false));
    }

    private static T? Read<T>(byte[] body, JsonTypeInfo<T> type)
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

    private sealed record PortalReply(HttpStatusCode Status, byte[] Body);
}
