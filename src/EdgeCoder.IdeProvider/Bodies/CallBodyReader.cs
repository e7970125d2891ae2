using System.Buffers;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.IdeProvider.Bodies;

/// <summary>
/// Reads a call in one pass over its bytes, without building a document: what routing needs, and whether it is a call at all (agent-executor-models 6.3).
/// The members and their meaning are those of the OpenAI API reference; members that nobody knows are passed on.
/// </summary>
internal static class CallBodyReader
{
    private const int MostMessages = 10_000;

    /// <summary>Reads it. Throws <see cref="Refusal"/> 400 with the member that is wrong, or <see cref="JsonException"/>.</summary>
    public static CallBody Read(ReadOnlyMemory<byte> bytes, CallKind kind)
    {
        if (bytes.IsEmpty)
        {
            throw new Refusal(400, "empty_body", "This route takes a JSON body. Send one.");
        }

        var body = new CallBody { Bytes = bytes, Kind = kind };
        var reader = new Utf8JsonReader(bytes.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The body is not an object.");
        }

        var seen = Seen.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Member(ref reader, body, ref seen);
        }

        if (reader.Read())
        {
            throw new JsonException("There is something behind the object.");
        }

        Require(kind, seen);
        return body;
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        Model = 1,
        Stream = 2,
        StreamOptions = 4,
        Messages = 8,
        Prompt = 16,
        Input = 32,
        Extension = 64,
        MaxTokens = 128,
        MaxCompletionTokens = 256,
    }

    private static void Require(CallKind kind, Seen seen)
    {
        var (needed, name) = kind switch
        {
            CallKind.Chat => (Seen.Messages, "messages"),
            CallKind.Completion => (Seen.Prompt, "prompt"),
            _ => (Seen.Input, "input"),
        };
        if (!seen.HasFlag(needed))
        {
            throw Wrong(name, "is missing");
        }
    }

    private static void Member(ref Utf8JsonReader reader, CallBody body, ref Seen seen)
    {
        var start = (int)reader.TokenStartIndex;
        var kind = body.Kind;
        if (reader.ValueTextEquals("model"u8))
        {
            Once(ref seen, Seen.Model, "model");
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Wrong("model", "must be a text");
            }

            body.Model = reader.GetString() is { Length: > 0 and <= 512 } model ? model : null;
            body.ModelAt = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
        }
        else if (reader.ValueTextEquals("stream"u8))
        {
            Once(ref seen, Seen.Stream, "stream");
            body.Stream = Flag(ref reader, "stream");
        }
        else if (reader.ValueTextEquals("stream_options"u8))
        {
            Once(ref seen, Seen.StreamOptions, "stream_options");
            StreamOptions(ref reader, body);
            body.StreamOptionsAt = (start, (int)reader.BytesConsumed);
        }
        else if (reader.ValueTextEquals("edgecoder"u8))
        {
            Once(ref seen, Seen.Extension, "edgecoder");
            Extension(ref reader, body);
            body.ExtensionAt = (start, (int)reader.BytesConsumed);
        }
        else if (reader.ValueTextEquals("max_tokens"u8))
        {
            Once(ref seen, Seen.MaxTokens, "max_tokens");
            body.MaxTokens = Count(ref reader, "max_tokens") ?? body.MaxTokens;
        }
        else if (kind == CallKind.Chat && reader.ValueTextEquals("max_completion_tokens"u8))
        {
            Once(ref seen, Seen.MaxCompletionTokens, "max_completion_tokens");
            body.MaxTokens = Count(ref reader, "max_completion_tokens") ?? body.MaxTokens;
        }
        else if (kind == CallKind.Chat && reader.ValueTextEquals("messages"u8))
        {
            Once(ref seen, Seen.Messages, "messages");
            Messages(ref reader, body);
        }
        else if (kind == CallKind.Chat && reader.ValueTextEquals("tools"u8))
        {
            reader.Read();
            body.HasTools = reader.TokenType == JsonTokenType.StartArray && !IsEmptyArray(reader);
            reader.Skip();
        }
        else if (kind == CallKind.Completion && reader.ValueTextEquals("prompt"u8))
        {
            Once(ref seen, Seen.Prompt, "prompt");
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Wrong("prompt", "must be one text");
            }

            body.Shape += Shape(ref reader);
        }
        else if (kind == CallKind.Completion && reader.ValueTextEquals("suffix"u8))
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                throw Wrong("suffix", "must be a text");
            }

            if (reader.TokenType == JsonTokenType.String)
            {
                body.Shape += Shape(ref reader);
            }
        }
        else if (kind == CallKind.Embedding && reader.ValueTextEquals("input"u8))
        {
            Once(ref seen, Seen.Input, "input");
            Input(ref reader, body);
        }
        else
        {
            Other(ref reader, kind);
        }
    }

    // What changes the meaning of an answer and cannot be had here is refused; whatever else is unknown is passed on.
    private static void Other(ref Utf8JsonReader reader, CallKind kind)
    {
        var name = reader.GetString()!;
        reader.Read();
        var asks = name switch
        {
            "n" or "best_of" => reader.TokenType == JsonTokenType.Number && !(reader.TryGetInt64(out var n) && n == 1),
            "logprobs" when kind == CallKind.Chat => reader.TokenType == JsonTokenType.True,
            "logprobs" or "top_logprobs" => reader.TokenType == JsonTokenType.Number,
            "echo" => reader.TokenType == JsonTokenType.True,
            "audio" => reader.TokenType == JsonTokenType.StartObject,
            "functions" => reader.TokenType == JsonTokenType.StartArray,
            "function_call" => reader.TokenType is JsonTokenType.String or JsonTokenType.StartObject,
            "logit_bias" => reader.TokenType == JsonTokenType.StartObject && !IsEmptyObject(reader),
            _ => false,
        };
        if (name == "modalities" && reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                asks |= reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("text"u8);
            }
        }

        if (asks)
        {
            throw Unsupported(name, name is "functions" or "function_call" ? "Use tools and tool_choice." : "Leave it out.");
        }

        reader.Skip();
    }

    private static void Messages(ref Utf8JsonReader reader, CallBody body)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Wrong("messages", "must be an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Wrong($"messages[{body.Messages}]", "must be an object");
            }

            Message(ref reader, body, body.Messages);
            body.Messages++;
            if (body.Messages > MostMessages)
            {
                throw Wrong("messages", $"has more than {MostMessages} entries");
            }
        }

        if (body.Messages == 0)
        {
            throw Wrong("messages", "must have at least one entry");
        }
    }

    private static void Message(ref Utf8JsonReader reader, CallBody body, int index)
    {
        string? role = null;
        bool? content = null;
        bool calls = false, answers = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8))
            {
                reader.Read();
                role = reader.TokenType != JsonTokenType.String ? ""
                    : reader.ValueTextEquals("user"u8) ? "user"
                    : reader.ValueTextEquals("assistant"u8) ? "assistant"
                    : reader.ValueTextEquals("system"u8) ? "system"
                    : reader.ValueTextEquals("developer"u8) ? "developer"
                    : reader.ValueTextEquals("tool"u8) ? "tool"
                    : "";
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                content = Content(ref reader, body, index);
            }
            else if (reader.ValueTextEquals("tool_calls"u8))
            {
                reader.Read();
                calls = reader.TokenType == JsonTokenType.StartArray && !IsEmptyArray(reader);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("tool_call_id"u8))
            {
                reader.Read();
                answers = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (role is not { Length: > 0 })
        {
            throw Wrong($"messages[{index}].role", "must be system, developer, user, assistant or tool");
        }

        if (role == "tool" && !answers)
        {
            throw Wrong($"messages[{index}].tool_call_id", "must name the call that this message answers");
        }

        if (content != true && !(role == "assistant" && (calls || content == false)))
        {
            throw Wrong($"messages[{index}].content", "must be a text or an array of parts");
        }
    }

    // True for a text or parts, false for null.
    private static bool Content(ref Utf8JsonReader reader, CallBody body, int index)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                body.Shape += Shape(ref reader);
                return true;
            case JsonTokenType.Null:
                return false;
            case JsonTokenType.StartArray:
                break;
            default:
                throw Wrong($"messages[{index}].content", "must be a text or an array of parts");
        }

        for (var part = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; part++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Wrong($"messages[{index}].content[{part}]", "must be an object");
            }

            string? type = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    type = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }
                else if (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("refusal"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String)
                    {
                        body.Shape += Shape(ref reader);
                    }

                    reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            switch (type)
            {
                case "text" or "refusal":
                    break;
                case "image_url":
                    body.FirstImage ??= $"messages[{index}].content[{part}]";
                    break;
                case null:
                    throw Wrong($"messages[{index}].content[{part}].type", "must be text or image_url");
                default:
                    throw Unsupported($"messages[{index}].content[{part}]", $"Parts of the type {(type.Length <= 40 ? type : "given")} cannot be read by the models here; send text.");
            }
        }

        return true;
    }

    private static void Input(ref Utf8JsonReader reader, CallBody body)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            body.Messages = 1;
            body.Shape += Shape(ref reader);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Wrong("input", "must be a text, an array of texts or an array of tokens");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            body.Messages++;
            if (reader.TokenType == JsonTokenType.String)
            {
                body.Shape += Shape(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.Number)
            {
                throw Wrong($"input[{body.Messages - 1}]", "must be a text or tokens");
            }
        }

        if (body.Messages == 0)
        {
            throw Wrong("input", "must not be empty");
        }
    }

    private static void StreamOptions(ref Utf8JsonReader reader, CallBody body)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong("stream_options", "must be an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("include_usage"u8))
            {
                body.IncludeUsage = Flag(ref reader, "stream_options.include_usage");
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void Extension(ref Utf8JsonReader reader, CallBody body)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong("edgecoder", "must be an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isClass = reader.ValueTextEquals("dataClass"u8);
            reader.Read();
            if (isClass)
            {
                body.AskedClass = reader.TokenType == JsonTokenType.String && DataClasses.Parse(reader.GetString()) is { } asked
                    ? asked
                    : throw Wrong("edgecoder.dataClass", "must be local, team or mesh");
            }

            reader.Skip();
        }
    }

    private static bool Flag(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            _ => throw Wrong(name, "must be true or false"),
        };
    }

    private static int? Count(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null
            : reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count) && count >= 1 ? count
            : throw Wrong(name, "must be a whole number of at least 1");
    }

    private static TokenShape Shape(ref Utf8JsonReader reader)
    {
        var text = ArrayPool<char>.Shared.Rent(Math.Max(1, reader.ValueSpan.Length));
        try
        {
            return TokenShape.Of(text.AsSpan(0, reader.CopyString(text)));
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("A text is not valid UTF-8 or UTF-16.");
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
        }
    }

    // The copy reads ahead; the reader itself stays.
    private static bool IsEmptyArray(Utf8JsonReader copy) => copy.Read() && copy.TokenType == JsonTokenType.EndArray;

    private static bool IsEmptyObject(Utf8JsonReader copy) => copy.Read() && copy.TokenType == JsonTokenType.EndObject;

    private static void Once(ref Seen seen, Seen member, string name)
    {
        if (seen.HasFlag(member))
        {
            throw Wrong(name, "is given twice");
        }

        seen |= member;
    }

    private static Refusal Wrong(string path, string rule) => new(400, "invalid_request", $"{path} {rule}.") { Issues = [new FieldIssue(path, rule)] };

    private static Refusal Unsupported(string path, string advice) => new(400, "unsupported_parameter", $"{path} is not supported here. {advice}") { Issues = [new FieldIssue(path, "not supported")] };
}
