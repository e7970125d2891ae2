using System.Diagnostics;

namespace EdgeCoder.Agent.Tests.Files;

/// <summary>Programs of the machine that make what .NET cannot: hard links, pipes, repositories.</summary>
internal static class Shell
{
    /// <summary>Runs a program and gives its exit code.</summary>
    public static async Task<int> RunAsync(string program, params string[] arguments) => (await OutputAsync(program, null, arguments)).ExitCode;

    /// <summary>Runs a program with an input and gives what it wrote.</summary>
    public static async Task<(int ExitCode, byte[] Output)> OutputAsync(string program, byte[]? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        var copied = process.StandardOutput.BaseStream.CopyToAsync(output);
        if (input is not null)
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
        }

        process.StandardInput.Close();
        await copied;
        await error;
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToArray());
    }
}
