using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Approvals;

/// <summary>What an approval is for: any change of the action changes it (agent-executor-models 2.5).</summary>
internal static class ActionHash
{
    /// <summary>SHA-256 over every field, lower-case hex. Fields and items are told apart by their lengths.</summary>
    public static string Of(ToolAction action)
    {
        var text = new StringBuilder();
        Add(text, action.Tool);
        Add(text, action.Access.ToString());
        Add(text, action.Arguments);
        Add(text, action.Host ?? "-");
        Add(text, action.Script ? "script" : "vector");
        AddAll(text, action.Paths);
        AddAll(text, action.Command ?? ["-"]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void AddAll(StringBuilder text, IReadOnlyList<string> items)
    {
        text.Append(items.Count).Append('[');
        foreach (var item in items)
        {
            Add(text, item);
        }
    }

    private static void Add(StringBuilder text, string item) => text.Append(item.Length).Append(':').Append(item).Append(';');
}
