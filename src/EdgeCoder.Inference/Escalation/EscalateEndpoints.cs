using System.Text.Json;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Problems;
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
        var escalator = routes.ServiceProvider.GetRequiredService<Escalator>();
        var metrics = routes.ServiceProvider.GetRequiredService<InferenceMetrics>();
        var times = routes.ServiceProvider.GetRequiredService<EscalationTimes>();
        routes.MapAsking(
            "/escalate",
            InferenceJson.Default.InferenceEscalation,
            Check,
            async (request, language, cancellationToken) =>
            {
                metrics.EscalateRequested();
                var answer = await AnswerAsync(escalator, metrics, request, language, cancellationToken).ConfigureAwait(false);
                var success = !string.IsNullOrWhiteSpace(answer.ImprovedCode);
                metrics.Escalated(success);
                return (JsonSerializer.SerializeToUtf8Bytes(answer, InferenceJson.Default.InferenceEscalationAnswer), success ? 200 : 502);
            },
            times.Took);
    }

    // Without any model the service is not there; one that fails is an answer without code.
    private static async Task<InferenceEscalationAnswer> AnswerAsync(Escalator escalator, InferenceMetrics metrics, InferenceEscalation request, SnippetLanguage language, CancellationToken cancellationToken)
    {
        try
        {
            return await escalator.EscalateAsync(request, language, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelException fault) when (fault.Code is "no_model_available")
        {
            metrics.Escalated(success: false);
            throw ModelRefusal.Of(fault);
        }
        catch (ModelException fault)
        {
            return new() { ImprovedCode = "", Explanation = $"Escalation inference failed: {fault.Code}: {fault.Message}" };
        }
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
