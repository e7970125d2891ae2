using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Inference.Completions;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Preflight;

/// <summary>
/// Looks what a model can do (agent-executor-models 4.3): 1. a fixed set of requests in each form of tool calls that it may be asked in, one of them a wrong
/// call that must be mended; 2. JSON of a schema; 3. a stop text; 4. a gap. Each answer is judged by its content, never by the model's word.
/// </summary>
/// <param name="model">The model, behind its guard.</param>
/// <param name="time">The clock.</param>
/// <param name="progress">Told what is done.</param>
internal sealed class AbilityPreflight(OpenedModel model, TimeProvider time, IProgress<string>? progress = null)
{
    private const int AnswerTokens = 160;

    private static readonly JsonElement Ok = JsonElement.Parse("""{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}""");

    private static readonly IReadOnlyList<OfferedTool> Tools =
    [
        new("read_file", "Reads a file.", JsonElement.Parse("""{"type":"object","properties":{"path":{"type":"string"}},"required":["path"],"additionalProperties":false}""")),
        new("add", "Adds two whole numbers.", JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"],"additionalProperties":false}""")),
        new("set_lamp", "Sets the brightness of the lamp.", JsonElement.Parse("""{"type":"object","properties":{"percent":{"type":"integer"}},"required":["percent"],"additionalProperties":false}""")),
    ];

    private static readonly IReadOnlyList<(IReadOnlyList<ConversationMessage> Messages, Func<MadeCall?, bool> IsRight)> Requests =
    [
        ([new("user", "Use the tool read_file to read src/main.py.")], call => Has(call, "read_file", "path", "src/main.py")),
        ([new("user", "Use the tool add to add 17 and 25.")], call => Has(call, "add", "a", "17") && Has(call, "add", "b", "25")),
        (
            [
                new("user", "Set the lamp to 40 percent with the tool set_lamp."),
                new("assistant", "") { Calls = [new("call_1", "set_lamp", """{"percent":"forty"}""")] },
                new("tool", "The call was not made. $.percent must be integer, not string. Call the tool again, with a number.") { CallId = "call_1" },
            ],
            call => Has(call, "set_lamp", "percent", "40")),
        ([new("user", "Answer with the word hello. No tool is needed.")], call => call is null),
    ];

    /// <summary>Looks, as far as the time goes.</summary>
    public async Task<AbilityReport> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        bool IsLate() => limit != Timeout.InfiniteTimeSpan && time.GetElapsedTime(started) > limit;
        var rates = new List<ToolFormRate>();
        foreach (var form in Forms())
        {
            var right = 0;
            foreach (var (messages, isRight) in Requests)
            {
                if (IsLate())
                {
                    break;
                }

                progress?.Report($"trying tool calls in the form {Name(form)}");
                right += await IsRightAsync(form, messages, isRight, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }

            if (!IsLate())
            {
                rates.Add(new(Name(form), (double)right / Requests.Count));
            }
        }

        var (obeysSchema, thinksAloud) = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        return new()
        {
            Tools = rates,
            ToolForm = AbilityReport.Choose(rates),
            ObeysSchema = obeysSchema,
            ThinksAloud = thinksAloud,
            ObeysStop = await StopAsync(cancellationToken).ConfigureAwait(false),
            FillsGaps = await GapAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private static string Name(CallForm form) => form.ToString().ToLowerInvariant();

    private IEnumerable<CallForm> Forms()
    {
        if (model.CallsTools)
        {
            yield return CallForm.Native;
        }

        if (model.ObeysJsonSchema)
        {
            yield return CallForm.Json;
        }

        yield return CallForm.Text;
    }

    private async Task<bool> IsRightAsync(CallForm form, IReadOnlyList<ConversationMessage> messages, Func<MadeCall?, bool> isRight, CancellationToken cancellationToken)
    {
        var request = new ChatCompletionRequest { Messages = messages, Tools = Tools, MaxTokens = AnswerTokens, Temperature = 0, Seed = 1 };
        try
        {
            var calls = new List<MadeCall>();
            await foreach (var piece in ChatAnswer.AskAsync(model, request, form, cancellationToken).ConfigureAwait(false))
            {
                if (piece.Call is { } call)
                {
                    calls.Add(call);
                }
            }

            return calls.Count <= 1 && isRight(calls.FirstOrDefault());
        }
        catch (ApiFault)
        {
            return false; // No call that could be used, twice.
        }
        catch (ModelException fault) when (IsRefusal(fault))
        {
            return false;
        }
    }

    private async Task<(bool ObeysSchema, bool ThinksAloud)> SchemaAsync(CancellationToken cancellationToken)
    {
        progress?.Report("trying an answer of a given shape");
        var options = new ChatOptions { MaxOutputTokens = AnswerTokens, Temperature = 0, Seed = 1, ResponseFormat = ChatResponseFormat.ForJsonSchema(Ok, "answer") };
        var text = await TextAsync("Is water wet? Answer with JSON: {\"ok\": true} or {\"ok\": false}.", options, cancellationToken).ConfigureAwait(false);
        var thinks = text?.Contains("<think", StringComparison.OrdinalIgnoreCase) ?? false;
        return (SafeRepair.Read(text ?? "", out _) is { } value && SchemaCheck.Check(value, Ok) is null, thinks);
    }

    private async Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        progress?.Report("trying a stop text");
        var options = new ChatOptions { MaxOutputTokens = AnswerTokens, Temperature = 0, Seed = 1, StopSequences = ["three"] };
        var text = await TextAsync("Write these words and nothing else: one two three four", options, cancellationToken).ConfigureAwait(false);
        return text is not null && !text.Contains("three", StringComparison.Ordinal);
    }

    private async Task<bool> GapAsync(CancellationToken cancellationToken)
    {
        if (model.CompleteText is not { } complete)
        {
            return false;
        }

        try
        {
            await foreach (var _ in complete(new() { Prompt = "def add(a, b):\n    return ", Suffix = "\n", MaxTokens = 4 }, cancellationToken).ConfigureAwait(false))
            {
                // That it is done without a fault says enough: its words are not judged.
            }

            return true;
        }
        catch (ModelException fault) when (fault.Code == "fim_unsupported")
        {
            return false;
        }
    }

    private async Task<string?> TextAsync(string prompt, ChatOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var text = new StringBuilder();
            await foreach (var piece in ModelAnswer.AskAsync(model, [new(ChatRole.User, prompt)], options, cancellationToken).ConfigureAwait(false))
            {
                text.Append(piece.Text);
            }

            return text.ToString();
        }
        catch (ModelException fault) when (IsRefusal(fault))
        {
            return null;
        }
    }

    // The server says that this cannot be asked of the model. That it is gone is no finding about the model.
    private static bool IsRefusal(ModelException fault) => fault.Code is "model_error" or "unsupported_option" or "unsupported_content" or "unsupported_schema" or "model_not_found";

    private static bool Has(MadeCall? call, string tool, string argument, string value) =>
        call?.Tool == tool && SafeRepair.Read(call.Arguments, out _) is { ValueKind: JsonValueKind.Object } arguments
        && arguments.TryGetProperty(argument, out var given) && given.ToString() == value;
}
