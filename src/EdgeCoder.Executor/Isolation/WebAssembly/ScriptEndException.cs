using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>Ends a program from inside a host function: it goes through the module as a trap, so that no code of the program sees it.</summary>
internal sealed class ScriptEndException(SandboxEnd end, string? message = null) : Exception(message ?? $"the program ends: {end}")
{
    /// <summary>How it ends.</summary>
    public SandboxEnd End { get; } = end;
}
