using System.Diagnostics;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.TestKit.Processes;

/// <summary>The built <c>edgecoder</c> with a data directory and a home of the test's own.</summary>
public sealed class EdgeCoderRun : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    /// <summary>Environment of the program. Tests add to it.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>The data directory.</summary>
    public string DataDirectory => _home["data"];

    /// <summary>The working directory.</summary>
    public string Directory => _home.Path;

    /// <summary>Makes the directories.</summary>
    /// <param name="fresh">Whether the program starts here as on a new machine; else its sandbox is proven already, as at every later start.</param>
    public EdgeCoderRun(bool fresh = false)
    {
        Environment = Usual(_home.Path, DataDirectory);
        if (!fresh)
        {
            ProvenSandbox.Give(DataDirectory);
        }
    }

    /// <summary>The environment in which the program runs.</summary>
    internal static Dictionary<string, string> Usual(string home, string data)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["EDGECODER_DATA_DIR"] = data,
            ["LANG"] = "C.UTF-8",

            // On a slow and busy machine the usual two seconds end a command that ends in order.
            ["EDGECODER_STOP_SECONDS"] = "300",
        };

        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
        {
            environment["DOTNET_ROOT"] = root;
        }

        return environment;
    }

    /// <summary>Writes a file into the working directory and gives its full path.</summary>
    public string Write(string name, string text) => _home.Write(name, text);

    /// <summary>Runs a command to its end.</summary>
    public Task<ProgramResult> ToEndAsync(params string[] arguments) => ProgramRun.ToEndAsync(Repository.Executable, arguments, Environment, directory: Directory);

    /// <summary>Runs a command to its end with standard input.</summary>
    public Task<ProgramResult> WithInputAsync(string input, params string[] arguments) => ProgramRun.ToEndAsync(Repository.Executable, arguments, Environment, input, Directory);

    /// <summary>Runs a command to its end in another directory, with standard input.</summary>
    public Task<ProgramResult> InAsync(string directory, string input, params string[] arguments) => ProgramRun.ToEndAsync(Repository.Executable, arguments, Environment, input, directory);

    /// <summary>Starts a command in another directory.</summary>
    public Process StartIn(string directory, params string[] arguments) => ProgramRun.Start(Repository.Executable, arguments, Environment, directory);

    /// <summary>Starts a command.</summary>
    public Process Start(params string[] arguments) => ProgramRun.Start(Repository.Executable, arguments, Environment, Directory);

    /// <inheritdoc/>
    public void Dispose() => _home.Dispose();
}
