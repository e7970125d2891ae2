using System.Diagnostics;
using System.Text.Json;

namespace EdgeCoder.Training.Corpus;

/// <summary>Runs a small driver script in the machine's Python or Node.js over JSON on standard input and output.</summary>
internal static class Interpreter
{
    /// <summary>Runs the script once. Throws <see cref="InvalidOperationException"/> with the interpreter's last words when it fails.</summary>
    public static TOut Run<TIn, TOut>(Language language, string script, TIn input)
    {
        var start = new ProcessStartInfo(language == Language.Python ? "python3" : "node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in language == Language.Python ? (string[])["-I", "-c", script] : ["-e", script])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(JsonSerializer.Serialize(input));
        process.StandardInput.Close();
        var text = output.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<TOut>(text)!
            : throw new InvalidOperationException($"{start.FileName} failed: {error.GetAwaiter().GetResult()}");
    }
}
