using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Ledger.Anchors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.AnchorProxy.Broadcasts;

/// <summary><c>POST /anchor/broadcast</c> (economy-and-ledger 13.5).</summary>
internal static class BroadcastEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapBroadcasts(this IEndpointRouteBuilder routes)
    {
        var desk = routes.ServiceProvider.GetRequiredService<BroadcastDesk>();
        var limit = routes.ServiceProvider.GetRequiredService<BroadcastLimit>();
        routes.MapGuarded("POST", "/anchor/broadcast", ProxyRule.Bearer, async context =>
        {
            var dataHex = DataOf(JsonBody.Read(context, ProxyJson.Default.BroadcastRequest));
            if (!limit.TryTake(out var seconds))
            {
                throw new Refusal(429, "rate_limited", string.Create(CultureInfo.InvariantCulture, $"More than {limit.Most} broadcasts in a minute. Try again in {seconds} s.")) { RetryAfter = seconds, More = Number("maxPerMinute", limit.Most) };
            }

            try
            {
                await TypedResults.Json(new BroadcastAnswer(true, await desk.SendAsync(dataHex, context.RequestAborted).ConfigureAwait(false)), ProxyJson.Default.BroadcastAnswer).ExecuteAsync(context).ConfigureAwait(false);
            }
            catch (AnchorException fault)
            {
                throw Failed("broadcast_failed", fault.Message);
            }
            catch (IOException)
            {
                throw Failed("broadcast_failed", "anchor_proxy_storage: what was signed could not be kept; nothing new was sent.");
            }
        });
    }

    /// <summary>502 with the reason as <c>message</c>; the reason holds no secret.</summary>
    public static Refusal Failed(string code, string message) => new(502, code, message) { More = new Dictionary<string, JsonElement> { ["message"] = JsonSerializer.SerializeToElement(message, ProxyJson.Default.String) } };

    private static string DataOf(BroadcastRequest request)
    {
        if (request.DataHex is not { Length: > 0 } text || text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit))
        {
            throw new Refusal(400, "invalid_data_hex", "dataHex must be the data in hex, two digits a byte.");
        }

        return text.Length <= 2 * DataOutput.MostBytes
            ? text.ToLowerInvariant()
            : throw new Refusal(400, "op_return_data_too_large", $"An output carries at most {DataOutput.MostBytes} bytes of data.") { More = Number("maxBytes", DataOutput.MostBytes) };
    }

    private static Dictionary<string, JsonElement> Number(string name, int value) => new() { [name] = JsonSerializer.SerializeToElement(value, ProxyJson.Default.Int32) };
}

/// <summary>Body of <c>POST /anchor/broadcast</c>.</summary>
/// <param name="DataHex">What the transaction carries.</param>
internal sealed record BroadcastRequest(string? DataHex);

/// <summary>Its answer.</summary>
/// <param name="Ok">Always true.</param>
/// <param name="Txid">The transaction.</param>
internal sealed record BroadcastAnswer(bool Ok, string Txid);

/// <summary>Messages of the proxy.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BroadcastRequest))]
[JsonSerializable(typeof(BroadcastAnswer))]
[JsonSerializable(typeof(Confirmations.ConfirmationAnswer))]
[JsonSerializable(typeof(Health.HealthAnswer))]
[JsonSerializable(typeof(Health.DetailedAnswer))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
internal sealed partial class ProxyJson : JsonSerializerContext;
