using System.Text.Json;

namespace EdgeCoder.Acp;

/// <summary>What a connection's owner does with what comes in. The other side is a program.</summary>
internal interface IRpcHandler
{
    /// <summary>Answers a request. Throws <see cref="RpcException"/> for an error of its own. Runs until its first wait before anything else is read.</summary>
    Task<RpcAnswer> AnswerAsync(string method, JsonElement parameters, CancellationToken cancellationToken);

    /// <summary>Takes a notification; what it does not know it leaves alone.</summary>
    void Take(string method, JsonElement parameters);
}

/// <summary>An answer.</summary>
/// <param name="Result">A JSON object as UTF-8.</param>
/// <param name="Then">What happens once the answer is on its way; null: nothing.</param>
internal sealed record RpcAnswer(byte[] Result, Func<Task>? Then = null);
