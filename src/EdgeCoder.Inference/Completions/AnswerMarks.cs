using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Inference.Completions;

/// <summary>
/// Who answers, where, and in whose place, as headers of an answer. The role that faces editors puts them into the body (agent-executor-models 6.3, marks); here
/// the body is what any OpenAI-compatible server would send, so that it can be relayed as it is.
/// </summary>
internal sealed record AnswerMarks
{
    /// <summary>Kind of the provider.</summary>
    public required string Route { get; init; }

    /// <summary>Exact id of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Its digest, or <c>unpinned</c>.</summary>
    public required string Digest { get; init; }

    /// <summary>Where it runs: <c>this-machine</c>, <c>team</c> or <c>cloud</c>.</summary>
    public required string RanOn { get; init; }

    /// <summary>The model that was meant, when a fallback stands in for it.</summary>
    public string? FallbackFrom { get; init; }

    /// <summary>Of a chosen model.</summary>
    public static AnswerMarks Of(SelectedModel selected) => new()
    {
        Route = selected.Model.Identity.Provider,
        Model = selected.Model.Identity.Id,
        Digest = selected.Model.Identity.Digest ?? "unpinned",
        RanOn = selected.Model.Reach switch
        {
            ModelReach.ThisMachine => "this-machine",
            ModelReach.Team => "team",
            _ => "cloud",
        },
        FallbackFrom = selected.FallbackFrom,
    };

    /// <summary>Writes the headers.</summary>
    public void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["x-edgecoder-provider"] = Route;
        headers["x-edgecoder-model"] = Model;
        headers["x-edgecoder-model-digest"] = Digest;
        headers[ReachHeader.Name] = RanOn;
        if (FallbackFrom is not null)
        {
            headers["x-edgecoder-fallback-from"] = FallbackFrom;
        }
    }
}
