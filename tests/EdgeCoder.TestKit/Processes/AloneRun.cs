using EdgeCoder.TestKit.Files;

namespace EdgeCoder.TestKit.Processes;

/// <summary>
/// Runs a program in a network of its own that holds nothing but loopback, and on it one door: a port that leads to a socket of the test. What it asks a proxy
/// for is refused and written down, so that a test also sees what it would have asked for elsewhere. Needs bwrap and Node.js.
/// </summary>
public sealed class AloneRun : IDisposable
{
    // Any two: nobody else is in that network.
    private const string DoorPort = "4304";
    private const string ProxyPort = "4399";

    private readonly TemporaryDirectory _directory = new();

    /// <summary>Prepares it.</summary>
    public AloneRun()
    {
        Directory.CreateDirectory(Temporary);
        Directory.CreateDirectory(Home);
        Environment = new()
        {
            ["HOME"] = Home,
            ["TMPDIR"] = Temporary,
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["SHELL"] = "/bin/sh",
            ["LANG"] = "C.UTF-8",
            ["NO_PROXY"] = "127.0.0.1,localhost",
            ["no_proxy"] = "127.0.0.1,localhost",
        };
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" })
        {
            Environment[name] = Environment[name.ToLowerInvariant()] = $"http://127.0.0.1:{ProxyPort}";
        }
    }

    /// <summary>What the program sees behind its door.</summary>
    public static Uri Door => new($"http://127.0.0.1:{DoorPort}");

    /// <summary>Its environment. Tests add to it.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>Its home.</summary>
    public string Home => _directory["home"];

    /// <summary>The socket behind the door; the test listens on it.</summary>
    public string Socket => _directory["door"];

    /// <summary>Whom it asked the proxy for: the first lines of its requests.</summary>
    public IReadOnlyList<string> Attempts => File.Exists(AttemptsFile) ? File.ReadAllLines(AttemptsFile) : [];

    private string Temporary => _directory["tmp"];

    private string AttemptsFile => _directory["attempts"];

    /// <summary>Writes a file below its home.</summary>
    public string Write(string name, string text) => _directory.Write(Path.Combine("home", name), text);

    /// <summary>
    /// Runs a program to its end in a directory. It does not die with its parent (<c>--die-with-parent</c> of bwrap, PR_SET_PDEATHSIG): that signal comes with the end of the thread that started
    /// it, and a thread of the pool ends when it has been idle for a while.
    /// </summary>
    public Task<ProgramResult> ToEndAsync(string directory, string program, params string[] arguments) => ProgramRun.ToEndAsync(
        "bwrap",
        ["--dev-bind", "/", "/", "--unshare-net", "--chdir", directory, "--", "node", Path.Combine(AppContext.BaseDirectory, "alone.mjs"), Socket, DoorPort, ProxyPort, AttemptsFile, program, .. arguments],
        Environment,
        directory: directory);

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
