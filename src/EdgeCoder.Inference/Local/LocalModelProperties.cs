using EdgeCoder.Inference.Llama.Sampling;

namespace EdgeCoder.Inference.Local;

/// <summary>Names of what a local model says of its answer beside the text, in <c>ChatResponse.AdditionalProperties</c>, and takes in <c>ChatOptions.AdditionalProperties</c>.</summary>
public static class LocalModelProperties
{
    /// <summary>Mean natural log-probability of the answer's tokens, a <see cref="double"/>, at most 0.</summary>
    public const string MeanLogProbability = "edgecoder.mean_logprob";

    /// <summary>Mean log-probability of the worst <see cref="Window"/> tokens in a row, a <see cref="double"/>.</summary>
    public const string WorstWindowLogProbability = "edgecoder.min_window_logprob";

    /// <summary>Option: a GBNF grammar with the rule <c>root</c>, a <see cref="string"/>.</summary>
    public const string Grammar = "edgecoder.grammar";

    /// <summary>Tokens of the window of <see cref="WorstWindowLogProbability"/>.</summary>
    public const int Window = LogProbabilities.Window;
}
