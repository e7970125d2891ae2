using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Inference.Metrics;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Decomposition;

/// <summary><c>POST /decompose</c>.</summary>
internal static class DecomposeEndpoints
{
    private const int MostPromptBytes = 262_144;

    /// <summary>Maps it.</summary>
    public static void MapDecompose(this IEndpointRouteBuilder routes)
    {
        var decomposer = routes.ServiceProvider.GetRequiredService<Decomposer>();
        var metrics = routes.ServiceProvider.GetRequiredService<InferenceMetrics>();
        routes.MapAsking("/decompose", InferenceJson.Default.DecomposeRequest, Check, async (request, language, cancellationToken) =>
        {
            metrics.DecomposeRequested();
            try
            {
                var answer = await decomposer.DecomposeAsync(request, language, cancellationToken).ConfigureAwait(false);
                metrics.Decomposed(answer.Fallback is not null);
                return (JsonSerializer.SerializeToUtf8Bytes(answer, InferenceJson.Default.DecomposeAnswer), StatusCodes.Status200OK);
            }
            catch (ModelException fault)
            {
                throw ModelRefusal.Of(fault);
            }
        });
    }

    /// <summary>The language of the request; throws when a member breaks its rule.</summary>
    internal static string Check(DecomposeRequest request)
    {
        var issues = new List<FieldIssue>();
        if (!ClientId.IsValid(request.TaskId))
        {
            issues.Add(new("taskId", "an id of 3 to 128 letters, digits and . _ : -"));
        }

        if (string.IsNullOrWhiteSpace(request.Prompt) || Encoding.UTF8.GetByteCount(request.Prompt) > MostPromptBytes)
        {
            issues.Add(new("prompt", $"1 to {MostPromptBytes} bytes"));
        }

        var language = request.Language ?? "python";
        var repository = request.Kind == SubtaskKind.RepoChange;
        if (repository ? language.Length is 0 or > 64 : language is not ("python" or "javascript"))
        {
            issues.Add(new("language", repository ? "1 to 64 characters" : "python or javascript"));
        }

        return issues.Count == 0 ? language : throw Refusal.Invalid(issues);
    }
}
