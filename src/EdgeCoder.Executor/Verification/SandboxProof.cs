using EdgeCoder.Executor.Interpreters;

namespace EdgeCoder.Executor.Verification;

/// <summary>That one sandbox of one interpreter has passed the self-test on this boot: asked and remembered.</summary>
/// <param name="Options">Options.</param>
/// <param name="Interpreter">The interpreter.</param>
/// <param name="Key">Which sandbox.</param>
/// <param name="Digest">Digest of all that decides what it contains.</param>
internal sealed record SandboxProof(ExecutorOptions Options, Interpreter Interpreter, string Key, string Digest)
{
    /// <summary>Whether an earlier process proved exactly this.</summary>
    public bool IsRemembered => RememberedMachine.Read(Options, Interpreter.Language) is { } known && known.Interpreter.Path == Interpreter.Path && known.Proven.GetValueOrDefault(Key) == Digest;

    /// <summary>Remembers it for the next process.</summary>
    public void Remember()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // what says that nothing has changed since is Linux's; elsewhere every process proves it again
        }

        var known = RememberedMachine.Read(Options, Interpreter.Language);
        var proven = known is not null && known.Interpreter.Path == Interpreter.Path ? new Dictionary<string, string>(known.Proven) : [];
        proven[Key] = Digest;
        new RememberedMachine { Situation = RememberedMachine.SituationOf(Options, Interpreter.Language), Interpreter = Interpreter, Proven = proven }.Write(Options);
    }
}
