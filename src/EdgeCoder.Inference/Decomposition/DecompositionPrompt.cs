using System.Text.Json;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Inference.Decomposition;

/// <summary>Asks for a decomposition (agent-executor-models 1.4). Raise the version with every change of wording.</summary>
internal static class DecompositionPrompt
{
    private const int Version = 1;

    // The maximum is the contract's; a provider that obeys schemas cannot break it.
    private static readonly JsonElement Schema = JsonDocument.Parse(
        """
        {"type":"array","minItems":1,"maxItems":10,"items":{"type":"object","properties":{"input":{"type":"string"},"language":{"type":"string"},
        "dependsOn":{"type":"array","items":{"type":"integer"}}},"required":["input","language","dependsOn"],"additionalProperties":false}}
        """).RootElement.Clone();

    /// <summary>The prompt. <paramref name="fault"/> says what was wrong with the last answer.</summary>
    public static Prompt Of(DecomposeRequest request, string language, string? fault) => new(
        "decompose",
        Version,
        [
            new("instructions",
                $$"""
                You split a programming task into at most {{DecomposeAnswer.MostSubtasks}} parts that different programmers do without talking to each other.
                Answer with a JSON array and nothing else: [{"input": "…", "language": "{{language}}", "dependsOn": []}].
                "input" is the complete order for one part: what to write, the names to define, what goes in and what comes out. Nobody sees the other parts,
                so repeat what a part needs to know. "dependsOn" lists the positions, from 0, of parts whose result a part needs; leave it empty unless it
                does. A task that one function or one file solves is one part. Do not add parts for tests, documentation or project setup.
                {{Languages(request)}}
                """),
        ],
        [new("request", $"Language: {language}\nTask: {request.Prompt!.Trim()}"), new("correction", fault ?? "")],
        Schema);

    private static string Languages(DecomposeRequest request) =>
        (request.Kind ?? SubtaskKind.MicroLoop) == SubtaskKind.RepoChange ? "Every part changes the same repository." : "\"language\" is python or javascript.";
}
