namespace EdgeCoder.Executor;

/// <summary>Which isolation the operator asks for (<c>SANDBOX_MODE</c>).</summary>
public enum SandboxMode
{
    /// <summary>The best back-end that works here; none that works is a refusal.</summary>
    Auto,

    /// <summary>Isolation by the operating system. One that does not work is an error, never another one instead.</summary>
    Process,

    /// <summary>A container engine. Not built in this version: every run is refused.</summary>
    Docker,

    /// <summary>A micro-VM. Not built in this version: every run is refused.</summary>
    Vm,

    /// <summary>This machine runs no code.</summary>
    None,
}

/// <summary>What runs JavaScript.</summary>
internal enum JavaScriptEngine
{
    /// <summary>QuickJS in WebAssembly what it can run, node the rest.</summary>
    Auto,

    /// <summary>QuickJS in WebAssembly, whatever the program needs.</summary>
    WebAssembly,

    /// <summary>Node, whatever could run without it.</summary>
    Node,
}

/// <summary>Options of <see cref="CodeExecutor"/>.</summary>
public sealed record ExecutorOptions
{
    /// <summary>Directory for what the executor remembers about this machine; created when it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Isolation that is asked for. Default <see cref="SandboxMode.Auto"/>.</summary>
    public SandboxMode Mode { get; init; }

    /// <summary>Whether <see cref="SandboxMode.None"/> is a mistake (<c>SANDBOX_REQUIRED</c>). Default no.</summary>
    public bool SandboxRequired { get; init; }

    /// <summary>Python to use; default: the first usable one on PATH, then the system's.</summary>
    public string? PythonPath { get; init; }

    /// <summary>Node to use; default: the first usable one on PATH, then the system's.</summary>
    public string? NodePath { get; init; }

    /// <summary>Whether processes are kept warm for the runs to come. Default yes; a program that runs one snippet and ends does without.</summary>
    public bool Warm { get; init; } = true;

    /// <summary>Runs of a language after which its processes are kept warm: who runs a few snippets does not pay for what serves dozens. Default 0, from the beginning.</summary>
    public int WarmAfter { get; init; }

    /// <summary>
    /// Whether Landlock and the system-call filter alone are enough where namespaces cannot be had. Default yes; a worker that runs strangers' programs needs
    /// its operator's word for it.
    /// </summary>
    public bool LandlockAllowed { get; init; } = true;

    /// <summary>The clock that deadlines and durations are measured with.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>PATH to search for interpreters and bubblewrap; default: this process's own. Absent tools are tested with it.</summary>
    public string? SearchPath { get; init; }

    /// <summary>The only back-end to be used; tests run the same programs on each.</summary>
    internal string? OnlyBackEnd { get; init; }

    /// <summary>Where the launcher is.</summary>
    internal string LauncherDirectory { get; init; } = AppContext.BaseDirectory;

    /// <summary>What runs JavaScript; tests of one back-end force it.</summary>
    internal JavaScriptEngine JavaScript { get; init; }

    /// <summary>The module of QuickJS; tests put another one here.</summary>
    internal string QuickJsPath { get; init; } = Isolation.WebAssembly.QuickJsModule.DefaultPath;

    /// <summary>Whether only the search path counts, and not the system's usual directories after it.</summary>
    internal bool OnlySearchPath { get; init; }

    /// <summary>The directories to look for tools in, in order.</summary>
    internal string ToolPath => (SearchPath ?? Environment.GetEnvironmentVariable("PATH") ?? "") + (OnlySearchPath || OperatingSystem.IsWindows() ? "" : ":/usr/bin:/usr/local/bin:/bin");
}
