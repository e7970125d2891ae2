using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>submit_task</c>: queues a snippet at the coordinator that a person named. There is no value for <c>local</c>, so that local work cannot be sent by mistake.</summary>
internal sealed class SubmitTaskTool(Func<SubmitterClient> open, ReleasedPayload.Gate gate) : McpTool
{
    private const int UsualTimeoutMs = 10_000;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["task"],"properties":{
        "task":{"type":"string","minLength":1,"maxLength":262144,"description":"What to write, in plain words. It leaves this machine."},
        "language":{"type":"string","enum":["python","javascript"],"description":"Default python."},
        "tests":{"type":"string","minLength":1,"maxLength":1048576,"description":"Tests that every result must pass when it is run again on the coordinator's side. Without them a result is labelled unverified."},
        "data_class":{"type":"string","enum":["team","mesh"],"description":"Who may work on it: team (default): nodes of the account; mesh: any approved node."},
        "task_id":{"type":"string","minLength":1,"maxLength":128,"description":"Id of the task; the same id and content again changes nothing. Default: a new UUID."},
        "priority":{"type":"integer","minimum":0,"maximum":100,"description":"0 to 100, default 50."},
        "max_credits":{"type":"number","minimum":0,"maximum":1000000000,"description":"Most credits it may cost, at most three decimals. Default: the account's own limit."},
        "timeout_ms":{"type":"integer","minimum":1000,"maximum":600000,"description":"Most milliseconds of one run of the tests, 1000 to 600000. Default 10000."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "submit_task";

    /// <inheritdoc/>
    public override string Description => "Queues a programming task at the coordinator; approved nodes work on it and a result counts only after it was run again. Returns {taskId, state}. Follow it with task_events, fetch it with task_result.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override bool ReadOnly => false;

    /// <inheritdoc/>
    public override bool OpenWorld => true;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var given = call.Arguments;
        var wanted = given.TextOrNull("data_class") ?? "team";
        if (DataClasses.Parse(wanted) > call.Caller.MaxDataClass)
        {
            throw new McpFault("data_class_denied", $"The key allows work of class {call.Caller.MaxDataClass.Word()} at most, and this is {wanted}.", "Use run_task, which stays on this machine, or a key of a wider class.");
        }

        using var client = open();
        var language = given.TextOrNull("language") ?? "python";
        var request = new SwarmRequest
        {
            Id = given.TextOrNull("task_id") ?? Guid.NewGuid().ToString("D"),
            Prompt = given.Text("task"),
            Kind = SubtaskKind.MicroLoop,
            Language = language,
            Tests = given.TextOrNull("tests") is { } tests ? new(language == "javascript" ? "tests.js" : "tests.py", tests) : null,
            TestsTimeout = TimeSpan.FromMilliseconds(given.Number("timeout_ms", UsualTimeoutMs, 1_000, 600_000)),
            Project = null,
            Priority = given.TryGetProperty("priority", out var priority) ? priority.GetInt32() : null,
            MaxCredits = given.TryGetProperty("max_credits", out var credits) ? credits.GetDecimal() : null,
        };
        var accepted = await client.SubmitAsync(Release(request, wanted), cancellationToken).ConfigureAwait(false);
        return McpAnswer.Of(JsonSerializer.SerializeToElement(accepted, MeshJson.Default.TaskAccepted));
    }

    private ReleasedPayload Release(SwarmRequest request, string dataClass)
    {
        try
        {
            return gate.Release(request, DataClasses.Parse(dataClass) ?? DataClass.Local);
        }
        catch (Refusal fault)
        {
            throw new McpFault(fault.Error, fault.Message, null);
        }
    }
}
