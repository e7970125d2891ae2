namespace EdgeCoder.Inference.Providers;

/// <summary>One model of one provider.</summary>
/// <param name="Provider">Kind of the provider; for one of several OpenAI-compatible servers <c>openai-compatible/NAME</c>.</param>
/// <param name="ModelId">Exact id.</param>
public sealed record ModelChoice(string Provider, string ModelId);
