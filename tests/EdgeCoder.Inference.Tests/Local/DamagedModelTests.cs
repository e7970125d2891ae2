using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Local;

/// <summary>Over a hundred damaged files that nobody vouched for: each is opened, or refused with a reason, and the caller lives on.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task No_damaged_file_takes_the_caller_down()
    {
        var files = DamagedModels.All().ToList();
        Assert.True(files.Count >= 120, $"{files.Count}");
        var (refused, crashed) = (0, 0);
        WorkerProcess? worker = null;
        foreach (var (name, bytes) in files)
        {
            var path = _directory[name + ".gguf"];
            await File.WriteAllBytesAsync(path, bytes, Cancellation);
            worker ??= WorkerProcess.Start(WorkerHost.Options, TimeProvider.System);
            var outcome = await TryAsync(worker.Connection, path);
            Assert.True(outcome is "" or "model_file_invalid" or "worker_gone" or "out_of_memory" or "inference_failed" or "context_length_exceeded", $"{name}: {outcome}");
            refused += outcome.Length > 0 ? 1 : 0;
            if (outcome == "worker_gone")
            {
                // What this is for: the library ended its process, and only its process.
                crashed++;
                await worker.DisposeAsync();
                worker = null;
            }
        }

        if (worker is not null)
        {
            await worker.DisposeAsync();
        }

        TestContext.Current.SendDiagnosticMessage($"{files.Count} files, {refused} refused, {crashed} of these by the end of the worker");

        // Some damage is harmless, such as a flipped bit in a name that nobody reads. Most is not.
        Assert.True(refused > files.Count / 2, $"only {refused} of {files.Count} were refused");
    }

    /// <summary>Empty when the file could be used after all, or the code of the error.</summary>
    private static async Task<string> TryAsync(WorkerConnection connection, string path)
    {
        try
        {
            await connection.AskAsync(id => new() { Id = id, Load = new() { Path = path, ContextSize = 512, Slots = 1 } }, progress: null, Cancellation);
            await connection.AskAsync(id => new() { Id = id, Generate = new() { Prompt = "the return", MaxTokens = 4 } }, progress: null, Cancellation);
            return "";
        }
        catch (ModelException error)
        {
            return error.Code;
        }
    }
}
