using EdgeCoder.Coordinator.Tests.Escalations;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Status;

public sealed class PullProgressTests : IDisposable
{
    private const string Anyone = "Anyone/nobody";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Progress_of_the_inference_role_is_told_to_anyone_and_its_reason_to_operators()
    {
        await using var inference = await BackEndServer.StartAsync((_, _) => (200, new { status = "error", model = "m", progressPct = 40, completed = 4, total = 10, startedAtMs = 7, error = "no space on /data/models", path = "/data" }));
        await using var host = await EscalationHost.StartAsync(_directory, new() { InferenceUrl = inference.Address });

        var open = await host.SendAsync(Anyone, "GET", "/model/pull/progress");
        var operators = await host.SendAsync("Operator/admin", "GET", "/model/pull/progress");

        Assert.Equal((200, """{"status":"error","model":"m","progressPct":40,"completed":4,"total":10,"startedAtMs":7}"""), (open.Status, open.Body.GetRawText()));
        Assert.Equal("no space on /data/models", operators.Body.GetProperty("error").GetString());
        Assert.False(operators.Body.TryGetProperty("path", out _));
        Assert.Single(inference.Requests);

        host.Time.Advance(TimeSpan.FromSeconds(2));
        await host.SendAsync(Anyone, "GET", "/model/pull/progress");
        Assert.Equal(2, inference.Requests.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Role_that_does_not_answer_is_503_and_is_not_asked_again_at_once(int status)
    {
        await using var inference = await BackEndServer.SayingAsync(status);
        await using var host = await EscalationHost.StartAsync(_directory, new() { InferenceUrl = inference.Address });

        for (var n = 0; n < 3; n++)
        {
            var (answered, body) = await host.SendAsync(Anyone, "GET", "/model/pull/progress");
            Assert.Equal((503, "inference_unavailable"), (answered, body.GetProperty("error").GetString()));
        }

        Assert.Single(inference.Requests);
    }
}
