using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Portal.Tasks;

/// <summary>A request of a person, as it becomes a task.</summary>
/// <param name="Submission">Body of <c>POST /tasks</c>.</param>
/// <param name="Tests">Bytes of the tests, stored as a blob before; null without.</param>
internal sealed record TaskOrder(TaskSubmission Submission, byte[]? Tests)
{
    private const int MostCharacters = 32_000;
    private const int CheckTimeoutMs = 10_000;

    /// <summary>
    /// Reads the fields of the page and of programs. The id follows from the repetition key, so that the coordinator, which takes an id once, is what makes a repeated
    /// request harmless (coordinator-and-mesh 4.1). Throws 400 <c>validation_failed</c>.
    /// </summary>
    public static TaskOrder Read(ActionInput input, string accountId, string? key)
    {
        var prompt = input.Lines("prompt", MostCharacters);
        if (prompt is null)
        {
            input.Fault("prompt", "required");
        }

        var language = input.Choice("language", "python", "javascript");
        var dataClass = input.Choice("dataClass", "team", "mesh");
        var tests = input.Lines("tests", MostCharacters);
        var most = input.Number("maxCredits", 0.001m, 1_000_000m, 3);
        var attempts = input.Number("maxAttempts", 1, 10, 0);
        input.ThrowIfFaulty();
        var bytes = tests is null ? null : Encoding.UTF8.GetBytes(tests.EndsWith('\n') ? tests : tests + "\n");
        var submission = new TaskSubmission
        {
            TaskId = key is null ? Guid.NewGuid().ToString() : "p-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{accountId}\n{key}")))[..40],
            Prompt = prompt,
            Language = language,
            Plan = TaskPlan.Single,
            DataClass = dataClass,
            SubmitterAccountId = accountId,
            MaxCredits = most,
            MaxAttempts = (int?)attempts,
            AcceptanceCheck = bytes is null ? null : Check(language, bytes),
        };
        return new(submission, bytes);
    }

    /// <summary>The body.</summary>
    public JsonObject Body => JsonSerializer.SerializeToNode(Submission, MeshJson.Default.TaskSubmission)!.AsObject();

    /// <summary>Digest of the tests.</summary>
    public string? TestsDigest => Tests is null ? null : Digest(Tests);

    /// <summary>Hex SHA-256.</summary>
    public static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // EdgeCoder's own runner on the person's tests, which nobody may change (coordinator-and-mesh 5.1).
    private static AcceptanceCheck Check(string language, byte[] tests)
    {
        var file = new CheckFile(language == "javascript" ? "tests.js" : "tests.py", Digest(tests));
        return new() { Command = ["runner"], TimeoutMs = CheckTimeoutMs, Report = CheckReport.Runner, Files = [file], ProtectedFiles = [file] };
    }
}
