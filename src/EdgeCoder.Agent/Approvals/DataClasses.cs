namespace EdgeCoder.Agent.Approvals;

/// <summary>The order of the data classes: <c>local</c> is narrower than <c>team</c>, that than <c>mesh</c> (agent-executor-models 0).</summary>
internal static class DataClasses
{
    private static readonly string[] FromNarrow = ["local", "team", "mesh"];

    /// <summary>Whether it is one of them.</summary>
    public static bool IsKnown(string name) => FromNarrow.Contains(name);

    /// <summary>The narrowest of those that are given; unknown ones count as <c>local</c>.</summary>
    public static string Narrowest(params IEnumerable<string> classes) => FromNarrow[classes.Select(Rank).Append(FromNarrow.Length - 1).Min()];

    /// <summary>Whether a model that is not on this machine may see work of this class.</summary>
    public static bool MayLeave(string name) => Rank(name) > 0;

    private static int Rank(string name) => Math.Max(0, Array.IndexOf(FromNarrow, name));
}
