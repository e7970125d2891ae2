using EdgeCoder.Hosting.Settings;

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

    /// <summary>Reads them; faults go to <paramref name="reader"/>. In all-in-one <paramref name="inferenceUrl"/> and <paramref name="madeToken"/> are the process's own.</summary>
    public static EscalationSettings Read(SettingsReader reader, Uri? inferenceUrl = null, string? madeToken = null)
    {
        var settings = new EscalationSettings
        {
            InferenceUrl = inferenceUrl ?? reader.Url("INFERENCE_URL", "http://127.0.0.1:4302") ?? new("http://127.0.0.1:4302"),
            InferenceToken = reader.Secret("INFERENCE_AUTH_TOKEN") ?? madeToken,
            ParentUrl = reader.Url("PARENT_COORDINATOR_URL"),
            ParentToken = reader.Secret("PARENT_MESH_TOKEN"),
            Timeout = reader.Milliseconds("ESCALATION_TIMEOUT_MS", 30_000, 1_000, 600_000),
            MaxRetries = (int)reader.Number("ESCALATION_MAX_RETRIES", 2, 0, 10),
            RetryBaseDelay = reader.Milliseconds("ESCALATION_RETRY_BASE_DELAY_MS", 1_000, 100, 60_000),
            CallbackUrl = reader.Url("ESCALATION_CALLBACK_URL"),
            CallbackToken = reader.Secret("ESCALATION_CALLBACK_TOKEN"),
        };
        if (settings.ParentToken is not null && settings.ParentUrl is null)
        {
            reader.Refuse("PARENT_MESH_TOKEN is set without PARENT_COORDINATOR_URL. Set both or remove it.");
        }

        if (settings.CallbackToken is not null && settings.CallbackUrl is null)
        {
            reader.Refuse("ESCALATION_CALLBACK_TOKEN is set without ESCALATION_CALLBACK_URL. Set both or remove it.");
        }

        return settings;
    }
}
