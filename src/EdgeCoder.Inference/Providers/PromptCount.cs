using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary>Tokens of one prompt, as far as they can be known before it is sent.</summary>
/// <param name="Text">Tokens of the texts of its messages, by the model's counter.</param>
/// <param name="Messages">Number of messages.</param>
/// <param name="Schema">Tokens of tools and response schema, which the server turns into text in its own way.</param>
internal sealed record PromptCount(int Text, int Messages, int Schema)
{
    /// <summary>A chat template puts role, marks and line ends around each message: 8 tokens with the wordiest of those in use.</summary>
    private const int TemplateTokens = 8;

    /// <summary>A template may trim a message and join its ends with its own marks.</summary>
    private const int JoinedTokens = 2;

    /// <summary>An estimate of a short text may be off by more than its share.</summary>
    private const int EstimateSlack = 32;

    /// <summary>Upper estimate of the whole prompt.</summary>
    public int Most => Text + Schema + ((Messages + 1) * TemplateTokens);

    /// <summary>Least count that an honest server can report when our own is off by at most this share.</summary>
    public long Least(double tolerance) =>
        (long)(Text * (1 - tolerance)) - (Messages * JoinedTokens) - (tolerance > 0 ? EstimateSlack : 0);

    public static async ValueTask<PromptCount> OfAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions options, TokenCounter count, CancellationToken cancellationToken)
    {
        List<string> texts = options.Instructions is { Length: > 0 } instructions ? [instructions] : [];
        foreach (var content in messages.SelectMany(message => message.Contents))
        {
            var text = content switch
            {
                TextContent part => part.Text,
                FunctionResultContent result => result.Result?.ToString(),
                _ => null,
            };
            if (!string.IsNullOrEmpty(text))
            {
                texts.Add(text);
            }
        }

        var schemas = options.Tools?.OfType<AIFunctionDeclaration>().Select(tool => $"{tool.Name} {tool.Description} {tool.JsonSchema}").ToList() ?? [];
        return new(
            await TogetherAsync(texts, count, cancellationToken).ConfigureAwait(false),
            messages.Count,
            await TogetherAsync(schemas, count, cancellationToken).ConfigureAwait(false));
    }

    // One question for all: the tokenizer of a local model is in another process, and a conversation may have a hundred messages.
    private static async ValueTask<int> TogetherAsync(List<string> texts, TokenCounter count, CancellationToken cancellationToken) => texts.Count == 0
        ? 0
        : Math.Max(0, await count(string.Join('\n', texts), cancellationToken).ConfigureAwait(false) - (texts.Count - 1));
}
