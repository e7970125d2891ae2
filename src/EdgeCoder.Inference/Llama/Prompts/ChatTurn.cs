namespace EdgeCoder.Inference.Llama.Prompts;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">What was said.</param>
internal sealed record ChatTurn(string Role, string Text);
