using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>Keeps processes of a sandbox warm where it can be done, and has every sandbox begin with the canaries.</summary>
internal static class WarmStart
{
    /// <summary>Zygotes, or spare processes, at most: jobs of a language that run at the same time.</summary>
    public static int Lanes => Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>The sandbox as the executor uses it.</summary>
    public static ISandbox Of(SandboxReadiness ready, ExecutorOptions options)
    {
        if (ready.Sandbox is not LauncherSandbox launcher || !options.Warm)
        {
            return new CanarySandbox(ready.Sandbox!);
        }

        if (launcher.Language == SnippetLanguage.JavaScript)
        {
            return new CanarySandbox(new SpareProcesses(launcher, launcher.Command, options.Time, Lanes) { ColdFirst = options.WarmAfter });
        }

        var proof = new SandboxProof(options, launcher.Planner.Interpreter, $"warm-{launcher.Planner.Mode}", launcher.Identity.Digest);
        return new WarmPool(new CanarySandbox(launcher), () => WarmPython.Start(launcher.Tool, launcher.Planner), options.Time, Lanes) { ColdFirst = options.WarmAfter, ProveAsync = pool => ProveAsync(pool, proof) };
    }

    // A child of a zygote is locked in by other code than a process of its own, so it is tested by itself.
    private static async Task<string?> ProveAsync(WarmPool pool, SandboxProof proof)
    {
        if (proof.IsRemembered)
        {
            return null;
        }

        var (_, refusal) = await SelfTest.RunAsync(pool.WarmOnly, CancellationToken.None).ConfigureAwait(false);
        if (refusal is null)
        {
            proof.Remember();
        }

        return refusal?.Reason;
    }
}
