namespace EdgeCoder.Agent.Prompts;

/// <summary>What the writer of the code learns about the tests: their names and the names they call, not their text.</summary>
/// <param name="TestNames">Names of the test cases.</param>
/// <param name="Called">Public names that the tests call.</param>
internal sealed record TestsSoFar(IReadOnlyList<string> TestNames, IReadOnlyList<string> Called)
{
    private const int MostNames = 30;

    /// <summary>No tests.</summary>
    public static TestsSoFar None { get; } = new([], []);

    /// <summary>Its text.</summary>
    public PromptPart Part => new("tests", string.Join('\n', Lines()));

    private IEnumerable<string> Lines()
    {
        if (TestNames.Count > 0)
        {
            yield return $"The tests are: {Listed(TestNames)}.";
        }

        if (Called.Count > 0)
        {
            yield return $"They use these names, which the file must define: {Listed(Called)}.";
        }
    }

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
}
