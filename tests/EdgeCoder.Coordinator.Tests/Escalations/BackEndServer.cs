using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Tests.Escalations;

/// <summary>A back-end of the waterfall on a real port: what the test says, it answers. Status 0 cuts the connection.</summary>
internal sealed class BackEndServer : ScriptedServer
{
    private readonly Func<ServedRequest, int, (int Status, object Body)> _answer;
    private int _asked;

    private BackEndServer(Func<ServedRequest, int, (int, object)> answer) => _answer = answer;

    /// <summary>Starts one; the rule sees the request and how many of its path came before.</summary>
    public static async Task<BackEndServer> StartAsync(Func<ServedRequest, int, (int Status, object Body)> answer)
    {
        var server = new BackEndServer(answer);
        await server.ListenAsync();
        return server;
    }

    public static Task<BackEndServer> WithCodeAsync(string code = "def f():\n    return 2\n") =>
        StartAsync((_, _) => (200, new { improvedCode = code, explanation = "It returned 1.", model = "coder-7b" }));

    public static Task<BackEndServer> SayingAsync(int status) => StartAsync((_, _) => (status, new { error = "no" }));

    public int Asked => Requests.Count(request => request.Path == "/escalate");

    protected override Task HandleAsync(HttpContext context, ServedRequest request)
    {
        if (request.Path == "/identity")
        {
            return JsonAsync(context, 200, new { peerId = "coord-parent" });
        }

        if (request.Path == "/health")
        {
            return JsonAsync(context, 200, new { ok = true, role = "inference", uptimeSeconds = 1, escalateTimeoutMs = 60_000 });
        }

        var (status, body) = _answer(request, Interlocked.Increment(ref _asked) - 1);
        if (status == 0)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return JsonAsync(context, status, body);
    }
}
