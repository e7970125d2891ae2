using System.Diagnostics;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>What the native libraries add to the build of a clean clone, with the package caches warm.</summary>
internal static class BuildMeasurements
{
    public static async Task<Figure> NativeExtraAsync()
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-bench-").FullName;
        try
        {
            List<double> with = [], without = [];
            for (var round = 0; round < 2; round++)
            {
                without.Add(await CleanBuildAsync(Path.Combine(directory, $"plain{round}"), "off"));
                with.Add(await CleanBuildAsync(Path.Combine(directory, $"native{round}"), "on"));
            }

            return new(with.Median() - without.Median(), new() { ["plain_s"] = Math.Round(without.Median(), 1), ["with_libraries_s"] = Math.Round(with.Median(), 1) });
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<double> CleanBuildAsync(string clone, string native)
    {
        await RunAsync("git", Environment.CurrentDirectory, "clone", "-q", ".", clone);
        var start = Stopwatch.GetTimestamp();
        await RunAsync("dotnet", clone, "build", "src/EdgeCoder.Inference", "-c", "Release", "-v", "q", "-nodeReuse:false", "-p:LlamaNative=" + native);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task RunAsync(string program, string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}");
        }
    }
}
