using System.Diagnostics;

namespace EdgeCoder.Benchmarks.Portal;

/// <summary>Sign-in to the portal with the configured password hashing, over HTTP on loopback.</summary>
internal static class PortalSuite
{
    private const int SignIns = 100;

    /// <summary>The measurements.</summary>
    public static IReadOnlyList<Measurement> Measurements()
    {
        var program = Path.Combine(Environment.CurrentDirectory, "artifacts", "program", "current", "edgecoder");
        return
        [
            new("sign_in_p95", "ms", Goal.AtMost, 300, () => Here(program, () => SignInAsync(program))),
        ];
    }

    private static Task<Figure> Here(string program, Func<Task<Figure>> measure) => File.Exists(program) ? measure() : Task.FromResult(Figure.Impossible("Run ./edgecoder --build-only first."));

    private static async Task<Figure> SignInAsync(string program)
    {
        await using var portal = await RunningPortal.StartAsync(program);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = portal.Http.BaseAddress };
        var times = new List<double>();
        for (var i = 0; i < SignIns; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await RunningPortal.PostAsync(http, "/auth/login", new { email = RunningPortal.Email, password = RunningPortal.Password });
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        // The hash alone, as the portal's store has it, is what no sign-in can be faster than.
        var hash = Enumerable.Range(0, 20).Select(_ => Hash()).Median();
        return new(times.Quantile(0.95), new() { ["p50"] = Math.Round(times.Median(), 1), ["hash_alone_p50"] = Math.Round(hash, 1), ["sign_ins"] = SignIns });
    }

    private static double Hash()
    {
        var begun = Stopwatch.GetTimestamp();
        System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(RunningPortal.Password, new byte[16], 210_000, System.Security.Cryptography.HashAlgorithmName.SHA512, 32);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}
