using System.Diagnostics;

namespace EdgeCoder.TestKit.Processes;

/// <summary>What a finished process gave.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Everything, for a failing assertion's message.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- out\n{Output}\n--- err\n{Error}";
}

/// <summary>Runs real programs for tests, with an environment of the test's own.</summary>
public static class ProgramRun
{
    /// <summary>
    /// Longest a program may take before the test fails and the program's tree is killed. It is there for programs that hang: ten times what the longest takes on
    /// a slow and busy machine.
    /// </summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="file">Executable.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="environment">The whole environment; nothing is inherited.</param>
    /// <param name="input">Standard input; empty when absent.</param>
    /// <param name="directory">Working directory.</param>
    public static async Task<ProgramResult> ToEndAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? input = null, string? directory = null)
    {
        using var process = Start(file, arguments, environment, directory);
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            // A program that does not read its input closes the pipe; that is its right.
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
            }

            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} did not end within {Patience}");
        }
    }

    /// <summary>Starts a program with all three streams redirected.</summary>
    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? directory = null)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
    }
}
