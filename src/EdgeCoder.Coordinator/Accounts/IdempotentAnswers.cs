using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Creating posts with an <c>Idempotency-Key</c> (economy-and-ledger 1.3): the same request with the same key is answered as the first time and does nothing; the
/// answer is kept in the transaction of what it tells of.
/// </summary>
internal sealed class IdempotentAnswers(IStoreWriter writer, TimeProvider time)
{
    private const string Header = "Idempotency-Key";
    private const int MostCharacters = 128;

    /// <summary>
    /// Runs an operation, or gives the answer of the first time. Throws <see cref="Refusal"/> 422 <c>idempotency_key_reused</c> for another request with the key,
    /// 400 <c>validation_failed</c> for a key of more than 128 characters, and what the operation throws.
    /// </summary>
    public async Task<T> RunAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<IStoreBatch, long, T> operation)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!context.Request.Headers.TryGetValue(Header, out var given))
        {
            return await writer.WriteAsync(batch => operation(batch, nowMs), context.RequestAborted);
        }

        var key = given.ToString();
        if (key.Length is < 1 or > MostCharacters)
        {
            throw Refusal.Invalid([new(Header, "1 to 128 characters")]);
        }

        var caller = context.Caller();
        var name = $"{EnumText.Of(caller.Kind)}:{caller.Name}";
        var request = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}\n"), .. context.ReceivedBody().Span]));
        return await writer.WriteAsync(batch => Run(batch, name, key, request, type, operation, nowMs), context.RequestAborted);
    }

    private static T Run<T>(IStoreBatch batch, string caller, string key, string request, JsonTypeInfo<T> type, Func<IStoreBatch, long, T> operation, long nowMs)
    {
        if (batch.Query("SELECT request_sha256, answer FROM idempotency_keys WHERE caller = $1 AND key = $2", row => (Request: row.Text(0), Answer: row.Text(1)), caller, key) is [var before])
        {
            return before.Request == request
                ? JsonSerializer.Deserialize(before.Answer, type)!
                : throw new Refusal(422, "idempotency_key_reused", "This Idempotency-Key was used for another request. Send exactly what was sent first, or another key.");
        }

        var answer = operation(batch, nowMs);
        batch.Insert(new IdempotencyKeyRow { Caller = caller, Key = key, RequestSha256 = request, Answer = JsonSerializer.Serialize(answer, type), CreatedAtMs = nowMs });
        return answer;
    }
}
