using System.Text.Json.Nodes;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>
/// Step 2 of the waterfall: the parent coordinator. The same request again asks how far it is, because a record is one for a subtask; the hop list is
/// in the signed body, so nobody on the way can shorten it.
/// </summary>
/// <param name="clients">Clients that sign for a peer, and one without a signature for the parent's open identity.</param>
/// <param name="identity">This coordinator.</param>
/// <param name="settings">Where the parent is.</param>
/// <param name="time">Clock.</param>
internal sealed class ParentBackEnd(EscalationClients clients, CoordinatorIdentity identity, EscalationSettings settings, TimeProvider time)
{
    private readonly Redactor _redactor = new(settings.PrivateHosts);
    private (string PeerId, HttpMessageInvoker Http)? _parent;

    /// <summary>Asks once, with everything secret taken out.</summary>
    public async Task<BackEndAnswer> AskAsync(EscalationRow row, CancellationToken cancellationToken)
    {
        if (await ParentAsync(cancellationToken).ConfigureAwait(false) is not { } parent)
        {
            return new BackEndAnswer.TryAgain("The parent coordinator did not say who it is.");
        }

        if (parent.PeerId == identity.PeerId)
        {
            return new BackEndAnswer.Failed("PARENT_COORDINATOR_URL leads back to this coordinator.");
        }

        EscalationRequest request;
        try
        {
            request = Request(row);
        }
        catch (RedactionException)
        {
            return new BackEndAnswer.Failed("The texts could not be searched for secrets, so nothing was sent.");
        }

        var (status, body) = await EscalationHttp.PostAsync(
            parent.Http, new Uri(settings.ParentUrl!, "/escalate"), request, InferenceJson.Default.EscalationRequest, ("x-mesh-token", settings.ParentToken), settings.Timeout, time, cancellationToken).ConfigureAwait(false);
        if (status is 401 or 403)
        {
            // It may have been moved to another machine since we asked who it is.
            _parent = null;
        }

        var answer = EscalationHttp.Read(body, InferenceJson.Default.EscalationResult);
        return (status, answer?.Status) switch
        {
            (200 or 201 or 202, EscalationStatus.Completed) when !string.IsNullOrWhiteSpace(answer!.ImprovedCode) => new BackEndAnswer.Candidate(answer.ImprovedCode, answer.Explanation, answer.ResolvedByModel, parent.PeerId),
            (200 or 201 or 202, EscalationStatus.Pending or EscalationStatus.Processing) => new BackEndAnswer.Working(parent.PeerId),
            (200 or 201 or 202, { } state) => new BackEndAnswer.Failed($"The parent coordinator has no code: {state.ToString().ToLowerInvariant()}."),
            _ when EscalationHttp.MayRetry(status) => new BackEndAnswer.TryAgain(EscalationHttp.Describe("The parent coordinator", status)),
            _ => new BackEndAnswer.Failed(EscalationHttp.Describe("The parent coordinator", status)),
        };
    }

    private EscalationRequest Request(EscalationRow row) => new()
    {
        TaskId = row.OriginPeerId is null ? row.SubtaskId : row.TaskId,
        AgentId = row.AgentId ?? identity.PeerId,
        Task = Shown(row.TaskText),
        FailedCode = Shown(row.FailedCode),
        ErrorHistory = [.. EscalationRecords.Read(row.ErrorHistory).Select(Shown)],
        Language = row.Language,
        IterationsAttempted = row.IterationsAttempted,
        Tests = row.Tests is null ? null : Shown(row.Tests),
        Hops = [.. EscalationRecords.Read(row.Hops), identity.PeerId],
        DataClass = SharedDataClass.Mesh,
    };

    private async Task<(string PeerId, HttpMessageInvoker Http)?> ParentAsync(CancellationToken cancellationToken)
    {
        if (_parent is { } known)
        {
            return known;
        }

        using var limit = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(settings.ParentUrl!, "/identity"));
        var (status, body) = await EscalationHttp.SendAsync(clients.Plain, request, either.Token, cancellationToken).ConfigureAwait(false);
        if (status != 200 || PeerIdOf(body) is not { } peerId)
        {
            return null;
        }

        return _parent = (peerId, clients.For(peerId));
    }

    private static string? PeerIdOf(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body)?["peerId"]?.GetValue<string>() is { } id && ClientId.IsValid(id) ? id : null;
        }
        catch (Exception fault) when (fault is System.Text.Json.JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private string Shown(string text) => _redactor.Redact(text).Text;
}
