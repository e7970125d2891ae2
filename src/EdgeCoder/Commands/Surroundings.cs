using EdgeCoder.Agent.Repositories;
using EdgeCoder.Repositories;
using EdgeCoder.Settings;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary>What a command sees of the world: streams, environment, clock. Tests put their own here.</summary>
internal sealed class Surroundings
{
    /// <summary>For people.</summary>
    public required IAnsiConsole Console { get; init; }

    /// <summary>For people who watch standard error; colours only where it is a terminal and NO_COLOR is not set.</summary>
    public required IAnsiConsole ErrorConsole { get; init; }

    /// <summary>Standard output, for <c>--json</c>.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input.</summary>
    public required Func<Stream> Input { get; init; }

    /// <summary>Whether standard input is a file or a pipe, and no terminal.</summary>
    public required bool InputRedirected { get; init; }

    /// <summary>Whether standard output and standard error go to a terminal, which obeys control characters.</summary>
    public required (bool Output, bool Error) Terminals { get; init; }

    /// <summary>Environment variables.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Whether a person watches a terminal that can redraw a line.</summary>
    public required bool Interactive { get; init; }

    /// <summary>Standard output as bytes, for a protocol.</summary>
    public Func<Stream> RawOutput { get; init; } = System.Console.OpenStandardOutput;

    /// <summary>The current directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Whoever types.</summary>
    public required Person Person { get; init; }

    /// <summary>Columns of the terminal now; 80 where there is none.</summary>
    public required Func<int> Width { get; init; }

    /// <summary>The parts of repository work, for a data class.</summary>
    public Func<Surroundings, RepositoryWork> Repositories { get; init; } = RepositoryComposition.Of;

    /// <summary>The process's own.</summary>
    public static Surroundings OfProcess()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        // Code must come out as it is: no breaks at the window's edge, none at column 80 of a pipe.
        console.Profile.Width = 8192;
        var error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
        error.Profile.Width = 8192;
        return new()
        {
            Console = console,
            ErrorConsole = error,
            Output = System.Console.Out,
            Error = System.Console.Error,
            Input = System.Console.OpenStandardInput,
            InputRedirected = System.Console.IsInputRedirected,
            Terminals = (!System.Console.IsOutputRedirected, !System.Console.IsErrorRedirected),
            Environment = System.Environment.GetEnvironmentVariable,
            Time = TimeProvider.System,
            Interactive = !System.Console.IsErrorRedirected && !System.Console.IsOutputRedirected && console.Profile.Capabilities.Ansi,
            Directory = System.IO.Directory.GetCurrentDirectory(),
            Person = new(!System.Console.IsInputRedirected && !System.Console.IsOutputRedirected, System.Console.ReadLine, DiscardTypedAhead),
            Width = () => System.Console.IsOutputRedirected || System.Console.WindowWidth <= 0 ? 80 : System.Console.WindowWidth,
        };
    }

    /// <summary>The same with other values of some variables; null unsets one.</summary>
    public Surroundings With(IReadOnlyDictionary<string, string?> variables)
    {
        var environment = Environment;
        return new()
        {
            Console = Console,
            ErrorConsole = ErrorConsole,
            Output = Output,
            Error = Error,
            Input = Input,
            InputRedirected = InputRedirected,
            Terminals = Terminals,
            Environment = name => variables.TryGetValue(name, out var value) ? value : environment(name),
            Time = Time,
            Interactive = Interactive,
            RawOutput = RawOutput,
            Directory = Directory,
            Person = Person,
            Width = Width,
            Repositories = Repositories,
        };
    }

    /// <summary>Data directory; see <see cref="ProgramDirectories.Open"/>.</summary>
    public ProgramDirectories Directories() => ProgramDirectories.Open(Environment);

    /// <summary>A line that shows progress.</summary>
    public ProgressLine Progress(bool json) => new(json ? TextWriter.Null : Error, Interactive && !json, Time, Width);

    /// <summary>The lines at the bottom of the terminal while a session is at work.</summary>
    public LivePanel Panel(bool json) => new(json ? TextWriter.Null : Error, Interactive && !json, Time, Width);

    /// <summary>Tells a person something, broken at spaces where a terminal is narrow.</summary>
    public void Tell(string text)
    {
        foreach (var line in SafeText.ForTerminal(text).Split('\n').SelectMany(line => Terminals.Output ? TextColumns.Wrap(line, Width() - 1) : [line]))
        {
            Console.WriteLine(line);
        }
    }

    /// <summary>
    /// Puts what a command is for, such as code or a patch, on standard output: byte for byte into a file or a pipe, harmless on a terminal, which would
    /// obey control characters.
    /// </summary>
    public async Task WriteWholeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Terminals.Output)
        {
            await Output.WriteAsync(SafeText.ForTerminal(System.Text.Encoding.UTF8.GetString(bytes.Span)));
            return;
        }

        await Output.FlushAsync(cancellationToken);
        await using var raw = RawOutput();
        await raw.WriteAsync(bytes, cancellationToken);
        await raw.FlushAsync(cancellationToken);
    }

    private static void DiscardTypedAhead()
    {
        while (System.Console.KeyAvailable)
        {
            System.Console.ReadKey(intercept: true);
        }
    }
}
