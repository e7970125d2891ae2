using EdgeCoder.Agent.Redaction;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Step 1 of the waterfall: the inference service of the same operator.</summary>
/// <param name="http">Signs for the inference service.</param>
/// <param name="settings">Where it is.</param>
/// <param name="time">Clock.</param>
internal sealed class InferenceBackEnd(HttpMessageInvoker http, EscalationSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Redactor _redactor = new(settings.PrivateHosts);

    /// <summary>Asks once. A service beyond this machine sees no secret of the texts.</summary>
    public async Task<BackEndAnswer> AskAsync(EscalationRow row, CancellationToken cancellationToken)
    {
        InferenceEscalation request;
        try
        {
            request = new()
            {
                Task = Shown(row.TaskText),
                FailedCode = Shown(row.FailedCode),
                ErrorHistory = [.. EscalationRecords.Read(row.ErrorHistory).Select(Shown)],
                Language = row.Language,
                Tests = row.Tests is null ? null : Shown(row.Tests),
            };
        }
        catch (RedactionException)
        {
            return new BackEndAnswer.Failed("The texts could not be searched for secrets, so nothing was sent.");
        }

        var (status, body) = await EscalationHttp.PostAsync(
            http, new Uri(settings.InferenceUrl, "/escalate"), request, InferenceJson.Default.InferenceEscalation, ("x-inference-token", settings.InferenceToken), await TimeoutAsync(cancellationToken).ConfigureAwait(false), time, cancellationToken).ConfigureAwait(false);
        var answer = EscalationHttp.Read(body, InferenceJson.Default.InferenceEscalationAnswer);
        return status == 200 && answer is { ImprovedCode: { } code } && !string.IsNullOrWhiteSpace(code) ? new BackEndAnswer.Candidate(code, answer.Explanation, answer.Model, null)
            : status == 200 ? new BackEndAnswer.Failed("The inference service answered without code.")
            : EscalationHttp.MayRetry(status) ? new BackEndAnswer.TryAgain(EscalationHttp.Describe("The inference service", status))
            : new BackEndAnswer.Failed(EscalationHttp.Describe("The inference service", status));
    }

    // ESCALATION_TIMEOUT_MS, or what the service measured of its model when that is more (agent-executor-models 7.1).
    private async Task<TimeSpan> TimeoutAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Glance, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(settings.InferenceUrl, "/health"));
        var (status, body) = await EscalationHttp.SendAsync(http, request, either.Token, cancellationToken).ConfigureAwait(false);
        var measured = status == 200 ? EscalationHttp.Read(body, InferenceJson.Default.InferenceHealth)?.EscalateTimeoutMs ?? 0 : 0;
        return TimeSpan.FromMilliseconds(Math.Clamp(measured, settings.Timeout.TotalMilliseconds, Math.Max(Longest.TotalMilliseconds, settings.Timeout.TotalMilliseconds)));
    }

    private string Shown(string text) => settings.InferenceUrl.IsLoopback ? text : _redactor.Redact(text).Text;
}
