namespace EdgeCoder.Inference.Llama.Sampling;

/// <summary>A chosen token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LogProbability">Natural logarithm of the probability that the model gave it, before temperature and grammar.</param>
internal readonly record struct SampledToken(int Id, double LogProbability);
