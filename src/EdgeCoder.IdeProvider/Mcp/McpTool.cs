using System.Text.Json;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>A tool that clients may call.</summary>
internal abstract class McpTool
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, for the client's model.</summary>
    public abstract string Description { get; }

    /// <summary>JSON schema of its arguments. Calls are checked against it before anything else happens.</summary>
    public abstract JsonElement Schema { get; }

    /// <summary>Whether it only looks.</summary>
    public virtual bool ReadOnly => true;

    /// <summary>Whether it may reach other machines.</summary>
    public virtual bool OpenWorld => false;

    /// <summary>Does it. Throws <see cref="McpFault"/> for what the caller can do better.</summary>
    public abstract Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken);
}

/// <summary>One call.</summary>
/// <param name="Arguments">Arguments that passed the schema.</param>
/// <param name="Caller">Who calls.</param>
/// <param name="Progress">Tells the client how far it is, where the client wants to know.</param>
internal sealed record McpCall(JsonElement Arguments, McpCaller Caller, Func<string, ValueTask> Progress);

/// <summary>What a tool gave.</summary>
/// <param name="Text">For the client's model.</param>
/// <param name="Value">The same as an object; absent for plain text.</param>
internal sealed record McpAnswer(string Text, JsonElement? Value = null)
{
    /// <summary>An object, which is its own text.</summary>
    public static McpAnswer Of(JsonElement value) => new(value.GetRawText(), value);
}

/// <summary>A call that failed in a way that the caller can mend.</summary>
internal sealed class McpFault(McpProblem problem) : Exception(problem.Message)
{
    /// <summary>Why, and what to do next.</summary>
    public McpProblem Problem { get; } = problem;

    /// <summary>From its parts.</summary>
    public McpFault(string code, string message, string? next)
        : this(new McpProblem(code, message, next))
    {
    }
}
