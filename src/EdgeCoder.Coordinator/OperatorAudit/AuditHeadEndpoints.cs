using System.Text.Json.Serialization;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.OperatorAudit;

/// <summary>The route on which the portal tells the head of its audit log.</summary>
internal static class AuditHeadEndpoints
{
    /// <summary>Registers what it needs.</summary>
    public static IServiceCollection AddAuditHeads(this IServiceCollection services) => services.AddSingleton<AuditHeads>();

    /// <summary>Maps it.</summary>
    public static IEndpointRouteBuilder MapAuditHeads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/audit/heads", async (HttpContext http, AuditHeads heads) => TypedResults.Json(
            await heads.TakeAsync(JsonBody.Read(http, AuditHeadJson.Default.AuditHeadReport), http.RequestAborted), AuditHeadJson.Default.AuditHeadAnswer)).AllowCallers(CallerKinds.PortalService);
        return routes;
    }
}

/// <summary>Body of <c>POST /audit/heads</c>.</summary>
/// <param name="Seq">Last row of the audit log.</param>
/// <param name="Hash">Its hash.</param>
internal sealed record AuditHeadReport(long? Seq, string? Hash);

/// <summary>Answer.</summary>
/// <param name="Seq">The row.</param>
/// <param name="Logged">Whether a record was written; false when it was known.</param>
internal sealed record AuditHeadAnswer(long Seq, bool Logged);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AuditHeadReport))]
[JsonSerializable(typeof(AuditHeadAnswer))]
internal sealed partial class AuditHeadJson : JsonSerializerContext;
