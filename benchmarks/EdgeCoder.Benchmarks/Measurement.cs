namespace EdgeCoder.Benchmarks;

/// <summary>Which side of the target is good.</summary>
internal enum Goal
{
    AtLeast,
    AtMost,
}

/// <summary>Something that is measured, and what it should be.</summary>
/// <param name="Name">Stable name, as in the result file.</param>
/// <param name="Unit">Unit of the value; <c>ratio</c> for two speeds of the same run.</param>
/// <param name="Goal">Which side is good.</param>
/// <param name="Target">The target; null for a figure that is only reported.</param>
/// <param name="Run">Measures.</param>
internal sealed record Measurement(string Name, string Unit, Goal Goal, double? Target, Func<Task<Figure>> Run);

/// <summary>What was measured.</summary>
/// <param name="Value">The value; null when it cannot be measured here.</param>
/// <param name="Details">What it was made of, or why it cannot be measured.</param>
internal sealed record Figure(double? Value, SortedDictionary<string, object> Details)
{
    public static Figure Impossible(string why) => new(null, new() { ["why"] = why });
}
