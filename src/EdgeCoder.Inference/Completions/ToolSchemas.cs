using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Inference.Llama.Grammars;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Completions;

/// <summary>Schemas of the client's tools, as far as a model can be held to them and their calls can be checked.</summary>
internal static class ToolSchemas
{
    private static readonly JsonElement AnyObject = JsonElement.Parse("""{"type":"object","additionalProperties":true}""");
    private static readonly JsonElement AnyText = JsonElement.Parse("""{"type":"string"}""");

    /// <summary>
    /// The schema of an answer in the JSON form. Arguments whose schema no decoder can be held to are any object: the client checks them as it checks those of
    /// every model.
    /// </summary>
    public static JsonElement Answer(ChatCompletionRequest request, IReadOnlyList<OfferedTool> tools) =>
        CallSchema.Of([.. tools.Select(tool => (tool.Name, Enforceable(tool.Parameters)))], Final(request));

    /// <summary>What is wrong with a call; null when nothing is, or when its schema says more than can be checked here.</summary>
    public static string? Fault(RequestedCall call, IReadOnlyList<OfferedTool> tools)
    {
        if (call.Fault is not null)
        {
            return call.Fault;
        }

        if (tools.FirstOrDefault(tool => tool.Name == call.Tool) is not { } known)
        {
            return $"There is no tool {call.Tool}. There are: {string.Join(", ", tools.Select(tool => tool.Name))}.";
        }

        if (SafeRepair.Read(call.Arguments, out var fault) is not { } arguments)
        {
            return $"The arguments of {call.Tool} are {fault}";
        }

        if (!IsEnforceable(known.Parameters) || SchemaCheck.Unknown(known.Parameters).Any())
        {
            return arguments.ValueKind == JsonValueKind.Object ? null : $"The arguments of {call.Tool} must be an object.";
        }

        return SchemaCheck.Check(arguments, known.Parameters)?.ToString();
    }

    private static JsonElement? Final(ChatCompletionRequest request) => request.ToolUse is ToolUse.Required or ToolUse.Named ? null : request.Shape switch
    {
        AnswerShape.JsonSchema => CheckableSchema.Of(request.Schema), // Its references would point elsewhere inside another schema.
        AnswerShape.JsonObject => AnyObject,
        _ => AnyText,
    };

    private static JsonElement Enforceable(JsonElement schema) => IsEnforceable(schema) ? schema : AnyObject;

    private static bool IsEnforceable(JsonElement schema)
    {
        try
        {
            JsonSchemaGrammar.From(CallSchema.Reduced(schema));
            return true;
        }
        catch (ModelException)
        {
            return false;
        }
    }
}
