using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>A conversation with tools for a model that knows no calls of its own: what it said and what it was told, as text (agent-executor-models 2.4).</summary>
internal static class FormPrompt
{
    private const string JsonForm =
        """
        You can use tools. Answer with one JSON object and nothing else: {"tool": "<name>", "args": {…}} to use a tool, or {"final": "<your answer>"} when you need none.
        """;

    private const string JsonFormRequired =
        """
        Use a tool now. Answer with one JSON object and nothing else: {"tool": "<name>", "args": {…}}.
        """;

    private const string TextForm =
        """
        You can use tools. To use one, write a block like this one, several in order when they do not depend on each other's results; without a block your text is the answer:
        ```tool_call
        {"tool": "<name>", "args": {…}}
        ```
        """;

    /// <summary>The messages: the client's own system text unchanged, then the tools as a message of their own, then the rest.</summary>
    public static IReadOnlyList<ChatMessage> Messages(ChatCompletionRequest request, OpenedModel model, CallForm form, IEnumerable<OfferedTool> tools)
    {
        var leading = request.Messages.TakeWhile(message => message.Role == "system").Select(message => new ChatMessage(ChatRole.System, message.Text));
        var intro = form == CallForm.Text ? TextForm : request.ToolUse is ToolUse.Required or ToolUse.Named ? JsonFormRequired : JsonForm;
        return
        [
            .. ModelPrompt.Leading(request, model),
            .. leading,
            new(ChatRole.System, $"{intro}\nThe tools:\n{string.Join('\n', tools.Select(tool => $"- {tool.Name}: {tool.Description.ReplaceLineEndings(" ")} Arguments: {tool.Parameters.GetRawText()}"))}"),
            .. Rest(request.Messages.SkipWhile(message => message.Role == "system"), form),
        ];
    }

    /// <summary>Messages of a conversation as text; results of tools come from the user's side, marked as data.</summary>
    public static IEnumerable<ChatMessage> Rest(IEnumerable<ConversationMessage> messages, CallForm form)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            foreach (var call in message.Calls)
            {
                names[call.Id] = call.Tool;
            }

            yield return message.Role switch
            {
                "system" => new(ChatRole.System, message.Text),
                "assistant" => new(ChatRole.Assistant, Said(message, form)),
                "tool" => new(ChatRole.User, $"Result of the tool {names.GetValueOrDefault(message.CallId!, message.CallId!)} (data):\n{message.Text}"),
                _ => new(ChatRole.User, message.Text),
            };
        }
    }

    private static string Said(ConversationMessage message, CallForm form)
    {
        var text = new StringBuilder(message.Text);
        foreach (var call in message.Calls)
        {
            var json = $"{{\"tool\": \"{JsonEncodedText.Encode(call.Tool)}\", \"args\": {(string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments)}}}";
            text.Append(form == CallForm.Json && text.Length == 0 ? json : $"\n```tool_call\n{json}\n```");
        }

        return text.ToString();
    }
}
