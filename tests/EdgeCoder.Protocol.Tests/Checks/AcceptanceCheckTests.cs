using System.Text.Json;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Protocol.Tests.Checks;

public sealed class AcceptanceCheckTests
{
    [Fact]
    public void Null_equals_absent()
    {
        var check = JsonSerializer.Deserialize("""{"command":["runner"],"timeoutMs":1000,"report":"runner","protectedFiles":null,"expected":null}""", MeshJson.Default.AcceptanceCheck)!;
        Assert.Equal(0, check.Expected.ExitCode);
        Assert.Empty(check.ProtectedFiles);
    }

    [Fact]
    public void What_a_message_leaves_out_has_its_documented_default()
    {
        var check = JsonSerializer.Deserialize("""{"command":["runner"],"timeoutMs":1000,"report":"runner"}""", MeshJson.Default.AcceptanceCheck)!;
        Assert.Equal(1, check.V);
        Assert.Equal(0, check.Expected.ExitCode);
        Assert.Empty(check.ProtectedFiles);
        Assert.Empty(JsonSerializer.Deserialize("{}", MeshJson.Default.PullAnswer)!.Assignments);
        Assert.Equal(50, JsonSerializer.Deserialize("""{"accepted":true,"status":"active","policy":{},"mode":"swarm-only","coordinatorPublicKey":"k"}""", MeshJson.Default.RegisterAnswer)!.Policy.CpuCapPercent);
    }
}
