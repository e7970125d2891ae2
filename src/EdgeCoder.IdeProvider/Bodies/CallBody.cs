using EdgeCoder.IdeProvider.Access;
using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.IdeProvider.Bodies;

/// <summary>Which of the OpenAI calls a body belongs to.</summary>
internal enum CallKind
{
    /// <summary><c>/v1/chat/completions</c>.</summary>
    Chat,

    /// <summary><c>/v1/completions</c>.</summary>
    Completion,

    /// <summary><c>/v1/embeddings</c>.</summary>
    Embedding,
}

/// <summary>A checked request: its bytes as received, and what routing must know of them.</summary>
internal sealed class CallBody
{
    /// <summary>As received.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>What it asks for.</summary>
    public required CallKind Kind { get; init; }

    /// <summary>Named model; null for the active one.</summary>
    public string? Model { get; set; }

    /// <summary>Where the value of <c>model</c> stands, quotes included; absent where it is not given.</summary>
    public (int Start, int End)? ModelAt { get; set; }

    /// <summary>Whether it is answered piece by piece.</summary>
    public bool Stream { get; set; }

    /// <summary>Where <c>stream_options</c> stands, name included.</summary>
    public (int Start, int End)? StreamOptionsAt { get; set; }

    /// <summary>Whether the client wants the counts as a last piece of the stream.</summary>
    public bool IncludeUsage { get; set; }

    /// <summary>Most tokens to write; absent where the client does not say.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>Whether tools are offered.</summary>
    public bool HasTools { get; set; }

    /// <summary>Path of the first image; null for none.</summary>
    public string? FirstImage { get; set; }

    /// <summary>Number of messages.</summary>
    public int Messages { get; set; }

    /// <summary>What a tokenizer sees in its texts.</summary>
    public TokenShape Shape { get; set; }

    /// <summary>Where our own member <c>edgecoder</c> stands, name included.</summary>
    public (int Start, int End)? ExtensionAt { get; set; }

    /// <summary>Class that the request names.</summary>
    public DataClass? AskedClass { get; set; }

    /// <summary>
    /// The bytes for an upstream: another model name, without our own member, and with counts in the stream, which the client gets only where it asked.
    /// </summary>
    public ReadOnlyMemory<byte> For(string model)
    {
        var edits = new ByteEdits();
        var written = System.Text.Json.JsonEncodedText.Encode(model).EncodedUtf8Bytes;
        byte[] quoted = [(byte)'"', .. written, (byte)'"'];
        var opened = Bytes.Span.IndexOf((byte)'{') + 1;
        var added = new List<byte>();
        if (ModelAt is { } at)
        {
            if (!Bytes.Span[at.Start..at.End].SequenceEqual(quoted))
            {
                edits.Replace(at.Start, at.End, quoted);
            }
        }
        else
        {
            added.AddRange("\"model\":"u8);
            added.AddRange(quoted);
            added.Add((byte)',');
        }

        if (ExtensionAt is { } own)
        {
            var (start, end) = ByteEdits.Member(Bytes.Span, own.Start, own.End);
            edits.Replace(start, end, []);
        }

        if (Stream && !IncludeUsage && Kind != CallKind.Embedding)
        {
            if (StreamOptionsAt is { } options)
            {
                edits.Replace(options.Start, options.End, "\"stream_options\":{\"include_usage\":true}"u8);
            }
            else
            {
                added.AddRange("\"stream_options\":{\"include_usage\":true},"u8);
            }
        }

        if (added.Count > 0)
        {
            edits.Replace(opened, opened, added.ToArray());
        }

        return edits.Apply(Bytes);
    }
}
