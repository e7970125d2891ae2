using System.Text.Json;

namespace EdgeCoder.Acp;

/// <summary>What a connection's owner does with what comes in. The other side is a program.</summary>
internal interface IRpcHandler
{
    /// <summary>Answers a request: a JSON object as UTF-8. Throws <see cref="RpcException"/> for an error of its own. Runs until its first wait before anything else is read.</summary>
    Task<byte[]> AnswerAsync(string method, JsonElement parameters, CancellationToken cancellationToken);

    /// <summary>Takes a notification; what it does not know it leaves alone.</summary>
    void Take(string method, JsonElement parameters);
}
