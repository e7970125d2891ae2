using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>The member <c>edgecoder</c> of agentic answers: where it ran and in which class (agent-executor-models 0, 6.3).</summary>
internal static class ExecutionMarks
{
    /// <summary>Of an execution.</summary>
    public static JsonObject Of(AgentExecution execution)
    {
        var marks = new JsonObject { ["route"] = execution.Model?.Provider ?? "edgecoder-local", ["latencyMs"] = execution.Usage.WallMs };
        if (execution.Model is { } model)
        {
            marks["model"] = model.Id;
            marks["modelDigest"] = model.Digest;
        }

        marks["dataClass"] = execution.DataClass;
        marks["ranOn"] = "this-machine";
        return marks;
    }
}
