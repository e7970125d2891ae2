using System.CommandLine;
using System.Text.Json;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Diagnosis;
using EdgeCoder.Terminal;
using EdgeCoder.Workers;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder worker</c>: this machine works for a coordinator.</summary>
internal static class WorkerCommand
{
    /// <summary>Name of the group; its commands handle Ctrl-C themselves.</summary>
    public const string Name = "worker";

    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new(Name, "Let this machine work for a coordinator, in its sandbox, with its own model.")
    {
        Join(surroundings, json),
        Run(surroundings, json),
        Try(surroundings, json),
        Rotate(surroundings, json),
    };

    private static Command Join(Surroundings surroundings, Option<bool> json)
    {
        var code = new Argument<string>("code") { Description = "The code that the portal shows or edgecoder node enroll printed; - reads it from standard input, where no other process sees it." };
        var command = new Command("join", "Enrol this machine with a one-use code and begin to work.") { code };
        command.SetAction((arguments, cancellationToken) => GuardAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var text = arguments.GetRequiredValue(code);
                if (text == "-")
                {
                    using var reader = new StreamReader(surroundings.Input());
                    text = await reader.ReadLineAsync(cancellation) ?? "";
                }

                var files = WorkerFiles.Of(surroundings);
                using (files.Lock())
                {
                    WorkerJoining.Join(files, JoinCode.Parse(text));
                }

                return await WorkAsync(surroundings, files, arguments.GetValue(json), cancellation);
            },
            cancellationToken));
        return command;
    }

    private static Command Run(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("run", "Work for the coordinator that this machine has joined. Ctrl-C once: finish what runs; twice: give it back.");
        command.SetAction((arguments, cancellationToken) => GuardAsync(
            surroundings, arguments.GetValue(json), cancellation => WorkAsync(surroundings, WorkerFiles.Of(surroundings), arguments.GetValue(json), cancellation), cancellationToken));
        return command;
    }

    private static Command Try(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("try", "Check everything that work needs, without working: coordinator, key, approval, sandbox, model, power.");
        command.SetAction((arguments, cancellationToken) => GuardAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var progress = surroundings.Progress(arguments.GetValue(json));
                var findings = new List<Finding>();
                await foreach (var finding in new WorkerTrial(surroundings, WorkerFiles.Of(surroundings), progress).RunAsync(cancellation))
                {
                    findings.Add(finding);
                    if (!arguments.GetValue(json))
                    {
                        progress.Erase();
                        FindingView.Show(surroundings, finding);
                    }
                }

                progress.Clear();
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(JsonSerializer.Serialize(findings, ProgramJson.Default.IReadOnlyListFinding));
                }

                return findings.Any(finding => finding.State == FindingState.Fault) ? ExitCode.Failed : ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Rotate(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("rotate-key", "Make a new key; the next start hands over to it with a statement that the old key signs.");
        command.SetAction((arguments, cancellationToken) => GuardAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                var files = WorkerFiles.Of(surroundings);
                using var only = files.Lock();
                if (files.KeyOwner is not { } agentId)
                {
                    throw new WorkerException("not_joined", "This machine has no key yet.", "Join a coordinator first: edgecoder worker join <code>");
                }

                using var keys = WorkerKeys.Open(files.Keys, agentId);
                var statement = keys.Rotate(surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds());
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(System.Text.Encoding.UTF8.GetString(statement));
                }
                else
                {
                    surroundings.Tell($"A new key for {agentId} is made. It takes over at the next start: edgecoder worker run");
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    /// <summary>Works until somebody ends it.</summary>
    private static async Task<ExitCode> WorkAsync(Surroundings surroundings, WorkerFiles files, bool json, CancellationToken cancellationToken)
    {
        using var only = files.Lock();
        var choices = WorkerChoices.Read(surroundings, files, new WorkerState(files.State).Memory);
        using var progress = surroundings.Progress(json);
        var view = new WorkerView(surroundings, json, progress);
        void Tell(string type, string message, string? code = null) =>
            view.Show(new() { Type = type, AtMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), Message = message, Code = code });

        using var interrupts = new WorkerInterrupts(
            listens: true,
            back => Tell(WorkerEventTypes.Stopping, back ? "Stopping: running work is given back." : "Stopping: what runs comes to its end and no new work is taken. Ctrl-C again gives it back now.", back ? "stop" : "drain"),
            cancellationToken);
        await using var worker = await OpenWorker.OpenAsync(surroundings, files, choices, view.Show, new Progress<string>(progress.Show), interrupts.Stop);
        var (model, sandbox) = (worker.Parts.Models.Active, worker.Parts.Sandbox);
        Tell(WorkerEventTypes.Notice, $"Node {choices.Worker.AgentId}, key {worker.Parts.Keys.Signing.PublicKey.KeyId} (in the portal SHA256:{worker.Parts.Keys.Signing.PublicKey.SpkiSha256[..16]}). Model {model.Claim.ModelId} with a proven window of {model.Claim.ProvenContext:N0} tokens.", "ready");
        if (worker.Notice is { } notice)
        {
            Tell(WorkerEventTypes.Notice, notice, "model");
        }

        Tell(WorkerEventTypes.Notice, sandbox.Works ? $"Sandbox {sandbox.Mode} works." : $"No sandbox: only text work can be done here. {sandbox.Reason} See: edgecoder doctor", sandbox.Mode);
        await new WorkerRuntime(worker.Parts).RunAsync(interrupts.Drain, interrupts.Stop);
        Tell(WorkerEventTypes.Stopping, "Stopped.", "stopped");
        return interrupts.Stop.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Success;
    }

    private static Task<int> GuardAsync(Surroundings surroundings, bool json, Func<CancellationToken, Task<ExitCode>> action, CancellationToken cancellationToken) => Guard.RunAsync(
        surroundings,
        json,
        async cancellation =>
        {
            try
            {
                return await action(cancellation);
            }
            catch (WorkerException fault)
            {
                Guard.Report(surroundings, json, fault.Code, fault.Message, fault.Hint);
                return fault.Code is "join_code_invalid" or "agent_id_changed" ? ExitCode.Usage : ExitCode.Failed;
            }
        },
        cancellationToken);
}
