using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Tools;

public sealed class OfferedToolsTests
{
    private static readonly ITool[] All = [.. new[] { "git_blame", "read_file", "list_directory", "search_files", "edit_file", "write_file", "apply_patch", "run_command", "run_tests", "git_diff", "custom" }.Select(name => new Named(name))];

    private static async Task<IEnumerable<string>> OfAsync(int window) =>
        (await OfferedTools.OfAsync(All, window, (_, _) => ValueTask.FromResult(300), TestContext.Current.CancellationToken)).Select(tool => tool.Name);

    [Fact]
    public async Task Large_window_lists_all_in_their_order() => Assert.Equal(All.Select(tool => tool.Name), await OfAsync(32_768));

    [Fact]
    public async Task Small_window_lists_what_work_needs_and_what_fits() =>
        Assert.Equal(["read_file", "list_directory", "search_files", "edit_file", "write_file", "run_command", "run_tests", "git_diff"], await OfAsync(8_192));

    [Fact]
    public async Task What_work_cannot_do_without_is_always_listed() =>
        Assert.Equal(["read_file", "list_directory", "search_files", "edit_file", "write_file", "run_tests"], await OfAsync(1_000));

    private sealed class Named(string name) : ITool
    {
        public string Name => name;

        public string Description => "";

        public JsonElement Schema => JsonElement.Parse("""{"type":"object"}""");

        public ToolAccess Access => ToolAccess.Read;

        public ToolAction Describe(JsonElement arguments) => throw new NotSupportedException();

        public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
