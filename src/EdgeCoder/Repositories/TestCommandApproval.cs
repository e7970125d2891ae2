using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Repositories;

/// <summary>Which question is the one for the project's own test command.</summary>
internal static class TestCommandApproval
{
    /// <summary>Whether it is <c>run_tests</c>, without network.</summary>
    public static bool Is(ApprovalRequest request) => request.Action is { Tool: "run_tests", Access: ToolAccess.Execute, Host: null, Script: false };
}
