using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder models</c>: which models there are, getting one, choosing one.</summary>
internal static class ModelsCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new("models", "List, get, choose and remove models.")
    {
        List(surroundings, json), Pull(surroundings, json), Add(surroundings, json), Use(surroundings, json), Remove(surroundings, json), One(surroundings, json), Preflight(surroundings, json),
    };

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("list", "The models that can be used now, and those that can be pulled.");
        SetAction(command, surroundings, json, dataClass: "team", async (arguments, hub, cancellation) =>
        {
            // One server that is down hides its own models, not those of the others.
            var models = await hub.ListAsync(fault => surroundings.Error.WriteLine(SafeText.ForTerminal(fault.Message)), cancellation);
            if (arguments.GetValue(json))
            {
                surroundings.Output.WriteLine(JsonSerializer.Serialize(models, ProgramJson.Default.IReadOnlyListListedModel));
            }
            else
            {
                Show(surroundings.Console, models);
                SayWhatIsMissing(surroundings.Console, models);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command Pull(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("model") { Description = "Id of the catalogue, for instance qwen2.5-coder:1.5b; or the name to give to a model that --from names." };
        var from = new Option<string?>("--from") { Description = "Address of a GGUF file, on the list of allowed sources." };
        var sha256 = new Option<string?>("--sha256") { Description = "Its SHA-256, from the page of whoever published it." };
        var manifest = new Option<string?>("--manifest") { Description = "File with a coordinator's signed manifest of the model, as GET /models/manifests gives it; see docs/model-manifests.md." };
        var signer = new Option<string?>("--signer") { Description = "The coordinator that you trust with it and its key, as PEERID=FILE." };
        var command = new Command("pull", "Get a model: resumable, pinned by its digest, with progress.") { id, from, sha256, manifest, signer };
        SetAction(command, surroundings, json, dataClass: "local", async (arguments, hub, cancellation) =>
        {
            using var progress = surroundings.Progress(arguments.GetValue(json));
            var view = new TransferView(progress, surroundings.Interactive);
            var (model, source, digest) = (arguments.GetValue(id)!, arguments.GetValue(from), arguments.GetValue(sha256));
            if (source is null && digest is not null)
            {
                throw new UsageException("invalid_option", "--sha256 goes with --from.", "A model of the catalogue has its digest there.");
            }

            var choice = arguments.GetValue(manifest) is { } named
                ? await hub.PullFromAsync(SignedManifest.Read(surroundings, model, named, arguments.GetValue(signer), hub.Sources), view, cancellation)
                : source is null
                ? await hub.PullAsync(model, view, cancellation)
                : await hub.PullFromAsync(DownloadFrom(model, source, digest), view, cancellation);
            progress.Clear();
            return Done(surroundings, arguments.GetValue(json), choice, $"{choice.ModelId} is here.");
        });
        return command;
    }

    private static Command Add(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("model") { Description = "The name to give to it." };
        var file = new Argument<string>("file") { Description = "A GGUF file of this machine." };
        var sha256 = new Option<string?>("--sha256") { Description = "Its SHA-256, when you know it: a file with another one is refused." };
        var command = new Command("add", "Put a GGUF file of this machine into the store.") { id, file, sha256 };
        SetAction(command, surroundings, json, dataClass: "local", async (arguments, hub, cancellation) =>
        {
            using var progress = surroundings.Progress(arguments.GetValue(json));
            var digest = arguments.GetValue(sha256) is { } text ? ModelDigest.Parse(text) : (ModelDigest?)null;
            var choice = await hub.AddFileAsync(arguments.GetValue(id)!, arguments.GetValue(file)!, digest, new TransferView(progress, surroundings.Interactive), cancellation);
            progress.Clear();
            return Done(surroundings, arguments.GetValue(json), choice, $"{choice.ModelId} is in the store.");
        });
        return command;
    }

    private static Command Use(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("model") { Description = "Exact id, or PROVIDER/ID." };
        var command = new Command("use", "Make a model the active one.") { id };
        SetAction(command, surroundings, json, dataClass: "team", async (arguments, hub, cancellation) =>
        {
            var choice = await hub.UseAsync(arguments.GetValue(id)!, cancellation);
            return Done(surroundings, arguments.GetValue(json), choice, $"{choice.ModelId} ({choice.Provider}) is the active model.");
        });
        return command;
    }

    private static Command Remove(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("model") { Description = "Exact id, or PROVIDER/ID." };
        var command = new Command("remove", "Delete a model from this machine.") { id };
        SetAction(command, surroundings, json, dataClass: "local", async (arguments, hub, cancellation) =>
        {
            await hub.RemoveAsync(arguments.GetValue(id)!, cancellation);
            if (!arguments.GetValue(json))
            {
                surroundings.Console.WriteLine($"{arguments.GetValue(id)} is removed.");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command One(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("model") { Description = "Exact id, or PROVIDER/ID." };
        var command = new Command("show", "What is known of one model.") { id };
        SetAction(command, surroundings, json, dataClass: "team", async (arguments, hub, cancellation) =>
        {
            var model = await hub.ShowAsync(arguments.GetValue(id)!, cancellation);
            if (arguments.GetValue(json))
            {
                surroundings.Output.WriteLine(JsonSerializer.Serialize(model, ProgramJson.Default.ListedModel));
                return ExitCode.Success;
            }

            Show(surroundings.Console, [model]);
            surroundings.Tell($"digest {model.Digest}; reach {model.Reach}{(model.Fim ? "; fills gaps" : "")}{(model.Embeddings ? "; made for embeddings" : "")}");
            if (model.Abilities is { } abilities)
            {
                surroundings.Tell($"{abilities}.");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command Preflight(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string?>("model") { Description = "Exact id; default: the model that a run would use.", Arity = ArgumentArity.ZeroOrOne };
        var seconds = new Option<int>("--seconds") { Description = "Longest time to spend.", DefaultValueFactory = _ => 120 };
        var command = new Command("preflight", "Prove a model's context window and measure its speed.") { id, seconds };
        SetAction(command, surroundings, json, dataClass: "team", async (arguments, hub, cancellation) =>
        {
            using var progress = surroundings.Progress(arguments.GetValue(json));
            var report = await hub.PreflightAsync(arguments.GetValue(id), TimeSpan.FromSeconds(arguments.GetValue(seconds)), new Progress<string>(progress.Show), cancellation);
            progress.Clear();
            if (arguments.GetValue(json))
            {
                surroundings.Output.WriteLine(JsonSerializer.Serialize(report, ProgramJson.Default.PreflightReport));
            }
            else
            {
                surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.ModelId}: {report.ProvenWindow:N0} tokens proven. {report.Why}"));
                if (report.Abilities is { } abilities)
                {
                    surroundings.Console.WriteLine($"{abilities}.");
                }
            }

            return report.ProvenWindow > 0 ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }

    private static void SetAction(Command command, Surroundings surroundings, Option<bool> json, string dataClass, Func<ParseResult, ModelHub, CancellationToken, Task<ExitCode>> action) =>
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                await using var hub = ModelParts.Hub(surroundings, surroundings.Directories(), dataClass);
                return await action(arguments, hub, cancellation);
            },
            cancellationToken));

    private static DownloadRequest DownloadFrom(string model, string source, string? digest) => new()
    {
        Description = new() { ModelId = model },
        Source = Uri.TryCreate(source, UriKind.Absolute, out var address) ? address : throw new UsageException("invalid_option", $"--from must be an address, not '{source}'."),
        Digest = ModelDigest.Parse(digest ?? throw new UsageException("invalid_option", "--from needs --sha256.", "The page of the model's publisher shows it. Nothing is downloaded unpinned.")),
    };

    private static ExitCode Done(Surroundings surroundings, bool json, ModelChoice choice, string message)
    {
        if (json)
        {
            surroundings.Output.WriteLine(JsonSerializer.Serialize(choice, ProgramJson.Default.ModelChoice));
        }
        else
        {
            surroundings.Console.WriteLine(SafeText.ForTerminal(message));
        }

        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<ListedModel> models)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("", "Model", "Provider", "Size", "Window", "Licence", "");
        foreach (var model in models)
        {
            table.AddRow(
                new Text(model.Active ? "*" : ""),
                new Text(SafeText.ForTerminal(model.ModelId)),
                new Text(SafeText.ForTerminal(model.Provider)),
                new Text(string.Join(' ', new[] { model.ParamSize, model.Quantization, TransferView.Size(model.SizeBytes) }.Where(part => !string.IsNullOrEmpty(part)))),
                new Text(model.ProvenContext is { } window ? window.ToString("N0", CultureInfo.InvariantCulture) : ""),
                new Text(SafeText.ForTerminal(model.License ?? "")),
                new Text(SafeText.ForTerminal(string.Join("; ", new[] { model.Installed ? null : "not here yet", model.Note }.OfType<string>()))));
        }

        console.Write(table);
    }

    private static void SayWhatIsMissing(IAnsiConsole console, IReadOnlyList<ListedModel> models)
    {
        if (!models.Any(model => model.Installed && model.ModelId != DemonstrationModel.ModelId))
        {
            console.WriteLine($"Only the demonstration model is here. Get a real one: {ModelHub.GetAModel}");
        }
    }
}
