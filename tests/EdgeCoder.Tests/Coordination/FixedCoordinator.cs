using System.Collections.Concurrent;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Coordination;

/// <summary>A coordinator that answers each path with a fixed document, and the commands of a person against it.</summary>
internal sealed class FixedCoordinator : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentDictionary<string, (int Status, byte[] Body)> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Status, byte[] Body)>> _first = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly WebApplication _app;

    private FixedCoordinator(WebApplication app) => _app = app;

    /// <summary>What a person reads in a terminal.</summary>
    public TestConsole Console { get; } = new() { Profile = { Width = 8192 } };

    /// <summary>Standard output as text.</summary>
    public StringWriter Output { get; } = new();

    /// <summary>Standard error.</summary>
    public StringWriter Error { get; } = new();

    /// <summary>Standard output as bytes.</summary>
    public MemoryStream Raw { get; } = new();

    /// <summary>Whether standard output is a terminal.</summary>
    public bool Terminal { get; set; }

    /// <summary>The commands' clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Its address.</summary>
    public string Url => _app.Urls.Single();

    /// <summary>The person's environment variables.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyCollection<ReceivedRequest> Requests => _requests;

    /// <summary>The person's directory: data and work.</summary>
    public TemporaryDirectory Directory => _directory;

    /// <summary>Starts it.</summary>
    public static async Task<FixedCoordinator> StartAsync()
    {
        var builder = LoopbackApp.NewBuilder();
        var app = builder.Build();
        var coordinator = new FixedCoordinator(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var sent = await reader.ReadToEndAsync(context.RequestAborted);
            coordinator._requests.Enqueue(new(context.Request.Method, context.Request.Path + context.Request.QueryString, sent, context.Request.Headers.Authorization.ToString()));
            var asked = $"{context.Request.Method} {context.Request.Path}";
            var (status, body) = coordinator._first.TryGetValue(asked, out var turns) && turns.TryDequeue(out var turn) ? turn
                : coordinator._answers.TryGetValue(asked, out var found) ? found
                : (404, """{"title":"Not Found","status":404,"error":"task_not_found","detail":"There is no such task among yours. List them with GET /tasks."}"""u8.ToArray());
            context.Response.StatusCode = status;
            context.Response.ContentType = context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal) ? "text/event-stream" : "application/json";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        new Access { CoordinatorUrl = app.Urls.Single(), ApiKey = "key", AdminToken = "token" }.Write(coordinator._directory.Path);
        return coordinator;
    }

    /// <summary>Answers a method and path.</summary>
    public FixedCoordinator Answers(string request, string body, int status = 200) => Answers(request, System.Text.Encoding.UTF8.GetBytes(body), status);

    /// <summary>Answers once with this, before what it answers always; several stand in line.</summary>
    public FixedCoordinator AnswersFirst(string request, string body, int status)
    {
        _first.GetOrAdd(request, static _ => new()).Enqueue((status, System.Text.Encoding.UTF8.GetBytes(body)));
        return this;
    }

    /// <summary>The same with bytes.</summary>
    public FixedCoordinator Answers(string request, byte[] body, int status = 200)
    {
        _answers[request] = (status, body);
        return this;
    }

    /// <summary>Runs a command of a person.</summary>
    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        arguments,
        new()
        {
            Console = Console,
            ErrorConsole = Console,
            Output = Output,
            Error = Error,
            RawOutput = () => Raw,
            Input = () => Stream.Null,
            InputRedirected = true,
            Terminals = (Terminal, Terminal),
            Environment = name => name == "EDGECODER_DATA_DIR" ? _directory.Path : Settings.GetValueOrDefault(name),
            Time = Time,
            Interactive = false,
            Directory = _directory.Path,
            Person = new(false, () => null, () => { }),
            Width = () => 200,
        },
        TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Output.DisposeAsync();
        await Error.DisposeAsync();
        await Raw.DisposeAsync();
        Console.Dispose();
        _directory.Dispose();
    }
}

/// <summary>A request as a <see cref="FixedCoordinator"/> got it.</summary>
/// <param name="Method">Method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">Body as text.</param>
/// <param name="Credential">The <c>Authorization</c> header; empty without one.</param>
internal sealed record ReceivedRequest(string Method, string Path, string Body, string Credential);
