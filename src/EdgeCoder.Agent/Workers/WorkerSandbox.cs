using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Workers;

/// <summary>The sandbox that proved itself.</summary>
/// <param name="Mode">Name on the wire; <c>none</c>: this node runs no code.</param>
/// <param name="Digest">Digest of its parts.</param>
/// <param name="Languages">Languages that it runs.</param>
/// <param name="Reason">Why there is none; null when there is one.</param>
public sealed record WorkerSandbox(string Mode, string? Digest, IReadOnlyList<SnippetLanguage> Languages, string? Reason)
{
    private const string None = "none";

    /// <summary>Whether code may run here.</summary>
    public bool Works => Mode != None;

    /// <summary>Runs a trifle in each language: what it reports is what ran it. Faults are the reason, never thrown.</summary>
    public static async Task<WorkerSandbox> ProveAsync(ICodeExecutor executor, CancellationToken cancellationToken)
    {
        var languages = new List<SnippetLanguage>();
        (string Mode, string Digest)? identity = null;
        string? reason = null;
        foreach (var language in Enum.GetValues<SnippetLanguage>())
        {
            var file = language == SnippetLanguage.Python ? new SnippetFile("solution.py", "print(1)\n") : new SnippetFile("solution.js", "console.log(1);\n");
            var run = await executor.RunAsync(new() { Language = language, Files = [file] }, cancellationToken).ConfigureAwait(false);
            if (run is { Ok: true, Sandbox: { } sandbox })
            {
                languages.Add(language);
                identity ??= (sandbox.Backend, sandbox.Digest);
            }
            else
            {
                reason ??= run.Stderr.Trim() is { Length: > 0 } said ? said : run.Detail?.Message ?? "the sandbox did not run a program of one line";
            }
        }

        return identity is { } proven ? new(proven.Mode, proven.Digest, languages, null) : new(None, null, [], reason);
    }
}
