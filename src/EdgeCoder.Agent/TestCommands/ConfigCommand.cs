using System.Text.Json;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>The test command of <c>.edgecoder/config</c>: pure. JSON, of which this reads <c>testCommand</c>: an array of words, or one line that needs no shell.</summary>
internal static class ConfigCommand
{
    /// <summary>The words, or what is wrong with the file; both null when it names none.</summary>
    public static (IReadOnlyList<string>? Arguments, string? Problem) Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, "is not a JSON object");
            }

            return document.RootElement.TryGetProperty("testCommand", out var value) ? Words(value) : (null, null);
        }
        catch (JsonException exception)
        {
            return (null, $"is not JSON: {exception.Message}");
        }
    }

    private static (IReadOnlyList<string>? Arguments, string? Problem) Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String && !word.GetString()!.Contains('\0')) && value[0].GetString()!.Length > 0 =>
            ([.. value.EnumerateArray().Select(word => word.GetString()!)], null),
        JsonValueKind.String when CommandLine.Split(value.GetString()!) is { } words => (words, null),
        JsonValueKind.String => (["sh", "-c", value.GetString()!], null),
        _ => (null, "has a testCommand that is neither a line nor an array of words"),
    };
}
