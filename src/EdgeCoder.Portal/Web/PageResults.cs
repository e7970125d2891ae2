using EdgeCoder.Portal.Sessions;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Web;

/// <summary>Renders Blazor components as whole pages on the server.</summary>
internal static class PageResults
{
    /// <summary>The view of a request.</summary>
    public static PageView View(HttpContext context, Problem? problem = null, IReadOnlyDictionary<string, string>? typed = null)
    {
        var services = context.RequestServices;
        return new()
        {
            Person = context.Person(),
            Theme = context.Person()?.Theme ?? Pages.Themes.Standard,
            FormToken = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken ?? "",
            Path = context.Request.Path,
            NowMs = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds(),
            Problem = problem,
            Typed = typed ?? new Dictionary<string, string>(),
            Done = DoneWords.Of(context.Request.Query["done"]),
        };
    }

    /// <summary>A page.</summary>
    public static IResult Page<TPage>(PageView view, int status = StatusCodes.Status200OK, params (string Name, object? Value)[] more)
        where TPage : IComponent
    {
        var parameters = more.ToDictionary(one => one.Name, one => one.Value);
        parameters["View"] = view;
        return new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }
}

/// <summary>What was done, said by pages after a form was taken: sentences of ours by their name, so that no link can put words on a page.</summary>
internal static class DoneWords
{
    /// <summary>The sentence; null for an unknown name.</summary>
    public static string? Of(string? name) => name switch
    {
        "password" => "Your password is changed. Other browsers were signed out.",
        "reset" => "Your password is set. Sign in with it.",
        "verified" => "Your address is confirmed. Sign in.",
        "profile" => "Your name is saved.",
        "passkey" => "Your passkey is added.",
        "passkey-removed" => "The passkey is removed.",
        "theme" => "The theme is saved.",
        "session" => "That browser is signed out.",
        "others" => "All other browsers are signed out.",
        "task-cancelled" => "The task is cancelled.",
        "review" => "Your decision is kept.",
        "answered" => "Your answer is on its way.",
        "help" => "Saved.",
        "purchase-cancelled" => "The purchase is cancelled.",
        "signed-out" => "You are signed out.",
        "disabled" => "The account is disabled; nobody is signed in to it.",
        "enabled" => "The account works again.",
        "person-signed-out" => "That person is signed out everywhere.",
        "role" => "The role is changed. That person signs in again.",
        "change-approved" => "You approved the change.",
        "change-rejected" => "The change is rejected.",
        "change-withdrawn" => "The change is taken back.",
        "sent" => "If the address has something to receive, a mail is on its way. Look into your mail box.",
        _ => null,
    };
}
