namespace EdgeCoder.Agent.Calls;

/// <summary>How a reply is drawn.</summary>
/// <param name="Seed">Seed of the provider's sampler.</param>
/// <param name="Temperature">0 is greedy; 0.2 for a first try, higher for a fresh one.</param>
/// <param name="MaxTokens">Most tokens to write.</param>
internal sealed record Sampling(long Seed, float Temperature, int MaxTokens);
