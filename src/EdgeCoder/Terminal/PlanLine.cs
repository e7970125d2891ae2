using System.Globalization;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Terminal;

/// <summary>One step of a plan as one line.</summary>
internal static class PlanLine
{
    /// <summary>Mark, number and words, safe for a terminal.</summary>
    public static string Of(PlanStep step)
    {
        var mark = step.Status switch
        {
            PlanStepStatus.Pending => "○",
            PlanStepStatus.InProgress => "▸",
            PlanStepStatus.Completed => "✓",
            PlanStepStatus.Failed => "✗",
            _ => throw new ArgumentOutOfRangeException(nameof(step), step.Status, null),
        };
        return string.Create(CultureInfo.InvariantCulture, $"  {mark} {step.Index}. {SafeText.ForTerminal(step.Description).ReplaceLineEndings(" ")}");
    }
}
