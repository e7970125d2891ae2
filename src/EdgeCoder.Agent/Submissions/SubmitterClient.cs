using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Agent.Submissions;

/// <summary>
/// A coordinator as a submitter uses it (coordinator-and-mesh 4): gives tasks, follows them, takes results. Every member throws
/// <see cref="SubmitterException"/> when the coordinator refuses or cannot be reached.
/// </summary>
public sealed class SubmitterClient : IDisposable
{
    private const int MostBreaks = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly SubmitterHttp _http;
    private readonly SubmitterAccess _access;
    private readonly TimeProvider _time;

    /// <summary>Opens no connection yet. Throws <see cref="ArgumentException"/> for an address that credentials may not be sent to.</summary>
    /// <param name="access">Where, and as whom.</param>
    /// <param name="time">Clock of the pauses between connections.</param>
    /// <param name="handler">How bytes travel; null for plain connections without redirects and proxies.</param>
    public SubmitterClient(SubmitterAccess access, TimeProvider time, HttpMessageHandler? handler = null) => (_access, _time, _http) = (access, time, new(access, handler));

    /// <summary>Account that submissions are charged to, where one is set.</summary>
    public string? AccountId => _access.AccountId;

    /// <summary>Gives a task. The same <see cref="TaskSubmission.TaskId"/> and content again changes nothing and gets the same answer.</summary>
    public Task<TaskAccepted> SubmitAsync(TaskSubmission task, CancellationToken cancellationToken)
    {
        var whole = task with { SubmitterAccountId = task.SubmitterAccountId ?? _access.AccountId };
        return PostAsync("tasks", whole, MeshJson.Default.TaskSubmission, MeshJson.Default.TaskAccepted, cancellationToken);
    }

    /// <summary>Where a task is.</summary>
    public Task<TaskView> StatusAsync(string taskId, CancellationToken cancellationToken) => GetAsync(PathOf(taskId), MeshJson.Default.TaskView, cancellationToken);

    /// <summary>The newest tasks.</summary>
    /// <param name="limit">Most of them, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<TaskList> ListAsync(int limit, CancellationToken cancellationToken) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"tasks?limit={limit}"), MeshJson.Default.TaskList, cancellationToken);

    /// <summary>The verified result; before the end only id and state.</summary>
    public Task<TaskResult> ResultAsync(string taskId, CancellationToken cancellationToken) => GetAsync(PathOf(taskId) + "/result", MeshJson.Default.TaskResult, cancellationToken);

    /// <summary>Why a task is where it is.</summary>
    public Task<TaskExplanation> ExplainAsync(string taskId, CancellationToken cancellationToken) => GetAsync(PathOf(taskId) + "/explain", MeshJson.Default.TaskExplanation, cancellationToken);

    /// <summary>Stops a task; what was already reported is still verified and paid.</summary>
    public Task<TaskResult> CancelAsync(string taskId, string? reason, CancellationToken cancellationToken) =>
        PostAsync(PathOf(taskId) + "/cancel", new CancelRequest(reason), MeshJson.Default.CancelRequest, MeshJson.Default.TaskResult, cancellationToken);

    /// <summary>Stores bytes under their hash; what is there already is not sent again by the coordinator's own rule.</summary>
    /// <param name="sha256">64 hex digits.</param>
    /// <param name="bytes">Content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task PutBlobAsync(string sha256, byte[] bytes, CancellationToken cancellationToken) =>
        await _http.TextAsync(HttpMethod.Put, $"blobs/{sha256}", SubmitterHttp.Bytes(bytes, "application/octet-stream"), cancellationToken).ConfigureAwait(false);

    /// <summary>Bytes of a blob.</summary>
    public async Task<byte[]> GetBlobAsync(string sha256, CancellationToken cancellationToken)
    {
        using var answer = await _http.SendAsync(HttpMethod.Get, $"blobs/{sha256}", null, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The events of a task as they come, until <c>end</c>. A broken connection is taken up again behind the last event seen, five times without a new event.
    /// </summary>
    /// <param name="taskId">The task.</param>
    /// <param name="after">Sequence number of the last event that is known already; 0 for none.</param>
    /// <param name="cancellationToken">Ends the following, not the task.</param>
    public async IAsyncEnumerable<TaskEvent> FollowAsync(string taskId, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var broken = 0; broken < MostBreaks; broken++)
        {
            if (broken > 0)
            {
                await Task.Delay(FirstPause * (1 << broken), _time, cancellationToken).ConfigureAwait(false);
            }

            var events = ReadEventsAsync(taskId, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (events.ConfigureAwait(false))
            {
                while (await NextAsync(events, isFirst: broken == 0 && after == 0).ConfigureAwait(false))
                {
                    broken = 0;
                    after = events.Current.Sequence;
                    yield return events.Current;
                    if (events.Current.Type == "end")
                    {
                        yield break;
                    }
                }
            }
        }

        throw new SubmitterException(SubmitterException.Unreachable, "The coordinator ended the connection again and again.", "Look later: edgecoder status " + taskId);
    }

    /// <summary>Reads JSON of a route that has no member here.</summary>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) => _http.JsonAsync(HttpMethod.Get, path, null, type, cancellationToken);

    /// <summary>Sends JSON to a route that has no member here, and reads JSON.</summary>
    public Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) =>
        _http.JsonAsync(HttpMethod.Post, path, SubmitterHttp.Json(body, bodyType), answerType, cancellationToken);

    /// <summary>Reads a route as it answers.</summary>
    public Task<string> GetTextAsync(string path, CancellationToken cancellationToken) => _http.TextAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends JSON that is written already, and gives the answer as it came.</summary>
    public Task<string> PostTextAsync(string path, string json, CancellationToken cancellationToken) =>
        _http.TextAsync(HttpMethod.Post, path, SubmitterHttp.Bytes(System.Text.Encoding.UTF8.GetBytes(json), "application/json"), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string PathOf(string taskId) => $"tasks/{Uri.EscapeDataString(taskId)}";

    // Whoever could be reached once may come back; whoever never could is told of at once.
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<TaskEvent> events, bool isFirst)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException || (!isFirst && fault is SubmitterException { Status: null or >= 500 }))
        {
            return false;
        }
    }

    private async IAsyncEnumerable<TaskEvent> ReadEventsAsync(string taskId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _http.SendAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{PathOf(taskId)}/events?after={after}"), null, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                if (item.Data is not "")
                {
                    yield return SubmitterHttp.Read(item.Data, MeshJson.Default.TaskEvent);
                }
            }
        }
    }
}
