using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Coordination;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder status</c>, <c>result</c>, <c>explain</c>, <c>cancel</c>: tasks at a coordinator.</summary>
internal static class TaskCommands
{
    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Build(Surroundings surroundings, Option<bool> json) =>
    [
        Status(surroundings, json),
        Result(surroundings, json),
        Explain(surroundings, json),
        Cancel(surroundings, json),
    ];

    private static Command Status(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string?>("task") { Description = "Its id. Without it: the newest tasks.", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "Most tasks of the list, 1 to 100.", DefaultValueFactory = _ => 20 };
        var command = new Command("status", "Where tasks are.") { id, limit };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                if (arguments.GetValue(id) is { } task)
                {
                    var view = await api.GetAsync(Path(task), MeshJson.Default.TaskView, cancellation);
                    Show(surroundings, arguments.GetValue(json), JsonSerializer.Serialize(view, MeshJson.Default.TaskView), () => TaskTables.One(surroundings, view));
                    return ExitCode.Success;
                }

                var most = arguments.GetValue(limit) is var given and >= 1 and <= 100 ? given : throw new UsageException("invalid_option", "--limit must be 1 to 100.");
                var list = await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"tasks?limit={most}"), MeshJson.Default.TaskList, cancellation);
                Show(surroundings, arguments.GetValue(json), JsonSerializer.Serialize(list, MeshJson.Default.TaskList), () => TaskTables.Many(surroundings, list.Tasks));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Result(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("task") { Description = "Its id." };
        var wait = new Option<bool>("--wait", "-w") { Description = "Follow it to its end first." };
        var output = new Option<string?>("--out", "-o") { Description = "Where the code goes." };
        var force = new Option<bool>("--force") { Description = "Let --out replace a file." };
        var command = new Command("result", "The verified code of a task.") { id, wait, output, force };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var place = arguments.GetValue(output) is { } path ? OutputFile.Prepare(path, arguments.GetValue(force)) : null;
                using var api = CoordinatorApi.Open(surroundings);
                var task = arguments.GetValue(id)!;
                return arguments.GetValue(wait)
                    ? await TaskFollowing.ToTheEndAsync(surroundings, api, [new(task, TaskState.Submitted, [])], arguments.GetValue(json), place, arguments.GetValue(output), cancellation)
                    : await TaskFollowing.ShowAsync(surroundings, api, task, arguments.GetValue(json), place, arguments.GetValue(output), cancellation);
            },
            cancellationToken));
        return command;
    }

    private static Command Explain(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("task") { Description = "A task's id, or a node's with --node." };
        var node = new Option<bool>("--node") { Description = "Explain a node instead of a task; for operators." };
        var command = new Command("explain", "Why a task waits, or why a node gets no work, and what to do.") { id, node };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var name = arguments.GetValue(id)!;
                if (arguments.GetValue(node))
                {
                    var text = await api.GetTextAsync($"agents/{Uri.EscapeDataString(name)}/explain", asOperator: true, cancellation);
                    var agent = JsonSerializer.Deserialize(text, MeshJson.Default.AgentExplanation)!;
                    Show(surroundings, arguments.GetValue(json), text, () => TaskTables.Explain(surroundings, agent));
                    return ExitCode.Success;
                }

                var explanation = await api.GetAsync(Path(name) + "/explain", MeshJson.Default.TaskExplanation, cancellation);
                Show(surroundings, arguments.GetValue(json), JsonSerializer.Serialize(explanation, MeshJson.Default.TaskExplanation), () => TaskTables.Explain(surroundings, explanation));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Cancel(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("task") { Description = "Its id." };
        var reason = new Option<string?>("--reason") { Description = "Why; kept with the task." };
        var command = new Command("cancel", "Stop a task. What was already reported is still verified and paid.") { id, reason };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var task = arguments.GetValue(id)!;
                var answer = await api.PostAsync(Path(task) + "/cancel", new CancelRequest(arguments.GetValue(reason)), MeshJson.Default.CancelRequest, MeshJson.Default.TaskAccepted, cancellation);
                Show(surroundings, arguments.GetValue(json), JsonSerializer.Serialize(answer, MeshJson.Default.TaskAccepted), () => surroundings.Console.WriteLine($"Task {SafeText.ForTerminal(task)} is cancelled."));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static string Path(string task) => $"tasks/{Uri.EscapeDataString(task)}";

    private static void Show(Surroundings surroundings, bool json, string text, Action show)
    {
        if (json)
        {
            surroundings.Output.WriteLine(text);
        }
        else
        {
            show();
        }
    }
}
