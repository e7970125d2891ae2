using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Local;

/// <summary>Turns a chat request into the worker's arguments. Every option is honoured or refused by name.</summary>
internal static class LocalChatRequest
{
    /// <summary>The arguments. Without a temperature, the likeliest token is always taken: answers can then be repeated.</summary>
    /// <exception cref="ModelException"><c>unsupported_option</c>, <c>unsupported_content</c> or <c>invalid_option</c>.</exception>
    public static GenerateArguments From(IEnumerable<ChatMessage> messages, ChatOptions? options, string modelId)
    {
        options ??= new();
        RefuseUnsupported(options, modelId);
        var schema = (options.ResponseFormat as ChatResponseFormatJson)?.Schema;
        var grammar = Grammar(options);
        if (grammar is not null && options.ResponseFormat is ChatResponseFormatJson)
        {
            throw Invalid("a grammar and a JSON format exclude each other");
        }

        return new()
        {
            Turns = Turns(messages, options.Instructions),
            MaxTokens = AtLeast(options.MaxOutputTokens, 1, nameof(options.MaxOutputTokens)),
            Temperature = Within(options.Temperature ?? 0, 0, 10, nameof(options.Temperature)),
            TopP = Within(options.TopP ?? 1, float.Epsilon, 1, nameof(options.TopP)),
            TopK = AtLeast(options.TopK ?? 0, 0, nameof(options.TopK))!.Value,
            Seed = Seed(options.Seed),
            Stop = Stops(options.StopSequences),
            Grammar = grammar,
            JsonSchema = schema,
            AnyJson = options.ResponseFormat is ChatResponseFormatJson && schema is null,
        };
    }

    /// <summary>The arguments for a text or a gap.</summary>
    /// <exception cref="ModelException"><c>empty_prompt</c> or <c>invalid_option</c>.</exception>
    public static GenerateArguments From(TextRequest request) => new()
    {
        Prompt = request.Prompt.Length > 0 || request.Suffix is not null ? request.Prompt : throw new ModelException("empty_prompt", "There is nothing to go on with."),
        Suffix = request.Suffix,
        MaxTokens = AtLeast(request.MaxTokens, 1, nameof(request.MaxTokens)),
        Temperature = Within(request.Temperature ?? 0, 0, 10, nameof(request.Temperature)),
        TopP = Within(request.TopP ?? 1, float.Epsilon, 1, nameof(request.TopP)),
        Seed = Seed(request.Seed),
        Stop = request.Stop,
    };

    private static void RefuseUnsupported(ChatOptions options, string modelId)
    {
        Refuse(options.Tools is { Count: > 0 }, nameof(options.Tools));
        Refuse(options.ToolMode is not (null or AutoChatToolMode or NoneChatToolMode), nameof(options.ToolMode));
        Refuse(options.FrequencyPenalty is not (null or 0), nameof(options.FrequencyPenalty));
        Refuse(options.PresencePenalty is not (null or 0), nameof(options.PresencePenalty));
        Refuse(options.ConversationId is not null, nameof(options.ConversationId));
        Refuse(options.Reasoning is not null, nameof(options.Reasoning));
        Refuse(options.RawRepresentationFactory is not null, nameof(options.RawRepresentationFactory));
        Refuse(options.AllowBackgroundResponses == true, nameof(options.AllowBackgroundResponses));
        Refuse(options.ResponseFormat is not (null or ChatResponseFormatText or ChatResponseFormatJson), nameof(options.ResponseFormat));
        if (options.ModelId is { } other && other != modelId)
        {
            throw new ModelException("model_not_found", $"This client serves {modelId}, not {other}.", "Open the other model.");
        }

        var unknown = options.AdditionalProperties?.Keys.FirstOrDefault(key => key != LocalModelProperties.Grammar);
        Refuse(unknown is not null, unknown ?? "");
    }

    private static string? Grammar(ChatOptions options) =>
        options.AdditionalProperties is not { } properties || !properties.TryGetValue(LocalModelProperties.Grammar, out var value) ? null
        : value as string ?? throw Invalid($"{LocalModelProperties.Grammar} is a text");

    private static List<WorkerTurn> Turns(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<WorkerTurn> turns = [];
        if (!string.IsNullOrEmpty(instructions))
        {
            turns.Add(new("system", instructions));
        }

        turns.AddRange(messages.Select(Turn));
        return turns.Count > 0 ? turns : throw new ModelException("empty_prompt", "There is nothing to answer.");
    }

    private static WorkerTurn Turn(ChatMessage message)
    {
        var role = message.Role.Value;
        if (role is not ("system" or "user" or "assistant"))
        {
            throw new ModelException("unsupported_content", $"A local model takes no messages of the role {role}.");
        }

        return message.Contents.FirstOrDefault(content => content is not TextContent) is { } other
            ? throw new ModelException("unsupported_content", $"A local model takes text only, not {other.GetType().Name}.")
            : new(role, message.Text);
    }

    private static List<string> Stops(IList<string>? stops) =>
        stops is null ? [] : stops.All(stop => stop.Length > 0) ? [.. stops] : throw Invalid("a stop sequence is empty");

    // The library takes 32 bits; a longer seed that differs only above would otherwise be the same.
    private static uint Seed(long? seed) => seed is null ? 0 : (uint)seed.Value ^ (uint)(seed.Value >> 32);

    private static int? AtLeast(int? value, int least, string name) => value < least ? throw Invalid($"{name} is at least {least}") : value;

    private static float Within(float value, float least, float most, string name) =>
        value >= least && value <= most ? value : throw Invalid($"{name} is between {least:0.#} and {most:0.#}");

    private static void Refuse(bool condition, string name)
    {
        if (condition)
        {
            throw new ModelException("unsupported_option", $"A local model cannot honour the option {name}.", "Leave it out, or use another provider.");
        }
    }

    private static ModelException Invalid(string why) => new("invalid_option", $"The request cannot be used: {why}.");
}
