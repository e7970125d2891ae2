namespace EdgeCoder.Inference.Completions;

/// <summary>A part of an answer as it comes: text, a call of a tool, or, last and once, its end.</summary>
/// <param name="Text">Text; null when it is something else.</param>
/// <param name="Call">A whole call.</param>
/// <param name="End">The end. An answer without one is broken.</param>
internal readonly record struct AnswerPiece(string? Text = null, MadeCall? Call = null, AnswerEnd? End = null);

/// <summary>How an answer ended.</summary>
/// <param name="FinishReason"><c>stop</c>, <c>length</c>, <c>tool_calls</c> or <c>content_filter</c>.</param>
/// <param name="Usage">What it took.</param>
internal sealed record AnswerEnd(string FinishReason, AnswerUsage Usage);

/// <summary>Tokens of an answer.</summary>
/// <param name="PromptTokens">Read, cached ones included.</param>
/// <param name="CompletionTokens">Written.</param>
/// <param name="CachedTokens">Read earlier, and kept.</param>
internal readonly record struct AnswerUsage(long PromptTokens, long CompletionTokens, long CachedTokens)
{
    /// <summary>Of two calls together.</summary>
    public static AnswerUsage operator +(AnswerUsage a, AnswerUsage b) => new(a.PromptTokens + b.PromptTokens, a.CompletionTokens + b.CompletionTokens, a.CachedTokens + b.CachedTokens);
}
