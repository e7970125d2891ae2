using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Run;

/// <summary>What the program says to input that it cannot use: a clear message, the right exit code, nothing half written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly EdgeCoderRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("The request is empty", "run", "")]
    [InlineData("The request is empty", "run")]
    [InlineData("The language 'cobol' is not known", "run", "x", "--lang", "cobol")]
    [InlineData("cannot be read", "run", "x", "--tests", "none.py")]
    [InlineData("does not exist", "run", "x", "--out", "none/out.py")]
    [InlineData("--max-seconds must be", "run", "x", "--max-seconds", "0")]
    [InlineData("must be 1 to 100", "run", "x", "--max-iterations", "0")]
    [InlineData("--nonsense", "run", "x", "--nonsense")]
    [InlineData("mesh", "run", "x", "--data-class", "mesh")]
    [InlineData("invalid_checksum_format", "models", "pull", "m", "--from", "https://huggingface.co/x", "--sha256", "12", "--json")]
    [InlineData("SANDBOX_MODE must be", "run", "x")]
    public async Task A_wrong_command_line_is_a_usage_error(string message, params string[] arguments)
    {
        if (message.StartsWith("SANDBOX", StringComparison.Ordinal))
        {
            _run.Environment["SANDBOX_MODE"] = "sometimes";
        }

        var result = await _run.ToEndAsync(arguments);
        Assert.True(result.ExitCode is 1 or 2, result.ToString());
        Assert.Contains(message, result.Error + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_without_a_word_the_program_says_what_it_can_do()
    {
        var result = await _run.ToEndAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.All((string[])["run", "exec", "models", "doctor", "eval", "sessions", "--json"], word => Assert.Contains(word, result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_of_a_megabyte_is_refused()
    {
        var result = await _run.WithInputAsync(new string('a', 1 << 20), "run", "-");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("longer than 256 KiB", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_model_the_answer_names_the_command_that_gets_one()
    {
        _run.Write("config/models.json", """{"demonstration":false}""");
        _run.Environment["EDGECODER_CONFIG_DIR"] = Path.Combine(_run.Directory, "config");
        var result = await _run.ToEndAsync("run", "reverse a string", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no_model_available", result.Output, StringComparison.Ordinal);
        Assert.Contains("edgecoder models pull", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_that_is_not_there_stops_the_run_with_a_remedy()
    {
        _run.Environment["SANDBOX_MODE"] = "docker";
        var result = await _run.ToEndAsync("run", "reverse a string", "--model", "edgecoder-demo");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("SANDBOX_MODE", result.Error + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Succeeded", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_runs_no_code_refuses_by_policy()
    {
        _run.Environment["SANDBOX_MODE"] = "none";
        var result = await _run.ToEndAsync("run", "reverse a string", "--model", "edgecoder-demo");
        Assert.Equal(4, result.ExitCode);
    }

    [Fact]
    public async Task An_unknown_session_is_not_resumed()
    {
        var result = await _run.ToEndAsync("run", "--resume", "00000000-0000-0000-0000-000000000000", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("session_not_found", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_named()
    {
        var file = _run.Write("file", "");
        _run.Environment["EDGECODER_DATA_DIR"] = Path.Combine(file, "data");
        var result = await _run.ToEndAsync("doctor");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("EDGECODER_DATA_DIR", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pulling_without_a_network_says_so_and_leaves_nothing()
    {
        // Nothing listens on the discard port.
        _run.Environment["MODEL_SOURCE_ALLOWLIST"] = "https://127.0.0.1:9/";
        var result = await _run.ToEndAsync("models", "pull", "mine", "--from", "https://127.0.0.1:9/m.gguf", "--sha256", new string('a', 64));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("127.0.0.1:9", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", (await _run.ToEndAsync("models", "list")).Output, StringComparison.Ordinal);
    }
}
