using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation;

/// <summary>What the back-ends of macOS and Windows have in common: directories of their own for each run, one process per job.</summary>
internal abstract class StreamedSandbox : ISandbox
{
    private readonly TimeProvider time;

    /// <summary>Puts it together.</summary>
    protected StreamedSandbox(string backend, string mechanism, Interpreter interpreter, TimeProvider time)
    {
        this.time = time;
        Interpreter = interpreter;
        Runner = RunnerFiles.For(interpreter.Language);
        Identity = new SandboxIdentity { Backend = backend, Digest = DigestOf(mechanism) };
    }

    /// <inheritdoc/>
    public SnippetLanguage Language => Interpreter.Language;

    /// <inheritdoc/>
    public SandboxIdentity Identity { get; }

    /// <summary>The interpreter.</summary>
    protected Interpreter Interpreter { get; }

    /// <summary>The runner.</summary>
    protected RunnerFiles Runner { get; }

    /// <inheritdoc/>
    public async Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return SandboxOutcome.CancelledBeforeStart(job);
        }

        var begin = time.GetTimestamp();
        using var place = new RunDirectory(Runner.Files, job.Stdin ?? []);
        await using var process = Start(place, job);
        return await StreamedRun.RunAsync(process, job, begin, time, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts the runner.</summary>
    protected abstract StreamedProcess Start(RunDirectory place, SandboxJob job);

    private string DigestOf(string mechanism)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{mechanism}\n{Environment.OSVersion.VersionString}\n{Interpreter.Path}\n{Interpreter.Version}\n{Interpreter.FileStamp}\n"));
        foreach (var (_, content) in Runner.Files)
        {
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
