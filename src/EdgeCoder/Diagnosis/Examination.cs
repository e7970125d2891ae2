using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Settings;
using EdgeCoder.Terminal;

namespace EdgeCoder.Diagnosis;

/// <summary>Looks at everything a run needs, in the order in which a run needs it. A fault in one thing does not hide the next.</summary>
internal sealed class Examination(Surroundings surroundings, ProgressLine progress)
{
    /// <summary>Less free space than this is a warning: a small model has about 1 GB.</summary>
    public const long EnoughDisk = 2L << 30;

    /// <summary>Less free space than this is a fault: not even a session can be kept.</summary>
    public const long LeastDisk = 64L << 20;

    /// <summary>Time for proving a model's window. What it proves more slowly is proven at the first use.</summary>
    private static readonly TimeSpan PreflightTime = TimeSpan.FromSeconds(30);

    /// <summary>The findings as they come.</summary>
    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new("runtime", FindingState.Ok, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores");
        var directories = surroundings.Directories();
        yield return Disk(directories.Data);
        foreach (var finding in Settings(directories))
        {
            yield return finding;
        }

        yield return NativeLibrary();

        progress.Show("testing the sandbox");
        var sandbox = await ExecutorProbe.RunAsync(ExecutorParts.Options(surroundings, directories), cancellationToken);
        foreach (var finding in Sandbox(sandbox))
        {
            yield return finding;
        }

        yield return await CommandsAsync(ExecutorParts.Options(surroundings, directories), cancellationToken);

        await using var hub = ModelParts.Hub(surroundings, directories, "team");
        progress.Show("asking the model providers");
        foreach (var (provider, health) in await hub.HealthAsync(cancellationToken))
        {
            yield return new("provider", health.Ok ? FindingState.Ok : FindingState.Warning, $"{provider}: {health.Reason}");
        }

        yield return await ModelAsync(hub, cancellationToken);
        progress.Show("checking the books");
        if (await Books.LookAsync(surroundings, cancellationToken) is { } books)
        {
            yield return books;
        }
    }

    /// <summary>Free space of the disk that holds the data directory.</summary>
    public static Finding DiskSpace(string directory, long freeBytes) => freeBytes switch
    {
        < LeastDisk => new("disk", FindingState.Fault, $"{TransferView.Size(freeBytes)} free for {directory}", "Free some space, or set EDGECODER_DATA_DIR to another disk."),
        < EnoughDisk => new("disk", FindingState.Warning, $"{TransferView.Size(freeBytes)} free for {directory}", "A model needs 1 GiB and more. Free some space before you pull one."),
        _ => new("disk", FindingState.Ok, $"{TransferView.Size(freeBytes)} free for {directory}"),
    };

    private static Finding Disk(string directory)
    {
        var probe = Path.Combine(directory, $".doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return DiskSpace(directory, new DriveInfo(directory).AvailableFreeSpace);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new("disk", FindingState.Fault, $"{directory} cannot be written: {fault.Message}", "Check its owner and mode, or set EDGECODER_DATA_DIR.");
        }
    }

    private IEnumerable<Finding> Settings(ProgramDirectories directories)
    {
        var file = Path.Combine(directories.Config, ModelSettingsReader.FileName);
        var warnings = ModelSettingsReader.Read(directories.Data, directories.Config, surroundings.Environment).Warnings;
        yield return new("settings", FindingState.Ok, File.Exists(file) ? file : $"defaults; {file} would change them");
        foreach (var warning in warnings)
        {
            yield return new("settings", FindingState.Warning, warning, "docs/models.md lists every setting.");
        }
    }

    private static Finding NativeLibrary()
    {
        try
        {
            return new("llama.cpp", FindingState.Ok, LlamaLibrary.Load());
        }
        catch (Exception fault) when (fault is ModelException or DllNotFoundException or BadImageFormatException)
        {
            return new("llama.cpp", FindingState.Fault, fault.Message, (fault as ModelException)?.Hint ?? "Build again: ./edgecoder --build-only. Without it only Ollama and OpenAI-compatible servers can answer.");
        }
    }

