using System.Security.Cryptography;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Warm;
using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor;

/// <summary>Runs snippets in the isolation of this machine. One instance serves a process; it is safe to use from several threads.</summary>
public sealed class CodeExecutor : ICodeExecutor, IAsyncDisposable
{
    private readonly ExecutorOptions options;
    private readonly Dictionary<SnippetLanguage, Lazy<Task<SandboxReadiness>>> readiness;
    private readonly Func<SnippetLanguage, Task<SandboxReadiness>> find;
    private readonly JavaScriptRouter javaScript;
    private readonly bool subset;

    internal CodeExecutor(ExecutorOptions options, bool subset)
        : this(options, subset, language => FindAsync(options, language))
    {
    }

    /// <summary>With a way to find the isolation: tests of the canaries put a weak one here.</summary>
    internal CodeExecutor(ExecutorOptions options, bool subset, Func<SnippetLanguage, Task<SandboxReadiness>> find)
    {
        this.options = options;
        this.subset = subset;
        this.find = find;
        readiness = Enum.GetValues<SnippetLanguage>().ToDictionary(language => language, NewReadiness);
        javaScript = new JavaScriptRouter(options, subset, cancellationToken => ReadyAsync(SnippetLanguage.JavaScript, cancellationToken));
    }

    /// <summary>Makes an executor. Nothing is started: isolation is looked for and tested before the first run of each language.</summary>
    /// <exception cref="ArgumentException"><c>sandbox_required</c>: the mode is none although a sandbox is required.</exception>
    public static CodeExecutor Create(ExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options is { Mode: SandboxMode.None, SandboxRequired: true }
            ? throw new ArgumentException("sandbox_required: SANDBOX_REQUIRED is true, so SANDBOX_MODE must not be 'none'.", nameof(options))
            : new CodeExecutor(options, subset: true);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// 1. limits and policy; 2. isolation, tested on this machine; 3. the request's files; 4. the run; 5. the verdict.
    /// </remarks>
    public async Task<RunResult> RunAsync(RunRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();

        // 1.
        var (limits, fault) = LimitPlan.Read(request.Language, request.Limits);
        if (limits is null)
        {
            var defaults = LimitPlan.Read(request.Language, new RequestedLimits()).Plan!;
            return RunVerdict.Refused(request.Language, defaults.ToRunLimits(), QueueReason.PolicyDenied, $"policy_denied: {fault}");
        }

        var shown = limits.ToRunLimits();
        if (options.Mode == SandboxMode.None)
        {
            return RunVerdict.Refused(request.Language, shown, QueueReason.PolicyDenied, "policy_denied: SANDBOX_MODE is 'none', so this machine runs no code");
        }

        // JavaScript has two back-ends, and each program its own.
        if (request.Language == SnippetLanguage.JavaScript && javaScript.Serves)
        {
            return await javaScript.RunAsync(request, limits, cancellationToken).ConfigureAwait(false);
        }

        // 2.
        var ready = await ReadyAsync(request.Language, cancellationToken).ConfigureAwait(false);
        if (ready.Sandbox is not { } sandbox)
        {
            return RunVerdict.Refused(request.Language, shown, QueueReason.SandboxUnavailable, $"sandbox_unavailable: {ready.Refusal!.Message}");
        }

        // 3.
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var (frame, refusal, _) = SnippetFrame.Build(request, key, subset, limits, canary: false);
        if (frame is null)
        {
            return RunVerdict.Refused(request.Language, shown, refusal!, sandbox.Identity);
        }

        // 4. and 5.
        byte[] CanaryFrame() => SnippetFrame.Build(request, key, subset, limits, canary: true).Frame!;
        return await SandboxedRun.RunAsync(sandbox, request, limits, frame, CanaryFrame, key, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(SnippetLanguage language, CancellationToken cancellationToken)
    {
        if (language == SnippetLanguage.JavaScript && javaScript.Serves)
        {
            await javaScript.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (options.Mode != SandboxMode.None)
        {
            (await ReadyAsync(language, cancellationToken).ConfigureAwait(false)).Sandbox?.Warm();
        }
    }

    /// <summary>Sandboxed processes that are kept for the runs to come.</summary>
    internal int Kept
    {
        get
        {
            lock (readiness)
            {
                return readiness.Values.Where(found => found is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }).Sum(found => found.Value.Result.Sandbox?.Kept ?? 0);
            }
        }
    }

    /// <summary>Ends what is warm. A run that goes on is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        await javaScript.DisposeAsync().ConfigureAwait(false);
        List<Lazy<Task<SandboxReadiness>>> known;
        lock (readiness)
        {
            known = [.. readiness.Values];
        }

        foreach (var found in known.Where(found => found.IsValueCreated))
        {
            if (await found.Value.ConfigureAwait(false) is { Sandbox: { } sandbox })
            {
                await sandbox.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static async Task<SandboxReadiness> FindAsync(ExecutorOptions options, SnippetLanguage language)
    {
        var ready = await SandboxReadiness.FindAsync(options, language, again: false, CancellationToken.None).ConfigureAwait(false);
        return ready.Sandbox is null ? ready : ready with { Sandbox = WarmStart.Of(ready, options) };
    }

    // A search that was cancelled or failed is not remembered; a machine that has no sandbox is asked again, because a remedy may have been applied.
    private async Task<SandboxReadiness> ReadyAsync(SnippetLanguage language, CancellationToken cancellationToken)
    {
        Lazy<Task<SandboxReadiness>> current;
        lock (readiness)
        {
            if (readiness[language] is { IsValueCreated: true, Value: { IsCompleted: true } done } && (!done.IsCompletedSuccessfully || done.Result.Sandbox is null))
            {
                readiness[language] = NewReadiness(language);
            }

            current = readiness[language];
        }

        try
        {
            return await current.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (SandboxedRun.IsFaultOfTheMachine(exception))
        {
            return new SandboxReadiness { Refusal = new SandboxRefusal($"The sandbox could not be tested: {exception.Message}", null) };
        }
    }

    private Lazy<Task<SandboxReadiness>> NewReadiness(SnippetLanguage language) => new(() => find(language));
}
