using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>How a submitter sees an agent: the same within a task, unlinkable across tasks (coordinator-and-mesh 4.7).</summary>
internal static class AgentPseudonym
{
    /// <summary><c>agent-</c> and 8 hex digits.</summary>
    public static string Of(string taskId, string agentId) => "agent-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"edgecoder/pseudonym/v1\n{taskId}\n{agentId}")).AsSpan(0, 4));
}
