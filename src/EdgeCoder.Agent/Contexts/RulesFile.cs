namespace EdgeCoder.Agent.Contexts;

/// <summary>An <c>AGENTS.md</c>.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Text">Its text; what is over the limit is cut and says so.</param>
internal sealed record RulesFile(string Path, string Text);
