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
