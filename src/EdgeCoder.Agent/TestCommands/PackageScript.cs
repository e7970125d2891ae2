using System.Text.Json;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>The test script of <c>package.json</c> or <c>composer.json</c>: pure.</summary>
internal static class PackageScript
{
    /// <summary>The script; null when there is none, and for the one that <c>npm init</c> writes, which only fails.</summary>
    public static string? Read(string manifest)
    {
        try
        {
            using var document = JsonDocument.Parse(manifest);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("scripts", out var scripts) && scripts.ValueKind == JsonValueKind.Object
                && scripts.TryGetProperty("test", out var test)
                    ? test.ValueKind switch
                    {
                        JsonValueKind.String when test.GetString() is { } script && script.Trim().Length > 0 && !script.Contains("no test specified", StringComparison.OrdinalIgnoreCase) => script,
                        JsonValueKind.Array when test.GetArrayLength() > 0 => "(several)",
                        _ => null,
                    }
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
