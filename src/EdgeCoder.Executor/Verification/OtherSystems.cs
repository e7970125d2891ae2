namespace EdgeCoder.Executor.Verification;

/// <summary>What is shown of the back-ends of systems other than this one. They were written without such a machine at hand and are never looked at here.</summary>
internal static class OtherSystems
{
    /// <summary>One line for each.</summary>
    public static IEnumerable<SandboxAttempt> Attempts() =>
    [
        .. OperatingSystem.IsMacOS() ? Array.Empty<SandboxAttempt>() : [Attempt("seatbelt", "Seatbelt profile", "macOS")],
        .. OperatingSystem.IsWindows() ? Array.Empty<SandboxAttempt>() : [Attempt("appcontainer", "AppContainer and job object", "Windows")],
    ];

    private static SandboxAttempt Attempt(string backend, string mechanism, string system) => new() { Backend = backend, Mechanism = mechanism, State = SandboxState.NotHere, Reason = $"for {system}, untested" };
}
