using System.Text.Json;

namespace EdgeCoder.Inference.Completions;

/// <summary>Members that answers of several routes share.</summary>
internal static class AnswerJson
{
    /// <summary><c>usage</c>.</summary>
    public static void Usage(Utf8JsonWriter json, AnswerUsage usage)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, usage.PromptTokens);
        json.WriteNumber("completion_tokens"u8, usage.CompletionTokens);
        json.WriteNumber("total_tokens"u8, usage.PromptTokens + usage.CompletionTokens);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary><c>edgecoder</c>: how the answer came to be. Time to the first token, in milliseconds.</summary>
    public static void Marks(Utf8JsonWriter json, AnswerMarks marks, TimeSpan latency)
    {
        json.WriteStartObject("edgecoder"u8);
        json.WriteString("route"u8, marks.Route);
        json.WriteNumber("latencyMs"u8, (long)latency.TotalMilliseconds);
        json.WriteString("model"u8, marks.Model);
        json.WriteString("modelDigest"u8, marks.Digest);
        if (marks.DataClass is not null)
        {
            json.WriteString("dataClass"u8, marks.DataClass);
        }

        json.WriteStartObject("ranOn"u8);
        json.WriteString("kind"u8, marks.RanOn);
        json.WriteEndObject();
        if (marks.FallbackFrom is not null)
        {
            json.WriteString("fallback"u8, marks.FallbackFrom);
        }

        json.WriteEndObject();
    }

    /// <summary><c>{"error":{…}}</c>.</summary>
    public static void Error(Utf8JsonWriter json, ApiFault fault)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, fault.Message);
        json.WriteString("type"u8, fault.Type);
        json.WriteString("code"u8, fault.Code);
        json.WriteString("param"u8, fault.Param);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }
}
