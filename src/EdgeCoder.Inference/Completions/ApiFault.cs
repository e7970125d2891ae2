namespace EdgeCoder.Inference.Completions;

/// <summary>A request of the OpenAI routes that cannot be served: told as <c>{error:{message, type, code, param}}</c> (agent-executor-models 6.1, 6.3).</summary>
/// <param name="status">HTTP status, while there can still be one.</param>
/// <param name="code">Stable code.</param>
/// <param name="message">For a person.</param>
/// <param name="param">Member of the request that it is about; null for none.</param>
internal sealed class ApiFault(int status, string code, string message, string? param = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Member of the request.</summary>
    public string? Param { get; } = param;

    /// <summary>Seconds after which the same request may work: <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The kind of error, in OpenAI's words.</summary>
    public string Type => Status switch
    {
        429 => "rate_limit_error",
        < 500 => "invalid_request_error",
        _ => "server_error",
    };

    /// <summary>400: a member that has a value of the wrong kind or range.</summary>
    public static ApiFault Invalid(string param, string rule) => new(400, "invalid_value", $"{param}: {rule}.", param);

    /// <summary>400: a member that asks for something that cannot be done here, and that would change the answer if it were left out.</summary>
    public static ApiFault Unsupported(string param, string why) => new(400, "unsupported_parameter", $"{param}: {why}.", param);
}
