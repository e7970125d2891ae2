using EdgeCoder.Coordinator.Composition;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Where escalations may go (environment.md 5, 7). Each token goes to its own address only; none stands in for another.</summary>
internal sealed record EscalationSettings
{
    /// <summary><c>INFERENCE_URL</c>.</summary>
    public Uri InferenceUrl { get; init; } = new("http://127.0.0.1:4302");

    /// <summary><c>INFERENCE_AUTH_TOKEN</c>; null passes the inference service over.</summary>
    public string? InferenceToken { get; init; }

    /// <summary><c>PARENT_COORDINATOR_URL</c>; null: no parent.</summary>
    public Uri? ParentUrl { get; init; }

    /// <summary><c>PARENT_MESH_TOKEN</c>, sent to the parent beside the signature.</summary>
    public string? ParentToken { get; init; }

    /// <summary><c>ESCALATION_TIMEOUT_MS</c>: one try of one back-end. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(30_000);

    /// <summary><c>ESCALATION_MAX_RETRIES</c>: tries after the first, of one back-end. Default 2.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary><c>ESCALATION_RETRY_BASE_DELAY_MS</c>: pause before the first retry; doubled each time. Default 1 s.</summary>
    public TimeSpan RetryBaseDelay { get; init; } = TimeSpan.FromMilliseconds(1_000);

    /// <summary><c>ESCALATION_CALLBACK_URL</c>; null: nobody is called.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary><c>ESCALATION_CALLBACK_TOKEN</c>.</summary>
    public string? CallbackToken { get; init; }

    /// <summary>Host names that are taken out of what leaves this operator's machines.</summary>
    public IReadOnlyList<string> PrivateHosts { get; init; } = [];

    /// <summary>Those of a coordinator.</summary>
    public static EscalationSettings Of(CoordinatorSettings settings) => new()
    {
        InferenceUrl = settings.InferenceUrl,
        InferenceToken = settings.InferenceToken,
        ParentUrl = settings.ParentUrl,
        ParentToken = settings.ParentToken,
        Timeout = settings.EscalationTimeout,
        MaxRetries = settings.EscalationRetries,
        RetryBaseDelay = settings.EscalationDelay,
        CallbackUrl = settings.CallbackUrl,
        CallbackToken = settings.CallbackToken,
    };
}
