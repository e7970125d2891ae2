namespace EdgeCoder.Agent.Tools;

/// <summary>
/// Which tools a prompt lists. Where the window is large, all of them; where their descriptions would fill it, the ones that work cannot do without and as many
/// of the others as fit. A tool that is not listed can still be called.
/// </summary>
internal static class OfferedTools
{
    /// <summary>Share of the window that descriptions may take.</summary>
    private const int MostPercent = 30;

    /// <summary>The first tools to be listed, in order; the first six always are.</summary>
    private static readonly string[] Order =
        ["read_file", "edit_file", "search_files", "run_tests", "write_file", "list_directory", "read_output", "run_command", "git_diff", "apply_patch", "git_status", "git_log", "git_show"];

    private const int Always = 6;

    /// <summary>The tools to list, in the order in which they were given.</summary>
    /// <param name="tools">All tools.</param>
    /// <param name="window">The model's window, in tokens.</param>
    /// <param name="count">Counts with the model's own tokenizer.</param>
    /// <param name="cancellationToken">Cancels the counting.</param>
    public static async ValueTask<IReadOnlyList<ITool>> OfAsync(IReadOnlyList<ITool> tools, int window, Func<string, CancellationToken, ValueTask<int>> count, CancellationToken cancellationToken)
    {
        var room = window * MostPercent / 100;
        var listed = new HashSet<ITool>();
        foreach (var tool in tools.OrderBy(Place))
        {
            var tokens = await count($"{tool.Name}: {tool.Description} {tool.Schema.GetRawText()}", cancellationToken).ConfigureAwait(false);
            if (Place(tool) < Always || tokens <= room)
            {
                listed.Add(tool);
                room -= tokens;
            }
        }

        return [.. tools.Where(listed.Contains)];
    }

    private static int Place(ITool tool) => Array.IndexOf(Order, tool.Name) is >= 0 and var place ? place : Order.Length;
}
