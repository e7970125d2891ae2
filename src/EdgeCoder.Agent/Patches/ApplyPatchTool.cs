using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Patches;

/// <summary><c>apply_patch</c>: several files at once, all or nothing.</summary>
internal sealed class ApplyPatchTool(ProjectFiles files) : ITool
{
    private const int LargestPatch = 4 << 20;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["patch"],"properties":{
        "patch":{"type":"string","description":"*** Begin Patch, then sections *** Add File: path (lines with +), *** Delete File: path, *** Update File: path (optionally *** Move to: path; then @@ and lines with space, - or +), then *** End Patch. Or a unified diff."}}}
        """);

    /// <inheritdoc/>
    public string Name => "apply_patch";

    /// <inheritdoc/>
    public string Description => "Changes, adds, deletes and renames several files by one patch, all or nothing. The lines around a change must be as in the file.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Write;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var planned = Plan(arguments).Files;
        return new()
        {
            Tool = Name,
            Access = Access,
            Summary = planned.Count == 1 ? $"patch {planned[0].Path}" : $"patch {planned.Count} files: {string.Join(", ", planned.Take(3).Select(file => file.Path))}{(planned.Count > 3 ? ", ..." : "")}",
            Paths = [.. planned.SelectMany(file => new[] { (file.Before?.Real ?? file.Path).Value, file.Target.Value }).Distinct()],
            Arguments = arguments.Canonical(),
        };
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => Task.Run(() => Run(call.Arguments), cancellationToken);

    private ToolResult Run(JsonElement arguments)
    {
        var plan = Plan(arguments);
        plan.Apply();
        var result = new CappedText();
        foreach (var line in plan.Files.Select(file => file.Summary).Concat(plan.Notes.Select(note => $"note: {note}")))
        {
            result.Add(line);
        }

        return new() { Text = result.ToString(), Truncated = result.IsFull };
    }

    private PatchPlan Plan(JsonElement arguments)
    {
        var text = arguments.Text("patch");
        return text.Length <= LargestPatch ? PatchPlan.Of(files, PatchText.Parse(text)) : throw new ToolException($"The patch has more than {LargestPatch} characters; send it in parts.");
    }
}
