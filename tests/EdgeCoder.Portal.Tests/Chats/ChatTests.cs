using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using EdgeCoder.Portal.Chats;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.TestKit.Processes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Chats;

/// <summary>Chat and conversations over HTTP (portal-and-control-plane 13; failure modes C1 to C6, O1).</summary>
public sealed class ChatTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_kept_and_its_answer_comes_as_whole_events()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);

        var events = await AskAsync(scene, key, id, "How do I sort\na list?");

        Assert.Equal("Hello **there**.", Words(events));
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal(12, JsonElement.Parse(events[^2].Data).GetProperty("usage").GetProperty("tokensUsed").GetInt64());
        var (_, kept) = await scene.SendAsync("GET", $"/portal/api/conversations/{id}/messages", bearer: key);
        Assert.Equal(
            [("user", "How do I sort\na list?", "complete"), ("assistant", "Hello **there**.", "complete")],
            kept.GetProperty("messages").EnumerateArray().Select(one => (one.GetProperty("role").GetString(), one.GetProperty("content").GetString(), one.GetProperty("status").GetString())));
        var (_, list) = await scene.SendAsync("GET", "/portal/api/conversations", bearer: key);
        Assert.Equal("How do I sort a list?", list.GetProperty("conversations")[0].GetProperty("title").GetString());

        // C5: a local conversation says so on its way, and the history goes with the next question, without any words of a system but ours.
        Assert.Equal(200, (await scene.SendAsync("PATCH", "/portal/api/conversations/" + id, new { model = "coder" }, key)).Status);
        await AskAsync(scene, key, id, "And backwards?");
        var (reach, actor, body) = coordinator.Asked.Last();
        Assert.Equal("this-machine", reach);
        Assert.StartsWith("user:", actor, StringComparison.Ordinal);
        Assert.Equal(["system", "user", "assistant", "user"], body.GetProperty("messages").EnumerateArray().Select(one => one.GetProperty("role").GetString()));
    }

    [Fact]
    public async Task Events_that_the_network_cuts_at_every_byte_lose_nothing()
    {
        var whole = ScriptedCoordinator.Pieces("Grüße, ", "{\"x\": \"\\n\"}\n", "日本").SelectMany(piece => piece!).ToArray();
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Answer = [.. whole.Select(one => new[] { one })];
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");

        Assert.Equal("Grüße, {\"x\": \"\\n\"}\n日本", Words(await AskAsync(scene, key, await ConversationAsync(scene, key), "hi")));
    }

    [Theory]
    [InlineData(502, "no_models_available", 502, "no_models_available")]
    [InlineData(400, "context_length_exceeded", 413, "context_window_exceeded")]
    [InlineData(404, "model_not_found", 404, "model_not_found")]
    [InlineData(409, "local_not_offered", 409, "local_not_offered")]
    [InlineData(500, "internal_error", 502, "all_coordinators_failed")]
    public async Task What_fails_before_the_first_word_is_a_status_and_the_question_is_kept(int status, string error, int told, string code)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Refusal = (status, new { status, error, detail = "words" });
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);

        var (answered, body) = await scene.SendAsync("POST", "/portal/api/chat", new { conversationId = id, message = "hi" }, key);

        Assert.Equal((told, code), (answered, body.GetProperty("error").GetString()));
        Assert.Equal([("user", "complete", null), ("assistant", "failed", code)], await MessagesAsync(scene, id));
    }

    [Fact]
    public async Task Coordinator_that_is_away_is_told_and_so_is_the_list_of_models()
    {
        var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        var (_, models) = await scene.SendAsync("GET", "/portal/api/models", bearer: key);
        Assert.Equal("coder", models.GetProperty("local")[0].GetProperty("name").GetString());
        Assert.False(models.TryGetProperty("unavailable", out _));
        await coordinator.DisposeAsync();

        var (status, body) = await scene.SendAsync("POST", "/portal/api/chat", new { conversationId = id, message = "hi" }, key);
        Assert.Equal((502, "no_coordinators_available"), (status, body.GetProperty("error").GetString()));
        (_, models) = await scene.SendAsync("GET", "/portal/api/models", bearer: key);
        Assert.Equal("coordinator_unreachable", models.GetProperty("unavailable").GetString());
        using var browser = scene.Browse();
        await browser.SignInAsync("ann@example.org");
        var (code, html) = await browser.OpenAsync("/portal/chat/" + id);
        Assert.Equal(200, code);
        Assert.Contains("The coordinator does not say which models there are.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_that_breaks_off_keeps_its_words_and_is_asked_for_again()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Answer = ScriptedCoordinator.Pieces("half an ans")[..1];
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);

        var events = await AskAsync(scene, key, id, "hi");
        Assert.Equal("half an ans", Words(events));
        Assert.Contains(events, one => one.Data == "{\"error\":\"stream_interrupted\"}");
        Assert.Equal([("user", "complete", null), ("assistant", "failed", "stream_interrupted")], await MessagesAsync(scene, id));

        coordinator.Answer = ScriptedCoordinator.Pieces("whole");
        var failed = (await scene.ReadAsync(context => context.Set<ChatMessageRow>().FirstAsync(row => row.Role == "assistant", Stop))).Id;
        Assert.Equal("whole", Words(await StreamAsync(scene, key, $"/portal/api/conversations/{id}/messages/{failed}/retry", new { })));

        // The old answer is an alternative, which no model is sent.
        Assert.Equal([("user", "complete", null), ("assistant", "failed", "stream_interrupted"), ("assistant", "complete", null)], await MessagesAsync(scene, id));
        await AskAsync(scene, key, id, "more");
        Assert.DoesNotContain("half an ans", coordinator.Asked.Last().Body.ToString(), StringComparison.Ordinal);
        var (status, body) = await scene.SendAsync("POST", $"/portal/api/conversations/{id}/messages/{failed}/retry", new { }, key);
        Assert.Equal((409, "message_not_last"), (status, body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Reader_that_goes_away_stops_the_model_and_what_came_is_kept()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Answer = [.. ScriptedCoordinator.Pieces("first words")[..1], null, .. ScriptedCoordinator.Pieces("never said")];
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);

        using (var gone = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await StreamAsync(scene, key, "/portal/api/chat", new { conversationId = id, message = "hi" }, async part =>
            {
                if (part.Contains("first words", StringComparison.Ordinal))
                {
                    await gone.CancelAsync();
                }
            }, gone.Token));
        }

        // The pause that a reader may make begins when it has left.
        var answer = (await scene.ReadAsync(context => context.Set<ChatMessageRow>().FirstAsync(row => row.Role == "assistant", Stop))).Id;
        var running = scene.Role.Services.GetRequiredService<ChatTurns>().Find(answer)!;
        await UntilAsync(() => Task.FromResult(running.Readers == 0));
        scene.Time.Advance(RunningAnswer.Grace);
        await coordinator.Gone.Task.WaitAsync(ProgramRun.Patience, Stop);
        await UntilAsync(async () => (await MessagesAsync(scene, id))[^1].Status == "stopped");
        Assert.Equal("first words", (await scene.ReadAsync(context => context.Set<ChatMessageRow>().FirstAsync(row => row.Role == "assistant", Stop))).Content);
    }

    [Fact]
    public async Task Stop_ends_an_answer_and_a_reader_goes_on_from_where_it_was()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Answer = [.. ScriptedCoordinator.Pieces("one ", "two ")[..2], null, .. ScriptedCoordinator.Pieces("three")];
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        using var browser = scene.Browse();
        await browser.SignInAsync("ann@example.org");

        // A form has no reader: the answer goes on by itself.
        var (status, _, location) = await browser.SubmitAsync("/portal/chat/" + id, "/portal/api/chat", ("conversationId", id), ("message", "count"));
        Assert.Equal(303, status);
        var answer = location!.Split('#')[1];
        await coordinator.Waiting.Task.WaitAsync(ProgramRun.Patience, Stop);
        var (running, problem) = await scene.SendAsync("POST", "/portal/api/chat", new { conversationId = id, message = "meanwhile" }, key);
        Assert.Equal((409, "turn_running"), (running, problem.GetProperty("error").GetString()));

        var events = await StreamAsync(scene, key, $"/portal/api/conversations/{id}/messages/{answer}/events", null, lastEventId: "4", heard: async part =>
        {
            if (part.Contains("two", StringComparison.Ordinal))
            {
                Assert.Equal(200, (await scene.SendAsync("POST", $"/portal/api/conversations/{id}/stop", new { }, key)).Status);
            }
        });
        Assert.Equal("two ", Words(events));
        Assert.Contains(events, one => one.Data == "{\"warning\":\"stopped\"}");

        // And after the end, from the row.
        Assert.Equal("wo ", Words(await StreamAsync(scene, key, $"/portal/api/conversations/{id}/messages/{answer}/events", null, lastEventId: "5")));
    }

    [Fact]
    public async Task Other_peoples_conversations_are_not_there()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        await AskAsync(scene, key, id, "secret of ann");
        var message = (await scene.ReadAsync(context => context.Set<ChatMessageRow>().FirstAsync(row => row.Role == "assistant", Stop))).Id;
        var other = await scene.PersonAsync("bob@example.org");
        var asked = coordinator.Asked.Count;
        var one = "/portal/api/conversations/" + id;
        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("GET", one + "/messages", null), ("GET", one + "/export", null), ("GET", $"{one}/messages/{message}/events", null), ("GET", "/portal/chat/" + id, null), ("PATCH", one, new { title = "mine" }), ("DELETE", one, null),
            ("POST", one + "/stop", new { }), ("POST", one + "/leave-out", new { }), ("POST", one + "/restore", new { }), ("POST", $"{one}/messages/{message}/retry", new { }), ("POST", one + "/change", new { title = "mine" }),
            ("POST", one + "/delete", new { }), ("POST", "/portal/api/chat", new { conversationId = id, message = "hi" }),
        })
        {
            var (status, problem) = await scene.SendAsync(method, path, body, other);
            Assert.True((status, problem.GetProperty("error").GetString()) == (404, "conversation_not_found"), $"{method} {path}: {status} {problem}");
        }

        Assert.Equal(asked, coordinator.Asked.Count);
        Assert.Equal(0, (await scene.SendAsync("GET", "/portal/api/conversations", bearer: other)).Body.GetProperty("conversations").GetArrayLength());
        Assert.Equal("secret of ann", (await scene.SendAsync("GET", "/portal/api/conversations", bearer: key)).Body.GetProperty("conversations")[0].GetProperty("title").GetString());
    }

    [Fact]
    public async Task Wider_class_takes_nothing_along_and_a_deletion_can_be_taken_back_for_a_while()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        await AskAsync(scene, key, id, "for this machine only");
        Assert.Equal(200, (await scene.SendAsync("PATCH", "/portal/api/conversations/" + id, new { dataClass = "team", title = "Wider" }, key)).Status);
        await AskAsync(scene, key, id, "for the team");
        var (reach, _, body) = coordinator.Asked.Last();
        Assert.Equal("team", reach);
        Assert.DoesNotContain("this machine only", body.ToString(), StringComparison.Ordinal);
        Assert.Equal(400, (await scene.SendAsync("PATCH", "/portal/api/conversations/" + id, new { dataClass = "mesh" }, key)).Status);

        Assert.Equal(200, (await scene.SendAsync("DELETE", "/portal/api/conversations/" + id, null, key)).Status);
        Assert.Equal(404, (await scene.SendAsync("GET", $"/portal/api/conversations/{id}/messages", bearer: key)).Status);
        Assert.Equal(200, (await scene.SendAsync("POST", $"/portal/api/conversations/{id}/restore", new { }, key)).Status);
        Assert.Equal(200, (await scene.SendAsync("GET", $"/portal/api/conversations/{id}/messages", bearer: key)).Status);
        await scene.SendAsync("DELETE", "/portal/api/conversations/" + id, null, key);
        scene.Time.Advance(ConversationStore.UndoTime);
        Assert.Equal(404, (await scene.SendAsync("POST", $"/portal/api/conversations/{id}/restore", new { }, key)).Status);
        await scene.Role.Services.GetRequiredService<EdgeCoder.Portal.Composition.ExpiredRows>().PurgeAsync(Stop);
        Assert.Equal(0, await scene.ReadAsync(context => context.Set<ChatMessageRow>().CountAsync(Stop)));
    }

    [Fact]
    public async Task Split_installation_never_offers_local()
    {
        await using var scene = await SceneAsync(new EdgeSettings { CoordinatorUrl = new("https://coordinator.example"), CoordinatorToken = ScriptedCoordinator.Token });
        var key = await scene.PersonAsync("ann@example.org");
        var (status, body) = await scene.SendAsync("POST", "/portal/api/conversations", new { dataClass = "local" }, key);
        Assert.Equal((400, "validation_failed"), (status, body.GetProperty("error").GetString()));
        await ConversationAsync(scene, key);
        Assert.Equal("team", (await scene.SendAsync("GET", "/portal/api/conversations", bearer: key)).Body.GetProperty("conversations")[0].GetProperty("dataClass").GetString());
    }

    [Fact]
    public async Task Answer_of_a_process_that_ended_is_given_up()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Answer = [.. ScriptedCoordinator.Pieces("words")[..1], null];
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        await AskAsync(scene, key, id, "hi", stopAt: "words");
        await scene.Role.Services.GetRequiredService<ChatTurns>().StopAsync(Stop);
        await scene.Role.Services.GetRequiredService<EdgeCoder.Hosting.Storage.IStoreWriter>().WriteAsync(batch => batch.Execute("UPDATE chat_messages SET status = 'streaming' WHERE role = 'assistant'"), Stop);
        await scene.RestartAsync();

        Assert.Equal(0, await scene.Role.Services.GetRequiredService<ChatTurns>().SweepAsync(Stop));
        scene.Time.Advance(TimeSpan.FromMinutes(6));
        await UntilAsync(async () => (await MessagesAsync(scene, id))[^1] == ("assistant", "failed", "stream_interrupted"));
    }

    [Fact]
    public async Task Longest_question_is_taken_in_any_script_also_from_a_form()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        var longest = new string('日', 32_000);
        await AskAsync(scene, key, id, longest);
        using var browser = scene.Browse();
        await browser.SignInAsync("ann@example.org");
        Assert.Equal(303, (await browser.SubmitAsync("/portal/chat/" + id, "/portal/api/chat", ("conversationId", id), ("message", longest))).Status);
    }

    [Fact]
    public async Task Wrong_input_is_told_by_field_and_the_limit_holds()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await SceneAsync(coordinator);
        var key = await scene.PersonAsync("ann@example.org");
        var id = await ConversationAsync(scene, key);
        foreach (var (body, field, code) in new (object, string, string)[]
        {
            (new { conversationId = id, message = "" }, "message", "required"), (new { conversationId = id, message = new string('x', 32_001) }, "message", "too_long"),
            (new { conversationId = id, message = "a\u0007b" }, "message", "invalid"), (new { conversationId = "../x", message = "hi" }, "conversationId", "invalid"), (new { message = "hi" }, "conversationId", "required"),
        })
        {
            var (status, problem) = await scene.SendAsync("POST", "/portal/api/chat", body, key);
            Assert.Equal((400, "validation_failed", code), (status, problem.GetProperty("error").GetString(), problem.GetProperty("fields").GetProperty(field)[0].GetString()));
        }

        Assert.Equal((400, "invalid_id"), (await scene.SendAsync("GET", "/portal/api/conversations/UPPER/messages", bearer: key)) is var (s, p) ? (s, p.GetProperty("error").GetString()) : default);
        Assert.Empty(coordinator.Asked);
        for (var i = 0; i < 30; i++)
        {
            await AskAsync(scene, key, id, "hi");
        }

        var (limited, told) = await scene.SendAsync("POST", "/portal/api/chat", new { conversationId = id, message = "hi" }, key);
        Assert.Equal((429, "rate_limited"), (limited, told.GetProperty("error").GetString()));
    }

    private static async Task UntilAsync(Func<Task<bool>> state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(ProgramRun.Patience);
        while (!await state())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    internal static Task<PortalScene> SceneAsync(ScriptedCoordinator coordinator) => SceneAsync(coordinator.Edges);

    private static Task<PortalScene> SceneAsync(EdgeSettings edges) => PortalScene.StartAsync(change: settings => new()
    {
        Listener = settings.Listener,
        DataDirectory = settings.DataDirectory,
        Uniform = true,
        PasswordIterations = settings.PasswordIterations,
        Mail = settings.Mail,
        Edges = edges,
    });

    private static async Task<string> ConversationAsync(PortalScene scene, string key)
    {
        var (status, body) = await scene.SendAsync("POST", "/portal/api/conversations", new { }, key);
        Assert.Equal(200, status);
        return body.GetProperty("conversationId").GetString()!;
    }

    private static Task<List<SseItem<string>>> AskAsync(PortalScene scene, string key, string id, string message, string? stopAt = null) =>
        StreamAsync(scene, key, "/portal/api/chat", new { conversationId = id, message }, stopAt: stopAt);

    private static async Task<List<SseItem<string>>> StreamAsync(PortalScene scene, string key, string path, object? body, Func<string, Task>? heard = null, CancellationToken? cancel = null, string? lastEventId = null, string? stopAt = null)
    {
        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        var token = cancel ?? Stop;
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(scene.Url, path)) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
        Assert.True(answer.IsSuccessStatusCode, await (answer.IsSuccessStatusCode ? Task.FromResult("") : answer.Content.ReadAsStringAsync(token)));
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(token)).EnumerateAsync(token))
        {
            events.Add(item);
            if (heard is not null)
            {
                await heard(item.Data);
            }

            if (stopAt is not null && item.Data.Contains(stopAt, StringComparison.Ordinal))
            {
                break;
            }
        }

        return events;
    }

    private static string Words(IEnumerable<SseItem<string>> events)
    {
        var words = new StringBuilder();
        foreach (var one in events.Where(one => one.Data.StartsWith('{')))
        {
            // Each event is a whole JSON object (C1).
            if (JsonElement.Parse(one.Data).TryGetProperty("content", out var content))
            {
                words.Append(content.GetString());
            }
        }

        return words.ToString();
    }

    private static Task<List<(string Role, string Status, string? Error)>> MessagesAsync(PortalScene scene, string id) => scene.ReadAsync(async context =>
        (await context.Set<ChatMessageRow>().Where(row => row.ConversationId == id).OrderBy(row => row.Seq).ToListAsync(Stop))
        .ConvertAll(row => (row.Role, EdgeCoder.Hosting.Storage.EnumText.Of(row.Status), row.Error)));
}
