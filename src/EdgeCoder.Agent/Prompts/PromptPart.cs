namespace EdgeCoder.Agent.Prompts;

/// <summary>A named part of a prompt; the name is shown when the prompt does not fit.</summary>
internal sealed record PromptPart(string Name, string Text);
