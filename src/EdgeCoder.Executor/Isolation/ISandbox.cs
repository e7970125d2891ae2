using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation;

/// <summary>
/// One back-end that runs programs of one language: namespaces, Landlock, WebAssembly, Seatbelt, AppContainer. The other side is the operating system or a
/// virtual machine. It contains the program and says what it did; <see cref="RunVerdict"/> judges.
/// </summary>
internal interface ISandbox : IAsyncDisposable
{
    /// <summary>Language of the programs it runs.</summary>
    SnippetLanguage Language { get; }

    /// <summary>What results name: the back-end on the wire, and a digest of all that decides how a program behaves.</summary>
    SandboxIdentity Identity { get; }

    /// <summary>Sandboxed processes that it keeps for the jobs to come, now.</summary>
    int Kept => 0;

    /// <summary>Starts what can be started before the first job; returns at once.</summary>
    void Warm()
    {
    }

    /// <summary>Runs one program. When this returns, nothing of it is left. Cancellation is an outcome here, not an exception.</summary>
    /// <exception cref="IOException">The machine could not start it: no descriptors, no memory, no directory.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The same, as the C library says it.</exception>
    Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken);
}
