using System.Collections.Concurrent;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Coordination;

/// <summary>The commands against a coordinator that answers with fixed documents.</summary>
public sealed class EscalationsCommandTests : IAsyncLifetime
{
    private const string Detail =
        """{"taskId":"task-1","status":"pending_human","subtaskId":"sub-1","task":"write f\u001b[2J","failedCode":"def f(): return 1","errorHistory":["expected 2"],"automatedAttempts":[{"step":"inference-service","outcome":"passed_over","reason":"No service.","atMs":1}],"updatedAtMs":1}""";

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<(string Method, string Path, string Body, string Credential)> _requests = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly TestConsole _console = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            _requests.Enqueue((context.Request.Method, context.Request.Path + context.Request.QueryString, await reader.ReadToEndAsync(context.RequestAborted), context.Request.Headers.Authorization.ToString()));
            context.Response.ContentType = "application/json";
            if (context.Request.Path.Value!.Contains("missing", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 404;
                await context.Response.WriteAsync("""{"title":"Not Found","status":404,"error":"escalation_not_found","detail":"There is no such escalation, or it is not yours."}""", context.RequestAborted);
                return;
            }

            await context.Response.WriteAsync(
                context.Request.Method == "POST" ? """{"ok":true,"status":"human_responded"}""" : context.Request.Path == "/escalate" ? $$"""{"escalations":[{{Detail}}]}""" : Detail, context.RequestAborted);
        });
        await _app.StartAsync(TestContext.Current.CancellationToken);
        new Access { CoordinatorUrl = _app.Urls.Single(), ApiKey = "key-of-the-person" }.Write(_directory.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _output.DisposeAsync();
        await _error.DisposeAsync();
        _console.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task List_asks_for_what_waits_and_shows_it_harmlessly()
    {
        Assert.Equal(0, await RunAsync("escalations", "list"));

        Assert.Equal(("GET", "/escalate?status=pending_human", "", "Bearer key-of-the-person"), Assert.Single(_requests));
        Assert.Contains("task-1", _console.Output);
        Assert.DoesNotContain("\u001b[2J", _console.Output);
    }

    [Fact]
    public async Task Show_tells_what_failed_what_was_tried_and_how_to_answer()
    {
        Assert.Equal(0, await RunAsync("escalations", "show", "task-1"));

        Assert.All(["def f(): return 1", "expected 2", "No service.", "edgecoder escalations respond task-1"], text => Assert.Contains(text, _console.Output));
    }

    [Fact]
    public async Task Context_and_code_and_giving_up_are_sent_as_they_are()
    {
        _directory.Write("fixed.py", "def f():\n    return 2\n");

        Assert.Equal(0, await RunAsync("escalations", "respond", "task-1", "--context", "f returns 2"));
        Assert.Equal(0, await RunAsync("escalations", "respond", "task-1", "--code", "fixed.py"));
        Assert.Equal(0, await RunAsync("escalations", "respond", "task-1", "--abandon", "--json"));

        Assert.All(_requests, request => Assert.Equal(("POST", "/escalate/task-1/respond"), (request.Method, request.Path)));
        Assert.Equal(
            ["""{"action":"provide_context","context":"f returns 2"}""", """{"action":"edit_code","editedCode":"def f():\n    return 2\n"}""", """{"action":"abandon"}"""],
            _requests.Select(request => request.Body));
        Assert.Contains("\"human_responded\"", _output.ToString());
    }

    [Theory]
    [InlineData()]
    [InlineData("--abandon", "--context", "x")]
    [InlineData("--code", "not-there.py")]
    public async Task Answer_that_is_not_one_thing_is_not_sent(params string[] answer)
    {
        Assert.Equal((int)ExitCode.Usage, await RunAsync(["escalations", "respond", "task-1", .. answer]));
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task Unknown_one_is_told_with_its_code()
    {
        Assert.Equal((int)ExitCode.Usage, await RunAsync("escalations", "show", "missing-1", "--json"));
        Assert.Contains("escalation_not_found", _output.ToString() + _error);
    }

    private Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        arguments,
        new()
        {
            Console = _console,
            ErrorConsole = _console,
            Output = _output,
            Error = _error,
            Input = () => Stream.Null,
            InputRedirected = true,
            Terminals = (false, false),
            Environment = name => name == "EDGECODER_DATA_DIR" ? _directory.Path : null,
            Time = TimeProvider.System,
            Interactive = false,
            Directory = _directory.Path,
            Person = new(false, () => null, () => { }),
            Width = () => 80,
        },
        TestContext.Current.CancellationToken);
}
