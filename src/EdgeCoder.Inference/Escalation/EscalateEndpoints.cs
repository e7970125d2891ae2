using System.Text.Json;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Inference.Metrics;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Escalation;

/// <summary><c>POST /escalate</c> of the inference service.</summary>
internal static class EscalateEndpoints
{
    private const int MostErrors = 200;

    /// <summary>Maps it.</summary>
    public static void MapEscalate(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var escalator = services.GetRequiredService<Escalator>();
        var metrics = services.GetRequiredService<InferenceMetrics>();
        var times = services.GetRequiredService<EscalationTimes>();
        var time = services.GetRequiredService<RoleClock>().Time;
        routes.MapGuarded("POST", "/escalate", InferenceRule.Signed, async context =>
        {
            var request = JsonBody.Read(context, InferenceJson.Default.InferenceEscalation);
            var language = Check(request);
            metrics.EscalateRequested();
            var start = time.GetTimestamp();
            InferenceEscalationAnswer answer;
            try
            {
                answer = await escalator.EscalateAsync(request, language, context.RequestAborted).ConfigureAwait(false);
            }
            catch (ModelException fault) when (fault.Code is "no_model_available")
            {
                metrics.Escalated(success: false);
                throw ModelRefusal.Of(fault);
            }
            catch (ModelException fault)
            {
                answer = new() { ImprovedCode = "", Explanation = $"Escalation inference failed: {fault.Code}: {fault.Message}" };
            }
            finally
            {
                metrics.Took(time.GetElapsedTime(start));
                times.Took(time.GetElapsedTime(start));
            }

            var success = !string.IsNullOrWhiteSpace(answer.ImprovedCode);
            metrics.Escalated(success);
            await OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(answer, InferenceJson.Default.InferenceEscalationAnswer), success ? 200 : 502).ConfigureAwait(false);
        });
    }

    private static SnippetLanguage Check(InferenceEscalation request)
    {
        var issues = new List<FieldIssue>();
        if (string.IsNullOrWhiteSpace(request.Task))
        {
            issues.Add(new("task", "not empty"));
        }

        if (request.FailedCode is null)
        {
            issues.Add(new("failedCode", "text; empty when there is none"));
        }

        if (request.ErrorHistory is null || request.ErrorHistory.Count > MostErrors || request.ErrorHistory.Any(error => error is null))
        {
            issues.Add(new("errorHistory", $"at most {MostErrors} texts"));
        }

        var language = request.Language switch { "python" => SnippetLanguage.Python, "javascript" => SnippetLanguage.JavaScript, _ => (SnippetLanguage?)null };
        if (language is null)
        {
            issues.Add(new("language", "python or javascript"));
        }

        return issues.Count == 0 ? language!.Value : throw Refusal.Invalid(issues);
    }
}
