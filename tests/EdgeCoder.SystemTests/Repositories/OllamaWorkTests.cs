using System.Text.Json;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.SystemTests.Repositories;

/// <summary>Repository work with a model of an Ollama on this machine: its own form of tool calls, and its proven window.</summary>
public sealed class OllamaWorkTests
{
    [Fact]
    public async Task Native_calls_and_their_results_go_through_ollama()
    {
        var model = new ScriptedModel { Id = "coder:7b", IsScripted = prompt => prompt.Contains("software repository", StringComparison.Ordinal), Turns = new([RepositoryStage.Plan, RepositoryStage.Read, RepositoryStage.Edit, RepositoryStage.Statement]) };
        await using var server = await ScriptedOllama.StartAsync(model);
        using var run = new EdgeCoderRun();
        using var project = SampleRepositories.PythonDates();
        run.Environment["OLLAMA_HOST"] = server.Address.ToString();

        var result = await run.InAsync(
            project.Root, "", "run", "make parse_date accept ISO week dates", "--trust", "--approve-tests", "--apply", "--model", "ollama-local/coder:7b", "--json");

        Assert.True(result.ExitCode == 0, result.ToString());
        var done = Assert.IsType<DoneEvent>(RepositoryStage.Events(result.Output).Last(one => one is DoneEvent));
        Assert.Equal("ollama-local", done.Execution.Model!.Provider);
        Assert.Contains("fromisoformat", project.Read("dates.py"), StringComparison.Ordinal);
        var last = server.Requests.Last(request => request.Path == "/api/chat").Body;
        Assert.Contains(last.GetProperty("tools").EnumerateArray(), tool => tool.GetProperty("function").GetProperty("name").GetString() == "edit_file");
        var messages = last.GetProperty("messages").EnumerateArray().ToList();
        Assert.Contains(messages, message => message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array && calls[0].GetProperty("function").GetProperty("name").GetString() == "read_file");
        Assert.Contains(messages, message => message.GetProperty("role").GetString() == "tool" && message.GetProperty("content").GetString()!.Contains("def parse_date", StringComparison.Ordinal));
    }
}
