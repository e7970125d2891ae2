using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeCoder.Inference.Completions;

/// <summary>Writes chat completions in OpenAI's form, whole or as chunks, straight into the response's buffer.</summary>
internal sealed class ChatCompletionWriter(string model, DateTimeOffset now, bool includeUsage) : IDisposable
{
    // Answers are sent as JSON or as events, never inside a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly ArrayBufferWriter<byte> Nowhere = new();
    private static readonly JsonEncodedText Chunk = JsonEncodedText.Encode("chat.completion.chunk");
    private static readonly JsonEncodedText Whole = JsonEncodedText.Encode("chat.completion");

    private readonly Utf8JsonWriter _json = new(Nowhere, Options);
    private readonly JsonEncodedText _id = JsonEncodedText.Encode(CallIds.New("chatcmpl-"));
    private readonly JsonEncodedText _model = JsonEncodedText.Encode(model, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
    private readonly long _created = now.ToUnixTimeSeconds();
    private int _calls;

    /// <summary>The first chunk: the role.</summary>
    public void First(IBufferWriter<byte> target)
    {
        BeginChunk(target);
        _json.WriteString("role"u8, "assistant"u8);
        _json.WriteString("content"u8, ""u8);
        EndDelta(finish: null);
        EndChunk();
    }

    /// <summary>A chunk of text.</summary>
    public void Text(IBufferWriter<byte> target, string text)
    {
        BeginChunk(target);
        _json.WriteString("content"u8, text);
        EndDelta(finish: null);
        EndChunk();
    }

    /// <summary>A chunk with a whole call; its index counts from 0.</summary>
    public void Call(IBufferWriter<byte> target, MadeCall call)
    {
        BeginChunk(target);
        _json.WriteStartArray("tool_calls"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, _calls++);
        CallMembers(call);
        _json.WriteEndObject();
        _json.WriteEndArray();
        EndDelta(finish: null);
        EndChunk();
    }

    /// <summary>The chunk that says why the answer ended.</summary>
    public void Finish(IBufferWriter<byte> target, string finishReason)
    {
        BeginChunk(target);
        EndDelta(finishReason);
        EndChunk();
    }

    /// <summary>The last chunk, with the counts and without choices.</summary>
    public void Usage(IBufferWriter<byte> target, AnswerUsage usage)
    {
        Begin(target, Chunk);
        _json.WriteStartArray("choices"u8);
        _json.WriteEndArray();
        AnswerJson.Usage(_json, usage);
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>The whole answer.</summary>
    public void Answer(IBufferWriter<byte> target, string? text, IReadOnlyList<MadeCall> calls, AnswerEnd end)
    {
        Begin(target, Whole);
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, 0);
        _json.WriteStartObject("message"u8);
        _json.WriteString("role"u8, "assistant"u8);
        _json.WriteString("content"u8, text);
        _json.WriteNull("refusal"u8);
        if (calls.Count > 0)
        {
            _json.WriteStartArray("tool_calls"u8);
            foreach (var call in calls)
            {
                _json.WriteStartObject();
                CallMembers(call);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }

        _json.WriteEndObject();
        _json.WriteNull("logprobs"u8);
        _json.WriteString("finish_reason"u8, end.FinishReason);
        _json.WriteEndObject();
        _json.WriteEndArray();
        AnswerJson.Usage(_json, end.Usage);
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Begin(IBufferWriter<byte> target, JsonEncodedText kind)
    {
        _json.Reset(target);
        _json.WriteStartObject();
        _json.WriteString("id"u8, _id);
        _json.WriteString("object"u8, kind);
        _json.WriteNumber("created"u8, _created);
        _json.WriteString("model"u8, _model);
    }

    private void BeginChunk(IBufferWriter<byte> target)
    {
        Begin(target, Chunk);
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, 0);
        _json.WriteStartObject("delta"u8);
    }

    private void EndDelta(string? finish)
    {
        _json.WriteEndObject();
        _json.WriteNull("logprobs"u8);
        _json.WriteString("finish_reason"u8, finish);
        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    private void EndChunk()
    {
        if (includeUsage)
        {
            _json.WriteNull("usage"u8);
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    private void CallMembers(MadeCall call)
    {
        _json.WriteString("id"u8, call.Id);
        _json.WriteString("type"u8, "function"u8);
        _json.WriteStartObject("function"u8);
        _json.WriteString("name"u8, call.Tool);
        _json.WriteString("arguments"u8, call.Arguments);
        _json.WriteEndObject();
    }
}
