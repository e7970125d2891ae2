using System.Buffers.Text;
using System.Text.Json;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.SystemTests.Run;
using EdgeCoder.TestKit.Coordinators;
using static EdgeCoder.SystemTests.Run.ScriptedCoder;

namespace EdgeCoder.SystemTests.Workers;

/// <summary><c>edgecoder worker</c> as its owner runs it: a real process, real signatures and envelopes, the real sandbox; the coordinator and the model are scripted.</summary>
public sealed class WorkerProcessTests : IAsyncLifetime
{
    private const string Node = "node-one";

    private ScriptedCoordinator _coordinator = null!;
    private ScriptedCoder _coder = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coder = await StartAsync(Python("def double(x):\n    return x * 2"));
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        await _coder.DisposeAsync();
    }

    [Fact]
    public async Task Joining_waiting_for_approval_and_a_verified_form_of_result_and_Ctrl_C_ends_in_order()
    {
        var code = Code();
        using var process = _coder.Run.Start("worker", "join", code);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var beat = await _coordinator.Heartbeats.Reader.ReadAsync(Cancel);
        Assert.Equal("namespaces", beat.SandboxMode);
        Assert.Equal("scripted", beat.ActiveModel);
        Assert.Equal(16_384, beat.ProvenContext);
        _coordinator.SetStatus(Node, "active");
        _coordinator.Enqueue(Order());

        var result = await _coordinator.Results.Reader.ReadAsync(Cancel);
        Interrupt(process.Id);
        await process.WaitForExitAsync(Cancel);

        Assert.True(result.Ok, $"{result.Error}\n{await output}\n{await error}");
        Assert.Equal("def double(x):\n    return x * 2", result.Output!.Trim());
        Assert.Equal(("namespaces", 1), (result.Sandbox!.Mode, result.TestReport!.Passed));
        Assert.True(_coordinator.Blobs.ContainsKey(result.LogsDigest!));
        Assert.Equal(0, process.ExitCode);
        var said = await output;
        Assert.Contains($"edgecoder node approve {Node}", said, StringComparison.Ordinal);
        Assert.Contains("is approved and active", said, StringComparison.Ordinal);
        Assert.Contains("Stopped.", said, StringComparison.Ordinal);
        Assert.DoesNotContain(code, said + await error, StringComparison.Ordinal);
        Assert.Empty(_coordinator.SignatureFaults);
    }

    [Fact]
    public async Task Killed_with_a_signed_result_the_next_start_brings_the_same_one_with_the_same_key()
    {
        _coordinator.Fault = path => path == "/result" ? ScriptedCoordinator.Problem(503, "storage_unavailable") : null;
        var code = Code();
        using (var first = _coder.Run.Start("worker", "join", code, "--json"))
        {
            first.StandardInput.Close();
            await _coordinator.Heartbeats.Reader.ReadAsync(Cancel);
            _coordinator.SetStatus(Node, "active");
            _coordinator.Enqueue(Order());
            while (await first.StandardOutput.ReadLineAsync(Cancel) is { } line && !line.Contains("\"type\":\"signed\"", StringComparison.Ordinal))
            {
            }

            first.Kill();
            await first.WaitForExitAsync(Cancel);
        }

        var bound = _coordinator.KeyOf(Node);
        _coordinator.Fault = static _ => null;
        using var second = _coder.Run.Start("worker", "run", "--json");
        second.StandardInput.Close();
        var reading = second.StandardOutput.ReadToEndAsync(Cancel);
        var result = await _coordinator.Results.Reader.ReadAsync(Cancel);
        second.Kill();
        await second.WaitForExitAsync(Cancel);
        await reading;

        Assert.True(result.Ok);
        Assert.Equal(bound, _coordinator.KeyOf(Node));
        Assert.Single(_coordinator.ResultBodies.Distinct());
        Assert.Single(_coder.CodePrompts);
    }

    [Fact]
    public async Task Trying_tells_what_is_missing_and_then_that_nothing_is()
    {
        _coder.Run.Environment["COORDINATOR_URL"] = "http://127.0.0.1:1";
        var missing = await _coder.Run.ToEndAsync("worker", "try");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("worker join <code>", missing.Output, StringComparison.Ordinal);
        Assert.Contains("nobody answers there", missing.Output, StringComparison.Ordinal);

        _coder.Run.Environment["COORDINATOR_URL"] = _coordinator.Url;
        _coder.Run.Environment["AGENT_REGISTRATION_TOKEN"] = _coordinator.Enrol(Node);
        _coder.Run.Environment["AGENT_ID"] = Node;
        var ready = await _coder.Run.ToEndAsync("worker", "try");
        Assert.True(ready.ExitCode == 0, ready.ToString());
        Assert.Contains("proved its key", ready.Output, StringComparison.Ordinal);
        Assert.Empty(_coordinator.Registrations);
    }

    [Fact]
    public async Task Wrong_codes_and_settings_are_told_together_and_nothing_is_started()
    {
        var code = await _coder.Run.ToEndAsync("worker", "join", "ec1_nonsense");
        Assert.Equal(2, code.ExitCode);
        Assert.Contains("join code", code.Error, StringComparison.Ordinal);

        _coder.Run.Environment["MAX_CONCURRENT_TASKS"] = "1e3";
        _coder.Run.Environment["COORDINATOR_URL"] = "http://one.example.org";
        var settings = await _coder.Run.ToEndAsync("worker", "run");
        Assert.Equal(2, settings.ExitCode);
        Assert.Contains("MAX_CONCURRENT_TASKS", settings.Error, StringComparison.Ordinal);
        Assert.Contains("COORDINATOR_URL", settings.Error, StringComparison.Ordinal);
    }

    private string Code() => "ec1_" + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { u = _coordinator.Url, n = Node, t = _coordinator.Enrol(Node) }));

    private SubtaskOrder Order() => new()
    {
        Id = "s-1",
        TaskId = "t-1",
        Kind = SubtaskKind.MicroLoop,
        Language = "python",
        Input = "double a number",
        InputSalt = "",
        TimeoutMs = 5_000,
        AttemptTimeoutMs = 120_000,
        DataClass = SharedDataClass.Mesh,
        ProjectMeta = new("default", null, ResourceClass.Cpu, 50),
        AcceptanceCheck = new()
        {
            Command = ["runner"],
            TimeoutMs = 5_000,
            Report = CheckReport.Runner,
            Files = [new("test_double.py", _coordinator.AddBlob("from solution import double\n\n\ndef test_double():\n    assert double(21) == 42\n"u8.ToArray()))],
        },
    };

    private static void Interrupt(int process)
    {
        using var kill = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("kill") { ArgumentList = { "-INT", process.ToString(System.Globalization.CultureInfo.InvariantCulture) } });
        kill!.WaitForExit();
    }
}
