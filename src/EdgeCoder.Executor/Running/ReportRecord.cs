using System.Text.Json;

namespace EdgeCoder.Executor.Running;

/// <summary>One record that a runner wrote on its channel. Its content may be a lie of the program: it is read as data and nothing else.</summary>
/// <param name="Kind"><c>canary</c>, <c>start</c>, <c>syntax</c>, <c>refused</c>, <c>collected</c>, <c>case</c>, <c>error</c> or <c>end</c>.</param>
/// <param name="Content">A JSON object.</param>
internal sealed record ReportRecord(string Kind, JsonElement Content)
{
    private const int MaximumText = 4000;

    /// <summary>A text of the record, cut where it is long; absent or of another type gives null.</summary>
    public string? Text(string name) => Content.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Cut(value.GetString()!) : null;

    /// <summary>Whether a member is true; absent or of another type is not.</summary>
    public bool IsTrue(string name) => Content.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A whole number of the record; absent or of another type gives null.</summary>
    public int? Number(string name) => Content.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>A number of the record; absent, of another type or not finite gives 0.</summary>
    public double Real(string name) =>
        Content.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : 0;

    private static string Cut(string text) => text.Length <= MaximumText ? text : text[..MaximumText] + "…";
}
