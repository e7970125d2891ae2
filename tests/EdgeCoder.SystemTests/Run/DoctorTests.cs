using System.Text.Json;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Run;

public sealed class DoctorTests : IDisposable
{
    private readonly EdgeCoderRun _run = new(fresh: true);

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task On_a_machine_that_is_ready_everything_a_run_needs_is_in_order()
    {
        var result = await _run.ToEndAsync("doctor", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        var states = JsonDocument.Parse(result.Output).RootElement.EnumerateArray().ToLookup(finding => finding.GetProperty("name").GetString(), finding => finding.GetProperty("state").GetString());
        Assert.All((string[])["runtime", "disk", "settings", "llama.cpp", "sandbox", "python", "javascript", "model"], name => Assert.DoesNotContain("fault", states[name].DefaultIfEmpty("fault")));
        Assert.Contains("ok", states["sandbox"]);
    }

    [Fact]
    public async Task What_is_missing_is_a_fault_with_its_remedy()
    {
        _run.Write("config/models.json", """{"demonstration":false}""");
        _run.Environment["EDGECODER_CONFIG_DIR"] = Path.Combine(_run.Directory, "config");
        _run.Environment["SANDBOX_MODE"] = "docker";
        var result = await _run.ToEndAsync("doctor");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("SANDBOX_MODE", result.Output, StringComparison.Ordinal);
        Assert.Contains("edgecoder models pull", result.Output, StringComparison.Ordinal);
    }
}
