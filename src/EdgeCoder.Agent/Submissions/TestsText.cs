using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Protocol.Checks;

namespace EdgeCoder.Agent.Submissions;

/// <summary>Tests as text, that become a frozen check and a blob.</summary>
/// <param name="Name">File name.</param>
/// <param name="Text">Content.</param>
public sealed record TestsText(string Name, string Text)
{
    /// <summary>Bytes of the blob.</summary>
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);

    /// <summary>Its name.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>The check: EdgeCoder's own runner on these tests, which nobody may change (coordinator-and-mesh 5.1).</summary>
    public AcceptanceCheck Check(int timeoutMs) => new()
    {
        Command = ["runner"],
        TimeoutMs = timeoutMs,
        Report = CheckReport.Runner,
        Files = [new(Name, Sha256)],
        ProtectedFiles = [new(Name, Sha256)],
    };
}
