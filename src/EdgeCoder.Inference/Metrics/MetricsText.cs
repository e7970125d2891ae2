using System.Globalization;
using System.Text;

namespace EdgeCoder.Inference.Metrics;

/// <summary>Counts in the text format of Prometheus, version 0.0.4.</summary>
internal static class MetricsText
{
    /// <summary>Media type of the text.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Whether a caller that sends this <c>Accept</c> reads Prometheus and not JSON.</summary>
    public static bool IsWanted(string accept) =>
        accept.Contains("openmetrics", StringComparison.OrdinalIgnoreCase) || (accept.Contains("text/plain", StringComparison.OrdinalIgnoreCase) && !accept.Contains("json", StringComparison.OrdinalIgnoreCase));

    /// <summary>One counter after another.</summary>
    public static string Write(InferenceCounts counts)
    {
        var text = new StringBuilder();
        Counter(text, "decompose_requests_total", "Plans asked for.", counts.DecomposeRequests);
        Counter(text, "decompose_successes_total", "Plans that the model made.", counts.DecomposeSuccesses);
        Counter(text, "decompose_model_calls_total", "Calls of the model for plans.", counts.DecomposeModelCalls);
        Counter(text, "decompose_fallbacks_total", "Answers that were the prompt itself.", counts.DecomposeFallbacks);
        Counter(text, "escalate_requests_total", "Escalations asked for.", counts.EscalateRequests);
        Counter(text, "escalate_successes_total", "Escalations answered with code.", counts.EscalateSuccesses);
        Counter(text, "escalate_failures_total", "Escalations answered without code.", counts.EscalateFailures);
        Counter(text, "latency_milliseconds_total", "Time of all these requests together.", counts.TotalLatencyMs);
        return text.ToString();
    }

    private static void Counter(StringBuilder text, string name, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP edgecoder_inference_{name} {help}\n# TYPE edgecoder_inference_{name} counter\nedgecoder_inference_{name} {value}\n");
}
