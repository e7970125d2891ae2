using System.CommandLine;
using System.Text.Json;
using EdgeCoder.Coordination;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder escalations</c>: work that agents and models could not finish, and a person's answer to it (agent-executor-models 7.2).</summary>
internal static class EscalationsCommand
{
    private const int MaxCodeBytes = 256 * 1024;

    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new("escalations", "See and answer work that agents could not finish.")
    {
        List(surroundings, json),
        Show(surroundings, json),
        Respond(surroundings, json),
    };

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var all = new Option<bool>("--all") { Description = "Also those that do not wait for you." };
        var command = new Command("list", "Escalations of your tasks, newest first.") { all };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var list = await api.GetAsync(arguments.GetValue(all) ? "escalate" : "escalate?status=pending_human", InferenceJson.Default.EscalationList, cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(list, InferenceJson.Default.EscalationList));
                    return ExitCode.Success;
                }

                EscalationTables.Many(surroundings, list.Escalations, arguments.GetValue(all));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Show(Surroundings surroundings, Option<bool> json)
    {
        var id = Id();
        var command = new Command("show", "One escalation: what was asked, what failed, what was tried.") { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var detail = await api.GetAsync($"escalate/{Uri.EscapeDataString(arguments.GetValue(id)!)}", InferenceJson.Default.EscalationDetail, cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(detail, InferenceJson.Default.EscalationDetail));
                    return ExitCode.Success;
                }

                EscalationTables.One(surroundings, detail);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Respond(Surroundings surroundings, Option<bool> json)
    {
        var id = Id();
        var context = new Option<string?>("--context") { Description = "What the next attempt should know; it begins at once." };
        var code = new Option<string?>("--code", "--edit") { Description = "File with the whole code; it is verified like any result." };
        var abandon = new Option<bool>("--abandon") { Description = "Give up: the task fails and what it holds is given back." };
        var command = new Command("respond", "Answer an escalation that waits for a person: one of --context, --code, --abandon.") { id, context, code, abandon };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var response = await ReadAsync(surroundings, arguments.GetValue(context), arguments.GetValue(code), arguments.GetValue(abandon), cancellation);
                using var api = CoordinatorApi.Open(surroundings);
                var escalation = Uri.EscapeDataString(arguments.GetValue(id)!);
                var answer = await api.PostAsync($"escalate/{escalation}/respond", response, InferenceJson.Default.EscalationResponse, InferenceJson.Default.EscalationResponded, cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(answer, InferenceJson.Default.EscalationResponded));
                    return ExitCode.Success;
                }

                surroundings.Tell(response.Action switch
                {
                    EscalationAction.ProvideContext => $"A new attempt begins with what you said. Follow it: edgecoder result {arguments.GetValue(id)} --wait",
                    EscalationAction.EditCode => $"Your code is being verified. See what comes of it: edgecoder escalations show {arguments.GetValue(id)}",
                    _ => "The task has failed and holds no credits any more.",
                });
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task<EscalationResponse> ReadAsync(Surroundings surroundings, string? context, string? code, bool abandon, CancellationToken cancellationToken)
    {
        if ((context is null ? 0 : 1) + (code is null ? 0 : 1) + (abandon ? 1 : 0) != 1)
        {
            throw new UsageException("answer_required", "Say one thing: --context \"…\", --code FILE or --abandon.");
        }

        if (abandon)
        {
            return new() { Action = EscalationAction.Abandon };
        }

        return context is not null
            ? new() { Action = EscalationAction.ProvideContext, Context = context }
            : new() { Action = EscalationAction.EditCode, EditedCode = await new BoundedText("code", $"The code file {code}", MaxCodeBytes).ReadFileAsync(Path.Combine(surroundings.Directory, code!), surroundings.Time, cancellationToken) };
    }

    private static Argument<string> Id() => new("id") { Description = "Task, subtask or escalation; see edgecoder escalations list." };
}
