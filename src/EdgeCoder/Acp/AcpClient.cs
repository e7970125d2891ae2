using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeCoder.Acp;

/// <summary>The editor, as one session sees it.</summary>
internal sealed class AcpClient(RpcConnection connection, string sessionId, bool readsFiles)
{
    /// <summary>Cancelled when the editor is gone.</summary>
    public CancellationToken Closed => connection.Closed;

    /// <summary>Shows an update.</summary>
    public Task ShowAsync(AcpUpdate update) =>
        connection.NotifyAsync("session/update", JsonSerializer.SerializeToUtf8Bytes(new(sessionId, update), AcpJson.Default.SessionNotification));

    /// <summary>Says something.</summary>
    public Task SayAsync(string text) => ShowAsync(AcpUpdates.Message("agent_message_chunk", text));

    /// <summary>
    /// Asks the person. Null when they took nothing: the turn was cancelled, or the answer is none of the options. Throws <see cref="IOException"/> when the
    /// editor is gone.
    /// </summary>
    public async Task<string?> AskAsync(AcpPermissionCall call, IReadOnlyList<AcpOption> options, CancellationToken cancellationToken)
    {
        var response = await RequestAsync("session/request_permission", new(sessionId, call, options), AcpJson.Default.PermissionRequest, AcpJson.Default.PermissionResponse, cancellationToken);
        var chosen = response.Outcome is { Outcome: "selected", OptionId: { } id } ? id : null;
        return options.Any(option => option.OptionId == chosen) ? chosen : null;
    }

    /// <summary>A file as the editor has it, saved or not; null where the editor does not tell or has no such file.</summary>
    public async Task<string?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!readsFiles)
        {
            return null;
        }

        try
        {
            return (await RequestAsync("fs/read_text_file", new(sessionId, path), AcpJson.Default.ReadTextFileRequest, AcpJson.Default.ReadTextFileResponse, cancellationToken)).Content;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private async Task<TResponse> RequestAsync<TRequest, TResponse>(string method, TRequest request, JsonTypeInfo<TRequest> asked, JsonTypeInfo<TResponse> answered, CancellationToken cancellationToken)
    {
        var answer = await connection.RequestAsync(method, JsonSerializer.SerializeToUtf8Bytes(request, asked), cancellationToken);
        try
        {
            return answer.Deserialize(answered) ?? throw new JsonException("null");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new RpcException(RpcException.InternalError, $"The client's answer to {method} cannot be read.");
        }
    }
}
