using EdgeCoder.Protocol;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Tells the receiver of <c>ESCALATION_CALLBACK_URL</c> of an escalation's state: signed, ten seconds, never fatal (agent-executor-models 7.2).</summary>
/// <param name="http">Signs with the coordinator's key.</param>
/// <param name="settings">Where the receiver is.</param>
/// <param name="time">Clock.</param>
internal sealed class EscalationCallback(HttpMessageInvoker http, EscalationSettings settings, TimeProvider time)
{
    /// <summary>Most tries for one state; the receiver can always read it later.</summary>
    public const int MostTries = 30;

    /// <summary>What a nonce for the receiver begins with.</summary>
    public const string Audience = "escalation-callback";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Sends the state as it is; gives the status, 0 without an answer.</summary>
    public async Task<int> SendAsync(EscalationRow row, CancellationToken cancellationToken)
    {
        var address = new Uri($"{settings.CallbackUrl!.AbsoluteUri.TrimEnd('/')}/escalate/{Uri.EscapeDataString(row.TaskId)}/result");
        var (status, _) = await EscalationHttp.PostAsync(
            http, address, EscalationViews.Result(row), InferenceJson.Default.EscalationResult, ("authorization", settings.CallbackToken is { } token ? $"Bearer {token}" : null), Limit, time, cancellationToken).ConfigureAwait(false);
        return status;
    }
}
