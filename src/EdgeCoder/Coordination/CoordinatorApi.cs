using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordination;

/// <summary>
/// A coordinator as a person's commands use it: the submitter's client, and a second one for the operator's token; refusals become messages with commands and
/// exit codes.
/// </summary>
internal sealed class CoordinatorApi(Access access) : IDisposable
{
    private SubmitterClient? _submitter;
    private SubmitterClient? _operator;

    /// <summary>Opens it as the environment says.</summary>
    public static CoordinatorApi Open(Surroundings surroundings) => new(Access.Read(surroundings));

    /// <summary>Account that submissions are charged to, where one is set.</summary>
    public string? AccountId => access.AccountId;

    private SubmitterClient Submitter => _submitter ??= Client(
        access.ApiKey ?? throw new UsageException("api_key_missing", $"There is no API key for {access.CoordinatorUrl} on this machine.", "Run this where edgecoder up was started, with the same EDGECODER_DATA_DIR; or let an operator run edgecoder account create, and set EDGECODER_API_KEY."));

    private SubmitterClient Operator => _operator ??= Client(
        access.AdminToken ?? throw new UsageException("admin_token_missing", $"There is no operator's token for {access.CoordinatorUrl} on this machine.", "Run this where edgecoder up was started, or set ADMIN_API_TOKEN."));

    /// <summary>Sends JSON as a submitter and reads JSON. Throws <see cref="CoordinatorException"/>, as every member.</summary>
    public Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) =>
        SayAsync(Submitter.PostAsync(path, body, bodyType, answerType, cancellationToken));

    /// <summary>Reads JSON as a submitter.</summary>
    public Task<TAnswer> GetAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) => SayAsync(Submitter.GetAsync(path, answerType, cancellationToken));

    /// <summary>Reads JSON as it came.</summary>
    public Task<string> GetTextAsync(string path, bool asOperator, CancellationToken cancellationToken) => SayAsync((asOperator ? Operator : Submitter).GetTextAsync(path, cancellationToken));

    /// <summary>Sends JSON as a submitter and gives the answer as it came.</summary>
    public Task<string> SendAsync(string path, string json, CancellationToken cancellationToken) => SayAsync(Submitter.PostTextAsync(path, json, cancellationToken));

    /// <summary>Sends JSON as an operator and gives the answer as it came.</summary>
    public Task<string> OperateAsync(string path, string json, CancellationToken cancellationToken) => SayAsync(Operator.PostTextAsync(path, json, cancellationToken));

    /// <summary>Stores bytes under their hash; what is there already is not sent again.</summary>
    public async Task PutBlobAsync(string sha256, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await Submitter.PutBlobAsync(sha256, bytes, cancellationToken);
        }
        catch (SubmitterException fault)
        {
            throw CoordinatorException.Of(fault);
        }
    }

    /// <summary>Bytes of a blob.</summary>
    public Task<byte[]> GetBlobAsync(string sha256, CancellationToken cancellationToken) => SayAsync(Submitter.GetBlobAsync(sha256, cancellationToken));

    /// <summary>The events of a task as they come, until <c>end</c>. A broken connection is taken up again after the last event seen.</summary>
    public async IAsyncEnumerable<TaskEvent> FollowAsync(string taskId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var events = Submitter.FollowAsync(taskId, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await SayAsync(events.MoveNextAsync().AsTask()))
        {
            yield return events.Current;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _submitter?.Dispose();
        _operator?.Dispose();
    }

    private SubmitterClient Client(string credential) => new(new() { Coordinator = new(access.CoordinatorUrl), ApiKey = credential, AccountId = access.AccountId }, TimeProvider.System);

    private static async Task<T> SayAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (SubmitterException fault)
        {
            throw CoordinatorException.Of(fault);
        }
    }
}
