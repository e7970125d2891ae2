using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeCoder.Benchmarks.Portal;

/// <summary>The portal as people feel it: sign-in with the configured password hashing, pages over many nodes and tasks, and how soon a change is on a page. All times over HTTP on loopback, with the coordinator's answers in them.</summary>
internal static class PortalSuite
{
    private const int SignIns = 100;
    private const int Nodes = 1_000;
    private const int Tasks = 10_000;
    private const int PageViews = 40;
    private const int Changes = 40;
    private static readonly string[] Pages =
    [
        "/portal/dashboard", "/portal/tasks", "/portal/reviews", "/portal/escalations", "/portal/nodes", "/portal/chat", "/portal/wallet", "/portal/settings", "/portal/ops/approvals", "/portal/ops/audit", "/portal/ops/users",
    ];

    /// <summary>The measurements.</summary>
    public static IReadOnlyList<Measurement> Measurements()
    {
        var program = Path.Combine(Environment.CurrentDirectory, "artifacts", "program", "current", "edgecoder");
        var pages = new Lazy<Task<(Figure Slowest, Figure Live)>>(() => PagesAsync(program));
        return
        [
            new("sign_in_p95", "ms", Goal.AtMost, 300, () => Here(program, () => SignInAsync(program))),
            new("slowest_page_p95", "ms", Goal.AtMost, 200, () => Here(program, async () => (await pages.Value).Slowest)),
            new("live_update_p95", "ms", Goal.AtMost, 1_000, () => Here(program, async () => (await pages.Value).Live)),
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

    private static async Task<(Figure Slowest, Figure Live)> PagesAsync(string program)
    {
        await using var portal = await RunningPortal.StartAsync(program);
        await ManyAsync(Nodes, i => RunningPortal.PostAsync(portal.Http, "/nodes/enroll", new { nodeId = string.Create(CultureInfo.InvariantCulture, $"node-{i:d4}"), nodeKind = "agent" }));
        await ManyAsync(Tasks, i => SubmitAsync(portal.Http, string.Create(CultureInfo.InvariantCulture, $"write function number {i}")));
        var details = new SortedDictionary<string, object>();
        var worst = 0.0;
        foreach (var page in Pages)
        {
            var times = new List<double>();
            for (var i = 0; i < PageViews; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, page);
                request.Headers.Accept.ParseAdd("text/html");
                var begun = Stopwatch.GetTimestamp();
                using var answer = await portal.Http.SendAsync(request);
                await answer.Content.ReadAsByteArrayAsync();
                var time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                answer.EnsureSuccessStatusCode();
                if (i > 0)
                {
                    times.Add(time);
                }
            }

            details[page] = Math.Round(times.Quantile(0.95), 1);
            worst = Math.Max(worst, times.Quantile(0.95));
        }

        (details["nodes"], details["tasks"]) = (Nodes, Tasks);
        return (new(worst, details), await LiveAsync(portal.Http));
    }

    // From the coordinator's answer to a submission, made with another connection, to the event on the stream that pages listen to.
    private static async Task<Figure> LiveAsync(HttpClient http)
    {
        using var events = await http.GetAsync("/portal/api/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync());
        var times = new List<double>();
        for (var i = 0; i < Changes; i++)
        {
            var id = (string)(await SubmitAsync(http, "write one more function"))["taskId"]!;
            var begun = Stopwatch.GetTimestamp();
            while (!(await reader.ReadLineAsync() ?? throw new EndOfStreamException("The events ended.")).Contains(id, StringComparison.Ordinal))
            {
            }

            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return new(times.Quantile(0.95), new() { ["p50"] = Math.Round(times.Median(), 1), ["worst"] = Math.Round(times.Max(), 1), ["changes"] = Changes });
    }

    private static Task<JsonObject> SubmitAsync(HttpClient http, string prompt) => RunningPortal.PostAsync(http, "/portal/api/tasks", new { prompt, tests = "assert f() == 1\n", dataClass = "team" });

    private static Task ManyAsync(int count, Func<int, Task> one) => Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await one(i));
}
