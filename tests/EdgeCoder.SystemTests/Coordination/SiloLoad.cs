using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>The submitters of a load over several coordinators, and the count of what those took.</summary>
internal sealed class SiloLoad(HttpClient http, string apiKey, IReadOnlyList<Uri> silos)
{
    private readonly ConcurrentDictionary<Uri, int> _taken = new();
    private readonly ConcurrentBag<(Uri By, int Count, TaskCompletionSource Reached)> _waiting = [];

    /// <summary>Results taken so far.</summary>
    public int Count => _taken.Values.Sum();

    /// <summary>Results that a coordinator took so far.</summary>
    public int CountBy(Uri silo) => _taken.GetValueOrDefault(silo);

    /// <summary>Notes a result.</summary>
    public void Reported(Uri by)
    {
        var count = _taken.AddOrUpdate(by, 1, (_, before) => before + 1);
        foreach (var wait in _waiting)
        {
            if (wait.By == by && count >= wait.Count)
            {
                wait.Reached.TrySetResult();
            }
        }
    }

    /// <summary>Ends when a coordinator has taken a number of results.</summary>
    public Task TakenBy(Uri silo, int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((silo, count, reached));
        if (CountBy(silo) >= count)
        {
            reached.TrySetResult();
        }

        return reached.Task;
    }

    /// <summary>Submits tasks one after the other, each until it was accepted: where no answer came it is sent again, with the same id, to the next coordinator.</summary>
    public async Task SubmitAsync(int from, int count, int at, CancellationToken cancellationToken)
    {
        for (var n = from; n < from + count;)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(silos[at++ % silos.Count], "tasks"));
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
                request.Content = new StringContent(
                    $$"""{"taskId":"load-{{n}}","prompt":"say hello","kind":"single_step","maxAttempts":10,"subtasks":[{"prompt":"say hello","timeoutMs":1000,"attemptTimeoutMs":10000}]}""", Encoding.UTF8, "application/json");
                using var answer = await http.SendAsync(request, cancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    n++;
                }
                else
                {
                    Assert.True((int)answer.StatusCode >= 500, $"/tasks: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Follows a task to its end and gives its state; where a coordinator has no answer, it is asked again, as clients do.</summary>
    public async Task<string> EndAsync(string taskId, Uri silo, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var state = await FollowAsync(taskId, silo, cancellationToken);
                if (state is "completed" or "failed" or "cancelled" or "escalated")
                {
                    return state;
                }
            }
            catch (Exception fault) when (fault is IOException or HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError } || (fault is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await Task.Yield();
            }
        }
    }

    private async Task<string> FollowAsync(string taskId, Uri silo, CancellationToken cancellationToken)
    {
        using (var events = await GetAsync(new Uri(silo, $"tasks/{taskId}/events"), cancellationToken))
        {
            await using var body = await events.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
            {
                if (item.Data is not "" && (string?)JsonNode.Parse(item.Data)!["type"] == "end")
                {
                    break;
                }
            }
        }

        using var answer = await GetAsync(new Uri(silo, $"tasks/{taskId}"), cancellationToken);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!["state"]!;
    }

    private async Task<HttpResponseMessage> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return answer.EnsureSuccessStatusCode();
    }
}
