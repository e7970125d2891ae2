using System.Text.Json;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>list_models</c>: the models that could be used now.</summary>
internal sealed class ListModelsTool(Func<CancellationToken, Task<IReadOnlyList<McpModel>>> list) : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse("""{"type":"object","additionalProperties":false,"properties":{}}""");

    /// <inheritdoc/>
    public override string Name => "list_models";

    /// <inheritdoc/>
    public override string Description => "Lists the models that run_task can use: exact id, provider, whether it is installed and active, digest, and its proven window in tokens.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var models = await list(cancellationToken).ConfigureAwait(false);
        return McpAnswer.Of(JsonSerializer.SerializeToElement(new McpModelList([.. models.Where(model => call.Caller.Allows(model.Id))]), McpJson.Default.McpModelList));
    }
}