    private static IEnumerable<Finding> Sandbox(SandboxReport report)
    {
        foreach (var attempt in report.Attempts)
        {
            var state = attempt.State == SandboxState.Available ? FindingState.Ok : report.Active is null && attempt.State == SandboxState.Unavailable ? FindingState.Fault : FindingState.Warning;
            if (attempt.State != SandboxState.NotHere)
            {
                yield return new("sandbox", state, $"{attempt.Backend} ({attempt.Mechanism}): {attempt.Reason}", attempt.Remedy);
            }
        }

        var elsewhere = report.Attempts.Where(attempt => attempt.State == SandboxState.NotHere).Select(attempt => $"{attempt.Backend} ({attempt.Reason})");
        var processes = report.Active is null ? "none for Python and node" : $"{report.Active} for Python and node";
        var scripts = report.Attempts.Any(attempt => attempt is { Backend: "wasm", State: SandboxState.Available }) ? "wasm for other JavaScript" : "none for other JavaScript";
        yield return new("sandbox", report.Active is null ? FindingState.Warning : FindingState.Ok, $"active: {processes}, {scripts}; not here: {string.Join(", ", elsewhere)}");

        foreach (var interpreter in report.Interpreters)
        {
            var found = interpreter.State == SandboxState.Available;
            // Python is the default language; JavaScript is missed only by those who ask for it.
            var state = found ? FindingState.Ok : interpreter.Language == SnippetLanguage.Python ? FindingState.Fault : FindingState.Warning;
            yield return new(interpreter.Language == SnippetLanguage.Python ? "python" : "javascript", state, found ? $"{interpreter.Path} {interpreter.Version}" : interpreter.Reason, interpreter.Remedy);
        }

        foreach (var canary in report.Canaries.Where(canary => !canary.Contained))
        {
            yield return new("canary", FindingState.Fault, $"{canary.Name}: {canary.Detail}", "This back-end is not used. Please report it.");
        }
    }

    // Programs of a project have an isolation of their own; without it a repository can be looked at and not worked in.
    private static async Task<Finding> CommandsAsync(ExecutorOptions options, CancellationToken cancellationToken) =>
        await new ProjectSandbox(options).PrepareAsync(cancellationToken) is { } refusal
            ? new("commands", FindingState.Warning, $"a project's tests and commands cannot run: {refusal.Message}", refusal.Remedy)
            : new("commands", FindingState.Ok, "a project's tests and commands run in namespaces, with Landlock and a system-call filter; canaries were contained");

    private async Task<Finding> ModelAsync(ModelHub hub, CancellationToken cancellationToken)
    {
        try
        {
            progress.Show("opening the model");
            await using var selected = await hub.OpenAsync(new ModelRequest(), new Progress<string>(progress.Show), cancellationToken);
            var identity = selected.Model.Identity;
            if (selected.Model.IsDemonstration)
            {
                return new("model", FindingState.Warning, $"{identity.Id}: {selected.Notice}", $"{ModelHub.GetAModel}, or point at Ollama or any OpenAI-compatible server: docs/models.md");
            }

            var report = await hub.PreflightAsync(null, PreflightTime, new Progress<string>(progress.Show), cancellationToken);
            return report.ProvenWindow > 0
                ? new("model", FindingState.Ok, string.Create(CultureInfo.InvariantCulture, $"{identity.Id} ({identity.Provider}), {selected.Why}; {report.ProvenWindow:N0} tokens proven. {report.Why}{(report.Abilities is { } abilities ? $" {abilities}." : "")}"))
                : new("model", FindingState.Fault, $"{identity.Id} ({identity.Provider}): no window proven. {report.Why}", "Give its server a larger context, or choose another model: edgecoder models list");
        }
        catch (ModelException fault)
        {
            return new("model", FindingState.Fault, fault.Message, fault.Hint);
        }
    }
}
