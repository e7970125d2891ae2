using System.Reflection;
using EdgeCoder.Inference.Local.Worker;

namespace EdgeCoder.Inference.Local;

/// <summary>How the worker process is started and when it is given up.</summary>
public sealed record LlamaWorkerOptions
{
    /// <summary>The program to start.</summary>
    public required string FileName { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [LlamaWorker.Command];

    /// <summary>Most tokens of the context; null for what the model and the memory allow.</summary>
    public int? ContextSize { get; init; }

    /// <summary>Generations at the same time; null for two per core, at most 8.</summary>
    public int? Slots { get; init; }

    /// <summary>Threads that compute; null for all cores but one, and one for a small model.</summary>
    public int? Threads { get; init; }

    /// <summary>How often a worker with open requests is looked after.</summary>
    public TimeSpan WatchEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A worker that said nothing for this long is asked how it is.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A worker that does not answer that question for this long hangs.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A single step of the model that takes longer hangs. Generous: a chunk of a long prompt of a large model on a slow processor is one step.</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Starts this same program again, as <c>llm-worker</c>, whether it runs by its own name or as <c>dotnet edgecoder.dll</c>.</summary>
    public static LlamaWorkerOptions OfThisProgram()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is not known.");
        return Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? new() { FileName = process, Arguments = [Assembly.GetEntryAssembly()!.Location, LlamaWorker.Command] }
            : new() { FileName = process };
    }
}
