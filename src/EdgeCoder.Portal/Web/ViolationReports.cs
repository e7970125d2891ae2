using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Web;

/// <summary>Where browsers report what the content security policy stopped: counted, and logged a few times a minute, without what the page held.</summary>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class ViolationReports(TimeProvider time, ILogger<ViolationReports> log)
{
    private const int MostBytes = 8 * 1024;
    private const int MostLoggedEachMinute = 5;

    private readonly Lock _gate = new();
    private long _minute;
    private int _logged;

    /// <summary>Reports since the start.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a report.</summary>
    public async Task ReceiveAsync(HttpContext context)
    {
        var bytes = new byte[MostBytes];
        var count = await context.Request.Body.ReadAtLeastAsync(bytes, MostBytes, throwOnEndOfStream: false, context.RequestAborted).ConfigureAwait(false);
        var directive = Directive(bytes.AsMemory(0, count));
        lock (_gate)
        {
            Count++;
            var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            (_minute, _logged) = minute == _minute ? (minute, _logged + 1) : (minute, 1);
            if (_logged > MostLoggedEachMinute)
            {
                directive = null;
            }
        }

        if (directive is not null)
        {
            LogViolation(directive);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Only a name of a directive: everything else of a report is a stranger's text.
    private static string Directive(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var name = document.RootElement.TryGetProperty("csp-report", out var report) && report.TryGetProperty("effective-directive", out var value) ? value.GetString() : null;
            return name is { Length: < 40 } && name.All(c => char.IsAsciiLetterLower(c) || c == '-') ? name : "unknown";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return "unknown";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A browser reports that the content security policy stopped something: {Directive}")]
    private partial void LogViolation(string directive);
}

/// <summary>Its route.</summary>
internal static class ViolationEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapViolationReports(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/csp-report", [HttpMethods.Post], context => context.RequestServices.GetRequiredService<ViolationReports>().ReceiveAsync(context))
            .WithMetadata(new AccessRule(Access.Anyone)).WithMetadata(new ChangesNothing()).WithMetadata(new SameForEverybody());
}
