using System.Text.Json;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Inference.Decomposition;

/// <summary>One part of a plan as the model named it, checked.</summary>
/// <param name="Input">The order.</param>
/// <param name="Language">Language.</param>
/// <param name="DependsOn">0-based positions, sorted, each once.</param>
internal sealed record PlannedPart(string Input, string Language, IReadOnlyList<int> DependsOn);

/// <summary>Reads a decomposition out of a reply: parts that keep every rule, or what was wrong in words for the model (agent-executor-models 5).</summary>
/// <param name="Parts">1 to 10; empty with a fault.</param>
/// <param name="Fault">What was wrong.</param>
internal sealed record DecompositionReply(IReadOnlyList<PlannedPart> Parts, string? Fault)
{
    private const int MostInputBytes = 256 * 1024;
    private const string Shape = "Answer with a JSON array: [{\"input\": \"…\", \"language\": \"…\", \"dependsOn\": []}].";

    /// <summary>Reads a reply for a request in <paramref name="language"/>.</summary>
    public static DecompositionReply Read(string reply, SubtaskKind kind, string language)
    {
        var text = ThinkingBlocks.Remove(reply);
        text = FencedBlocks.Read(text).FirstOrDefault(block => block.Text.TrimStart() is ['[' or '{', ..])?.Text ?? text;
        var start = text.AsSpan().IndexOfAny('[', '{');
        if (start < 0)
        {
            return Wrong("the answer holds no JSON");
        }

        var end = text.LastIndexOfAny([']', '}']);
        if (SafeRepair.Read(end > start ? text[start..(end + 1)] : text[start..], out var fault) is not { } value)
        {
            return Wrong(fault!);
        }

        if (value.ValueKind == JsonValueKind.Object && Array(value) is { } inside)
        {
            value = inside;
        }

        return value.ValueKind != JsonValueKind.Array ? Wrong("the answer is not an array")
            : value.GetArrayLength() is 0 ? Wrong("the array is empty")
            : value.GetArrayLength() > DecomposeAnswer.MostSubtasks ? Wrong($"there are {value.GetArrayLength()} parts; at most {DecomposeAnswer.MostSubtasks} are taken")
            : ReadParts(value, kind, language);
    }

    private static DecompositionReply ReadParts(JsonElement array, SubtaskKind kind, string language)
    {
        var count = array.GetArrayLength();
        var parts = new List<PlannedPart>();
        foreach (var item in array.EnumerateArray())
        {
            var at = $"part {parts.Count}";
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("input", out var input) || input.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(input.GetString()))
            {
                return Wrong($"{at} has no input");
            }

            if (System.Text.Encoding.UTF8.GetByteCount(input.GetString()!) > MostInputBytes)
            {
                return Wrong($"{at} is longer than {MostInputBytes} bytes");
            }

            if (!item.TryGetProperty("language", out var named) || named.ValueKind != JsonValueKind.String || LanguageOf(named.GetString()!, kind, language) is not { } known)
            {
                return Wrong($"{at} names no language that is taken: {(kind == SubtaskKind.RepoChange ? language : "python, javascript")}");
            }

            if (Dependencies(item, parts.Count, count) is not { } dependsOn)
            {
                return Wrong($"dependsOn of {at} must be positions of other parts, from 0 to {count - 1}");
            }

            parts.Add(new(input.GetString()!.Trim(), known, dependsOn));
        }

        return HasCycle(parts) ? Wrong("the parts wait for each other in a circle") : new(parts, null);
    }

    /// <summary>Whether parts wait for each other. Positions are in range.</summary>
    internal static bool HasCycle(IReadOnlyList<PlannedPart> parts)
    {
        var done = new bool[parts.Count];
        for (var left = parts.Count; left > 0;)
        {
            var ready = Enumerable.Range(0, parts.Count).Where(i => !done[i] && parts[i].DependsOn.All(d => done[d])).ToList();
            if (ready.Count == 0)
            {
                return true;
            }

            ready.ForEach(i => done[i] = true);
            left -= ready.Count;
        }

        return false;
    }

    private static JsonElement? Array(JsonElement value)
    {
        foreach (var name in (ReadOnlySpan<string>)["subtasks", "parts", "items"])
        {
            if (value.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array)
            {
                return array;
            }
        }

        return null;
    }

    private static string? LanguageOf(string named, SubtaskKind kind, string language)
    {
        var tag = named.Trim().ToLowerInvariant();
        if (kind == SubtaskKind.RepoChange)
        {
            return tag.Length is > 0 and <= 64 ? tag : null;
        }

        return SnippetFiles.For(SnippetLanguage.Python).Tags.Contains(tag) ? "python" : SnippetFiles.For(SnippetLanguage.JavaScript).Tags.Contains(tag) ? "javascript" : null;
    }

    private static IReadOnlyList<int>? Dependencies(JsonElement item, int self, int count)
    {
        if (!item.TryGetProperty("dependsOn", out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var positions = new SortedSet<int>();
        foreach (var entry in list.EnumerateArray())
        {
            // Models write 0 and "0".
            if (!(entry.ValueKind == JsonValueKind.Number && entry.TryGetInt32(out var position))
                && !(entry.ValueKind == JsonValueKind.String && int.TryParse(entry.GetString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out position)))
            {
                return null;
            }

            if (position < 0 || position >= count || position == self)
            {
                return null;
            }

            positions.Add(position);
        }

        return [.. positions];
    }

    private static DecompositionReply Wrong(string fault) => new([], $"Your last answer could not be used: {fault}. {Shape}");
}
