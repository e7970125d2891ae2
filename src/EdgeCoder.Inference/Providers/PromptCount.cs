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
        var text = options.Instructions is { } instructions ? await count(instructions, cancellationToken).ConfigureAwait(false) : 0;
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                text += content switch
                {
                    TextContent part => await count(part.Text, cancellationToken).ConfigureAwait(false),
                    FunctionResultContent result => await count(result.Result?.ToString() ?? "", cancellationToken).ConfigureAwait(false),
                    _ => 0,
                };
            }
        }

        var schema = 0;
        foreach (var tool in options.Tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            schema += await count($"{tool.Name} {tool.Description} {tool.JsonSchema}", cancellationToken).ConfigureAwait(false);
        }

        return new(text, messages.Count, schema);
    }
}
