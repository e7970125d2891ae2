using System.Text.Json;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>Token counts that an answer reports.</summary>
/// <param name="Prompt">Tokens read.</param>
/// <param name="Completion">Tokens written.</param>
/// <param name="Cached">Of the tokens read, those that were still there from before.</param>
internal readonly record struct AnswerUsage(long Prompt, long Completion, long Cached)
{
    /// <summary>Reads the counts of an answer or a piece of one; null when it has none. <paramref name="hasChoices"/>: whether there is anything in <c>choices</c>.</summary>
    public static AnswerUsage? Read(ReadOnlySpan<byte> json, out bool hasChoices)
    {
        hasChoices = false;
        AnswerUsage? usage = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                var inside = reader;
                hasChoices = inside.Read() && inside.TokenType != JsonTokenType.EndArray;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    usage = Counts(ref reader);
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return usage;
    }

    private static AnswerUsage Counts(ref Utf8JsonReader reader)
    {
        long prompt = 0, completion = 0, cached = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPrompt = reader.ValueTextEquals("prompt_tokens"u8);
            var isCompletion = reader.ValueTextEquals("completion_tokens"u8);
            var isDetails = reader.ValueTextEquals("prompt_tokens_details"u8);
            reader.Read();
            if (isDetails && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isCached = reader.ValueTextEquals("cached_tokens"u8);
                    reader.Read();
                    if (isCached && reader.TokenType == JsonTokenType.Number)
                    {
                        reader.TryGetInt64(out cached);
                    }

                    reader.Skip();
                }
            }
            else if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count))
            {
                prompt = isPrompt ? count : prompt;
                completion = isCompletion ? count : completion;
            }
            else
            {
                reader.Skip();
            }
        }

        return new(prompt, completion, cached);
    }
}
