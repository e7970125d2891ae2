using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Tools;

/// <summary>The tools of a session, found by name or alias, and the check that every call passes before anything else happens (agent-executor-models 2.4).</summary>
internal sealed class ToolSet
{
    private readonly Dictionary<string, ITool> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Throws <see cref="ArgumentException"/> for two tools of one name, or a schema that <see cref="SchemaCheck"/> does not know.</summary>
    public ToolSet(IReadOnlyList<ITool> tools)
    {
        Tools = tools;
        foreach (var tool in tools)
        {
            if (SchemaCheck.Unknown(tool.Schema).FirstOrDefault() is { } unknown)
            {
                throw new ArgumentException($"The schema of {tool.Name} uses {unknown}, which is not checked.", nameof(tools));
            }

            foreach (var name in tool.Aliases.Prepend(tool.Name))
            {
                if (!_byName.TryAdd(name, tool))
                {
                    throw new ArgumentException($"Two tools have the name {name}.", nameof(tools));
                }
            }
        }
    }

    /// <summary>The tools.</summary>
    public IReadOnlyList<ITool> Tools { get; }

    /// <summary>The tool of that name, or null.</summary>
    public ITool? Find(string name) => _byName.GetValueOrDefault(name.Trim());

    /// <summary>The tool and its arguments, or a fault that goes back to the model.</summary>
    public CheckedCall Check(RequestedCall call)
    {
        if (call.Fault is { } unreadable)
        {
            return CheckedCall.Faulty(unreadable);
        }

        if (Find(call.Tool) is not { } tool)
        {
            return CheckedCall.Faulty($"There is no tool {(call.Tool.Length == 0 ? "without a name" : $"\"{Short(call.Tool)}\"")}. The tools are: {string.Join(", ", Tools.Select(t => t.Name))}.");
        }

        if (SafeRepair.Read(call.Arguments, out var fault) is not { } arguments)
        {
            return CheckedCall.Faulty($"The arguments of {tool.Name} are {fault}. They must be one JSON object: {tool.Schema.GetRawText()}");
        }

        return SchemaCheck.Check(arguments, tool.Schema) is { } wrong
            ? CheckedCall.Faulty($"The arguments of {tool.Name} do not fit: {wrong}")
            : new CheckedCall(tool, arguments, null);
    }

    private static string Short(string name) => name.Length > 60 ? name[..60] + "…" : name;
}

/// <summary>A call that may be described and run, or why not.</summary>
/// <param name="Tool">The tool; null for a faulty call.</param>
/// <param name="Arguments">Arguments that fit its schema.</param>
/// <param name="Fault">For the model; null when the call is right.</param>
internal sealed record CheckedCall(ITool? Tool, JsonElement Arguments, string? Fault)
{
    /// <summary>A call that goes back.</summary>
    public static CheckedCall Faulty(string fault) => new(null, default, fault);
}
