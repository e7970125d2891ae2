using EdgeCoder.Portal.Composition;
using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Tests.Coordinators;

/// <summary>A home coordinator that answers as it is told and keeps what it was asked, with headers and the path as it was on the wire.</summary>
internal sealed class ScriptedHome : ScriptedServer
{
    public const string Token = "coordinator-token-of-the-tests-0123456789";

    public Func<ServedRequest, (int Status, object? Body)> Answers { get; set; } = _ => (200, new { ok = true });

    public bool Silent { get; set; }

    public string? Redirect { get; set; }

    public List<string> Paths { get; } = [];

    public EdgeSettings Edges => new() { CoordinatorUrl = Address, CoordinatorToken = Token, ServiceToken = "service-token-of-the-tests-01234567890123" };

    public static async Task<ScriptedHome> StartAsync()
    {
        var home = new ScriptedHome();
        await home.ListenAsync();
        return home;
    }

    protected override async Task HandleAsync(HttpContext context, ServedRequest request)
    {
        lock (Paths)
        {
            Paths.Add(context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget);
        }

        if (Silent)
        {
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        }

        if (Redirect is not null)
        {
            context.Response.Redirect(Redirect);
            return;
        }

        var (status, body) = Answers(request);
        if (body is string text)
        {
            context.Response.StatusCode = status;
            await WriteAsync(context, text);
        }
        else
        {
            await JsonAsync(context, status, body!);
        }
    }
}
