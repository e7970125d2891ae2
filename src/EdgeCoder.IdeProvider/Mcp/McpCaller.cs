using EdgeCoder.IdeProvider.Access;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>Who calls a tool: the person at this machine whose program started the server, or the holder of a key.</summary>
/// <param name="MaxDataClass">The widest class that submitted work may have.</param>
/// <param name="Allows">Whether a model may be used.</param>
/// <param name="AllowsAnyModel">Whether a request may leave the choice of the model to the settings.</param>
/// <param name="Spent">Told how many tokens a call has read and written.</param>
internal sealed record McpCaller(DataClass MaxDataClass, Func<string, bool> Allows, bool AllowsAnyModel, Action<long> Spent)
{
    /// <summary>
    /// Cancelled when whoever made the call that is at work now can get no answer any more. Streams are not stored here, so that a client could come back for it.
    /// </summary>
    public Func<CancellationToken> Gone { get; init; } = static () => CancellationToken.None;

    /// <summary>The person at this machine.</summary>
    public static readonly McpCaller Person = new(DataClass.Mesh, _ => true, true, _ => { });

    /// <summary>The holder of a key.</summary>
    public static McpCaller Of(IdeCaller caller, KeyUse use) => new(
        caller.MaxDataClass,
        caller.Allows,
        caller.Key?.Models.Contains(IdeKey.AnyModel) ?? true,
        tokens =>
        {
            if (caller.Key is { } key)
            {
                use.Add(key.Id, tokens);
            }
        });
}
