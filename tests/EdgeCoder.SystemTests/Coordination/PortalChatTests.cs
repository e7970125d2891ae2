using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>Chat through portal, coordinator, inference service and the demonstration model's own process.</summary>
public sealed class PortalChatTests
{
    [Fact]
    public async Task A_question_in_the_chat_is_answered_by_the_model_of_this_machine_and_is_there_after_a_kill()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token);
        var stop = patience.Token;
        await using var coordinator = new RunningCoordinator(selfAgent: false);
        await coordinator.StartAsync(stop);
        
        // As a program: it keeps no cookies.
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new($"http://127.0.0.1:{coordinator.Run.Environment["PORTAL_PORT"]}"), Timeout = Timeout.InfiniteTimeSpan };
        var code = coordinator.Ready.GetProperty("firstAdministrator").GetString()!.Split("code=")[1];
        await AskAsync(http, "/setup", new { code, email = "ann@example.org", password = "brave otter harbour" }, stop);
        var session = (await AskAsync(http, "/auth/login", new { email = "ann@example.org", password = "brave otter harbour" }, stop)).GetProperty("sessionToken").GetString();
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + session);
        var id = (await AskAsync(http, "/portal/api/conversations", new { dataClass = "local" }, stop)).GetProperty("conversationId").GetString();

        using (var request = new HttpRequestMessage(HttpMethod.Post, "/portal/api/chat") { Content = JsonContent.Create(new { conversationId = id, message = "write a function that merges two dictionaries" }) })
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            Assert.True(answer.IsSuccessStatusCode, await (answer.IsSuccessStatusCode ? Task.FromResult("") : answer.Content.ReadAsStringAsync(stop)));
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(stop));
            while (await reader.ReadLineAsync(stop) != "data: [DONE]")
            {
            }
        }

        await coordinator.KillAsync();
        await coordinator.StartAsync(stop);
        var messages = JsonElement.Parse(await http.GetStringAsync($"/portal/api/conversations/{id}/messages", stop)).GetProperty("messages");
        Assert.Equal(("assistant", "complete"), (messages[1].GetProperty("role").GetString(), messages[1].GetProperty("status").GetString()));
        Assert.Contains("def merge_dicts", messages[1].GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.True(messages[1].GetProperty("tokensUsed").GetInt64() > 0);
    }

    private static async Task<JsonElement> AskAsync(HttpClient http, string path, object body, CancellationToken stop)
    {
        using var answer = await http.PostAsJsonAsync(path, body, stop);
        var text = await answer.Content.ReadAsStringAsync(stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
