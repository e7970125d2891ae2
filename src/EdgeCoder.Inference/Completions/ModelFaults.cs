using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;

namespace EdgeCoder.Inference.Completions;

/// <summary>What a fault of a model means to a client of the OpenAI routes (agent-executor-models 6.3, codes).</summary>
internal static class ModelFaults
{
    /// <summary>A model that could not be chosen or opened, for work of this reach.</summary>
    public static ApiFault OfOpening(Exception fault, RequestedReach reach) => fault is ModelException known
        ? known.Code is "model_unavailable" or "model_error" or "worker_gone" or "worker_hung" or "out_of_memory" && reach == RequestedReach.ThisMachine
            ? new(503, "local_model_unavailable", Said(known), inner: fault) { RetryAfter = 5 }
            : Of(known)
        : Unknown(fault);

    /// <summary>A call that failed.</summary>
    public static ApiFault Of(Exception fault)
    {
        if (fault is ApiFault said)
        {
            return said;
        }

        if (fault is not ModelException known)
        {
            return Unknown(fault);
        }

        var message = Said(known);
        return known.Code switch
        {
            "context_length_exceeded" => new(400, known.Code, message, "messages", fault),
            "model_not_found" => new(404, known.Code, message, "model", fault),
            "no_model_available" => new(503, known.Code, message, inner: fault),
            "context_truncated" => new(502, known.Code, message, inner: fault),
            "model_timeout" => new(504, "upstream_timeout", message, inner: fault),
            "reach_not_allowed" => new(403, "data_class_denied", message, "model", fault),
            "unsupported_option" or "unsupported_content" => new(400, "unsupported_parameter", message, inner: fault),
            "unsupported_schema" => new(400, "unsupported_parameter", message, "response_format", fault),
            "invalid_option" or "empty_prompt" => new(400, "invalid_value", message, inner: fault),
            "model_not_usable" or "chat_template_unsupported" => new(400, "unsupported_parameter", message, "model", fault),
            "model_busy" => new(503, "local_busy", message, inner: fault) { RetryAfter = 1 },
            "fim_unsupported" => new(400, known.Code, message, "suffix", fault),
            _ => new(502, "upstream_error", message, inner: fault),
        };
    }

    private static ApiFault Unknown(Exception fault) =>
        new(502, "upstream_error", "The model stopped answering. Try again; the operator finds more in the log of the model's server.", inner: fault);

    private static string Said(ModelException fault) => fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}";
}
