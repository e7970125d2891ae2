using System.Text;
using System.Text.Json;

namespace EdgeCoder.Executor.Running;

/// <summary>
/// Reads the runner's channel: one line <c>ready</c>, then lines of key, kind and a JSON object. The key is made for the run; a line without it is
/// ignored, so that a program that finds the descriptor but not the key cannot report anything. Size and count are capped.
/// How the bytes are cut into pieces makes no difference.
/// </summary>
internal sealed class ReportChannel(string key)
{
    /// <summary>Most bytes that are read.</summary>
    public const int MaximumBytes = 4 << 20;

    /// <summary>Most records that are kept.</summary>
    public const int MaximumRecords = 20_000;

    private readonly List<ReportRecord> records = [];
    private readonly MemoryStream line = new();
    private long total;

    /// <summary>The runner waits for its job.</summary>
    public bool Ready { get; private set; }

    /// <summary>The program's own code runs.</summary>
    public bool Started { get; private set; }

    /// <summary>The runner has written its end record.</summary>
    public bool Ended { get; private set; }

    /// <summary>More came than is read: the report does not count.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>The records, in order.</summary>
    public IReadOnlyList<ReportRecord> Records => records;

    /// <summary>Adds bytes as they come. Nothing after the end record is read.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!Ended && !Overflowed && !bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var piece = end < 0 ? bytes : bytes[..end];
            total += end < 0 ? piece.Length : piece.Length + 1;
            Overflowed = total > MaximumBytes;
            if (Overflowed)
            {
                return;
            }

            line.Write(piece);
            if (end < 0)
            {
                return;
            }

            Take(Encoding.UTF8.GetString(line.GetBuffer().AsSpan(0, (int)line.Length)));
            line.SetLength(0);
            bytes = bytes[(end + 1)..];
        }
    }

    private void Take(string text)
    {
        if (!Ready)
        {
            Ready = text == "ready";
            return;
        }

        var parts = text.Split(' ', 3);
        if (parts.Length != 3 || parts[0] != key || Parse(parts[2]) is not { } content)
        {
            return;
        }

        Overflowed = records.Count == MaximumRecords;
        if (Overflowed)
        {
            return;
        }

        records.Add(new ReportRecord(parts[1], content));
        Started |= parts[1] == "start";
        Ended |= parts[1] == "end";
    }

    private static JsonElement? Parse(string json)
    {
        try
        {
            var element = JsonElement.Parse(json);
            return element.ValueKind == JsonValueKind.Object && element.EnumerateObject().All(IsWhole) ? element : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // JSON can write half of a surrogate pair; the reader throws at it, but only when the text is asked for.
    private static bool IsWhole(JsonProperty property) => property.Name is not null && (property.Value.ValueKind != JsonValueKind.String || property.Value.GetString() is not null);
}
