using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Prompts;

/// <summary>The plan as the next prompts see it.</summary>
internal sealed record PlanSoFar(IReadOnlyList<PlanStep> Steps)
{
    /// <summary>Its text.</summary>
    public PromptPart Part => new("plan", Steps.Count == 0 ? "" : $"Plan:\n{string.Join('\n', Steps.Select(s => $"{s.Index}. {s.Description}"))}");
}
