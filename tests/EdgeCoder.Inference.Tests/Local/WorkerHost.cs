using System.Reflection;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Local.Worker;

namespace EdgeCoder.Inference.Tests.Local;

/// <summary>Where the built worker program is.</summary>
internal static class WorkerHost
{
    private static string FileName { get; } =
        typeof(WorkerHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "WorkerHost").Value!
        + (OperatingSystem.IsWindows() ? ".exe" : "");

    /// <summary>The real worker, small.</summary>
    public static LlamaWorkerOptions Options => Broken(LlamaWorker.Command);

    /// <summary>A worker that is broken in this way; see its <c>Program.cs</c>. One that is slow on a busy machine does not count as one that hangs.</summary>
    public static LlamaWorkerOptions Broken(string way) => new()
    {
        FileName = FileName,
        Arguments = [way],
        Slots = 4,
        AnswerLimit = TimeSpan.FromMinutes(2),
    };
}
