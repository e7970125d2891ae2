using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeCoder.Inference.Completions;

/// <summary>Writes text completions in OpenAI's form, whole or as chunks, straight into the response's buffer.</summary>
internal sealed class TextCompletionWriter(string model, DateTimeOffset now, bool includeUsage) : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly ArrayBufferWriter<byte> Nowhere = new();

    private readonly Utf8JsonWriter _json = new(Nowhere, Options);
    private readonly JsonEncodedText _id = JsonEncodedText.Encode(CallIds.New("cmpl-"));
    private readonly JsonEncodedText _model = JsonEncodedText.Encode(model, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
    private readonly long _created = now.ToUnixTimeSeconds();

    /// <summary>A piece of the text; the last tells why it ended.</summary>
    public void Chunk(IBufferWriter<byte> target, string text, string? finish)
    {
        Begin(target);
        Choice(text, finish);
        if (includeUsage)
        {
            _json.WriteNull("usage"u8);
        }

        End();
    }

    /// <summary>The last chunk, with the counts and without choices.</summary>
    public void Usage(IBufferWriter<byte> target, AnswerUsage usage)
    {
        Begin(target);
        _json.WriteStartArray("choices"u8);
        _json.WriteEndArray();
        AnswerJson.Usage(_json, usage);
        End();
    }

    /// <summary>The whole answer.</summary>
    public void Answer(IBufferWriter<byte> target, string text, AnswerEnd end)
    {
        Begin(target);
        Choice(text, end.FinishReason);
        AnswerJson.Usage(_json, end.Usage);
        End();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Begin(IBufferWriter<byte> target)
    {
        _json.Reset(target);
        _json.WriteStartObject();
        _json.WriteString("id"u8, _id);
        _json.WriteString("object"u8, "text_completion"u8);
        _json.WriteNumber("created"u8, _created);
        _json.WriteString("model"u8, _model);
    }

    private void Choice(string text, string? finish)
    {
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteString("text"u8, text);
        _json.WriteNumber("index"u8, 0);
        _json.WriteNull("logprobs"u8);
        _json.WriteString("finish_reason"u8, finish);
        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
    }
}
