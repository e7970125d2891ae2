using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.AppContainer;
using EdgeCoder.Executor.Isolation.Seatbelt;

namespace EdgeCoder.Executor.Verification;

/// <summary>
/// The back-ends of macOS and Windows. They were written without such a machine at hand: they are called untested wherever they are shown, and one of them is used
/// only where the self-test passes, which it has to again in every process. On Linux they are never looked at.
/// </summary>
internal static class OtherSystems
{
    private const string Instead = "run EdgeCoder on Linux, or in a Linux virtual machine or WSL 2";

    /// <summary>Looks for the interpreter and tests the system's back-end with it.</summary>
    public static async Task<SandboxReadiness> FindAsync(ExecutorOptions options, SnippetLanguage language, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsMacOS() && !OperatingSystem.IsWindows())
        {
            return new() { Refusal = new("There is no isolation for this system", Instead) };
        }

        var configured = language == SnippetLanguage.Python ? options.PythonPath : options.NodePath;
        var (interpreter, missing) = await InterpreterLocator.FindAsync(language, configured, options.ToolPath, everybody: false, cancellationToken).ConfigureAwait(false);
        if (interpreter is null)
        {
            return new() { Refusal = missing };
        }

        ISandbox sandbox = OperatingSystem.IsWindows() ? new AppContainerSandbox(interpreter, options.Time) : new SeatbeltSandbox(interpreter, options.Time);
        var (canaries, failure) = await SelfTest.RunAsync(sandbox, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Sandbox = failure is null ? sandbox : null,
            Refusal = failure is null ? null : new($"The untested {sandbox.Identity.Backend} back-end is not used: {failure.Reason}", failure.Remedy ?? Instead),
            Interpreter = interpreter,
            Canaries = canaries,
        };
    }

    /// <summary>What is shown of them.</summary>
    /// <param name="ready">What was found for a language; of no meaning on Linux.</param>
    public static IEnumerable<SandboxAttempt> Attempts(SandboxReadiness ready) =>
    [
        Attempt("seatbelt", "Seatbelt profile", "macOS", OperatingSystem.IsMacOS() ? ready : null),
        Attempt("appcontainer", "AppContainer and job object", "Windows", OperatingSystem.IsWindows() ? ready : null),
    ];

    /// <summary>What is shown of one.</summary>
    /// <param name="backend">Its name.</param>
    /// <param name="mechanism">What makes it.</param>
    /// <param name="system">The system it is for.</param>
    /// <param name="here">What was found, where this is that system; else null.</param>
    public static SandboxAttempt Attempt(string backend, string mechanism, string system, SandboxReadiness? here) => new()
    {
        Backend = backend,
        Mechanism = mechanism,
        State = here is null ? SandboxState.NotHere : here.Sandbox is null ? SandboxState.Unavailable : SandboxState.Untested,
        Reason = here is null ? $"for {system}, untested" : here.Refusal?.Reason ?? $"untested; the self-test passed on this machine, and {here.Canaries.Count(canary => canary.Contained)} attempts to leave it were contained",
        Remedy = here?.Refusal?.Remedy,
    };
}
