using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.SystemTests.Coordination;
using EdgeCoder.SystemTests.Repositories;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>Agentic chat of a real <c>edgecoder up</c>: its key file, its trust store, its sandbox, git, and the line of its inference service. Only the model is scripted.</summary>
public sealed class AgentChatTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_approved_over_http_tested_in_the_sandbox_and_applied()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel
        {
            Id = "scripted",
            Turns = new([RepositoryStage.Plan, RepositoryStage.Read, RepositoryStage.Edit, RepositoryStage.Test, RepositoryStage.Statement]),
        });
        await using var up = new RunningCoordinator(selfAgent: false, role: "all-in-one");
        up.Run.Write(".config/edgecoder/models.json", $$$"""{"servers":[{"name":"scripted","address":"{{{server.BaseAddress}}}","reach":"this-machine","model":"scripted","contextWindow":16384}]}""");
        up.Run.Environment["LOCAL_MODEL_PROVIDER"] = "openai-compatible";
        using var project = SampleRepositories.PythonDates();
        await up.StartAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{up.Run.Environment["IDE_PROVIDER_PORT"]}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(up.Run.DataDirectory, "ide", "key"), Stop)).Trim());

        // A person trusts the directory, by the command that the refusal names.
        var root = new JsonObject { ["projectRoot"] = project.Root };
        var refused = await PostAsync(client, "/v1/ide/project", root);
        Assert.Contains($"edgecoder trust {project.Root}", (string?)refused["detail"], StringComparison.Ordinal);
        await up.DoAsync("trust", project.Root);
        Assert.Equal(project.Root, (string?)(await PostAsync(client, "/v1/ide/project", root))["projectRoot"]);

        // Another key of the same person, and nobody at all.
        using var other = new HttpClient { BaseAddress = client.BaseAddress };
        other.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await up.DoAsync("keys", "create", "other")).Trim());
        using var nobody = new HttpClient { BaseAddress = client.BaseAddress };
        var (session, done) = await ChatAsync(client, other, nobody, up);
        Assert.True((string?)done["outcome"] == "succeeded", done.ToJsonString());
        Assert.Equal(("openai-compatible", "scripted", "this-machine"), ((string?)done["edgecoder"]!["route"], (string?)done["edgecoder"]!["model"], (string?)done["edgecoder"]!["ranOn"]));
        Assert.DoesNotContain("fromisoformat", project.Read("dates.py"), StringComparison.Ordinal);
        Assert.Equal(404, (int)(await PostAsync(other, $"/v1/ide/sessions/{session}/apply", []))["status"]!);
        Assert.DoesNotContain("fromisoformat", project.Read("dates.py"), StringComparison.Ordinal);
        Assert.True((bool)(await PostAsync(client, $"/v1/ide/sessions/{session}/apply", []))["ok"]!);
        Assert.Contains("fromisoformat", project.Read("dates.py"), StringComparison.Ordinal);
        Assert.Equal("", project.Git("diff", "--cached"));
    }

    // Says yes to every question, which is one: the project's own tests, before the first change.
    private static async Task<(string Session, JsonNode Done)> ChatAsync(HttpClient client, HttpClient other, HttpClient nobody, RunningCoordinator up)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/ide/chat") { Content = Json(new() { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "make parse_date accept ISO week dates" }) }) };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.True(answer.IsSuccessStatusCode, answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync(Stop) + up.Errors);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        var asked = new List<string?>();
        JsonNode last = new JsonObject();
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            last = JsonNode.Parse(line["data: ".Length..])!;
            if ((string?)last["approvalId"] is { } id)
            {
                asked.Add((string?)last["tool"]);
                var word = new JsonObject { ["id"] = id, ["approved"] = true };
                Assert.Contains("No pending approval with that id", (await PostAsync(other, "/v1/ide/tool-approval", word)).ToJsonString(), StringComparison.Ordinal);
                Assert.Equal(401, (int)(await PostAsync(nobody, "/v1/ide/tool-approval", word))["status"]!);
                Assert.True((bool)(await PostAsync(client, "/v1/ide/tool-approval", word))["ok"]!);
            }
        }

        Assert.Equal("done", (string?)last["type"]);
        Assert.Equal(["run_tests"], asked);
        return ((string)last["sessionId"]!, last);
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, JsonObject body)
    {
        using var answer = await client.PostAsync(path, Json(body), Stop);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
    }

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
