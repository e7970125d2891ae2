using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>The three requests of a task's way: submit, pull, result.</summary>
internal static class Lifecycle
{
    private static readonly byte[] Nothing = "{}"u8.ToArray();

    /// <summary>A task of text, so that nothing but the queue works.</summary>
    public static async ValueTask SubmitAsync(LoadConnection connection, string apiKey, string taskId)
    {
        var body = Encoding.ASCII.GetBytes($$"""{"taskId":"{{taskId}}","prompt":"say hello","kind":"single_step","subtasks":[{"prompt":"say hello","timeoutMs":1000,"attemptTimeoutMs":10000}]}""");
        Check("/tasks", await connection.PostAsync("/tasks", body, $"Authorization: Bearer {apiKey}\r\n"));
    }

    /// <summary>Asks for work.</summary>
    public static async ValueTask<IReadOnlyList<Assignment>> PullAsync(LoadAgent agent, int waitMs, int most)
    {
        var answer = await agent.PostAsync("/pull", Pulling(agent.AgentId, waitMs, most));
        Check("/pull", answer);
        return JsonSerializer.Deserialize(answer.Body.Span, MeshJson.Default.PullAnswer)!.Assignments;
    }

    /// <summary>Reports.</summary>
    public static async ValueTask ReportAsync(LoadAgent agent, Assignment work) => Check("/result", await agent.PostAsync("/result", Reporting(agent.AgentId, agent.Key, work)));

    /// <summary>Body of a pull.</summary>
    public static byte[] Pulling(string agentId, int waitMs, int most) => Encoding.ASCII.GetBytes($$"""{"agentId":"{{agentId}}","waitMs":{{waitMs}},"maxSubtasks":{{most}}}""");

    /// <summary>Body of a report.</summary>
    public static byte[] Reporting(string agentId, SigningKey key, Assignment work)
    {
        var report = new ResultReport
        {
            LeaseId = work.Lease.LeaseId,
            SubtaskId = work.Lease.SubtaskId,
            AgentId = agentId,
            Ok = true,
            Output = "hello",
            DurationMs = 1,
            ReportNonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
        };
        report = report with { ResultDigest = ResultDigest.Of(report) };
        report = report with { ReportSignature = ReportSignature.Sign(report, key) };
        return JsonSerializer.SerializeToUtf8Bytes(report, MeshJson.Default.ResultReport);
    }

    /// <summary>Empty requests for some time over some connections: requests each second.</summary>
    public static async Task<double> EmptyRateAsync(Uri url, int connections, TimeSpan time)
    {
        var count = 0L;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var connection = await LoadConnection.OpenAsync(url);
            while (Stopwatch.GetElapsedTime(begun) < time)
            {
                Check("/benchmark/empty", await connection.PostAsync("/benchmark/empty", Nothing, ""));
                Interlocked.Increment(ref count);
            }
        })));
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Whole ways for some time, each connection with an agent of its own: ways each second.</summary>
    public static async Task<double> RateAsync(CoordinatorUnderLoad coordinator, IReadOnlyList<LoadAgent> agents, string prefix, TimeSpan time)
    {
        var count = 0L;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(agents.Select((agent, index) => Task.Run(async () =>
        {
            using var submitter = await LoadConnection.OpenAsync(coordinator.Url);
            for (var n = 0; Stopwatch.GetElapsedTime(begun) < time; n++)
            {
                await SubmitAsync(submitter, coordinator.ApiKey, $"{prefix}-{index}-{n}");
                foreach (var work in await PullAsync(agent, 1000, 1))
                {
                    await ReportAsync(agent, work);
                    Interlocked.Increment(ref count);
                }
            }
        })));
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static void Check(string path, (int Status, ReadOnlyMemory<byte> Body) answer)
    {
        if (answer.Status != 200)
        {
            throw new InvalidOperationException($"{path}: {answer.Status} {Encoding.UTF8.GetString(answer.Body.Span)}");
        }
    }
}
