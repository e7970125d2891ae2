using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>A change of the active model.</summary>
/// <param name="Timestamp">When, epoch milliseconds.</param>
/// <param name="From">Id of the model that was active; <c>none</c> when there was none.</param>
/// <param name="To">Id of the one that is.</param>
/// <param name="ParamSize">Its parameters as people write them.</param>
public sealed record SwapRecord(long Timestamp, string From, string To, string? ParamSize);

/// <summary>The changes of the active model, whoever made them: a line of JSON each, only ever added to, so that several processes may write.</summary>
internal sealed class SwapHistory(StoreLayout layout)
{
    private const int Most = 200;

    /// <summary>Adds one.</summary>
    public void Add(SwapRecord record)
    {
        StoreLayout.MakeParent(layout.SwapsFile);
        using var file = new FileStream(layout.SwapsFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.Write([.. JsonSerializer.SerializeToUtf8Bytes(record, SwapJson.Default.SwapRecord), (byte)'\n']);
    }

    /// <summary>The last ones, newest first. A line that a crash cut is passed over.</summary>
    public IReadOnlyList<SwapRecord> Read()
    {
        try
        {
            return [.. File.ReadLines(layout.SwapsFile).Select(Parse).OfType<SwapRecord>().Reverse().Take(Most)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static SwapRecord? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, SwapJson.Default.SwapRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How a change is written: on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SwapRecord))]
internal sealed partial class SwapJson : JsonSerializerContext;
